// What the tests of this module share: models made on the spot, and folders that go with them.
#pragma once

#include <cstdlib>
#include <filesystem>

#include "valence/base/base.hpp"
#include "valence/ml/model/vmodel.hpp"
#include "valence/ml/testing/random.hpp"

namespace valence::compute::testing {

/// Deleted with all in it.
class TestFolder {
public:
    TestFolder() {
        auto pattern = (std::filesystem::temp_directory_path() / "valence-compute-XXXXXX").string();
        VALENCE_CHECK(mkdtemp(pattern.data()) != nullptr);
        path_ = pattern;
    }
    ~TestFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TestFolder(const TestFolder&) = delete;
    TestFolder& operator=(const TestFolder&) = delete;

    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// y = W·x of `rows` rows of 300 weights, 600 bytes each; another one for every seed.
inline ml::Graph dense_graph(std::uint32_t rows, std::uint64_t seed = 1) {
    ml::Graph graph;
    graph.main.tensors = {{ml::ElementType::activation, {300}, 8}, {ml::ElementType::activation, {rows}, 8}};
    graph.main.inputs = {0};
    graph.main.nodes = {{ml::Linear{0, {}, {}, {.shift = 16}}, {0}, {1}, ""}};
    graph.main.outputs = {1};
    graph.inputs = {{"x", "", 0, {}}};
    graph.outputs = {{"y", "", 1, {}}};
    ml::Weight weight{ml::WeightType::int16, {rows, 300}, Bytes(std::size_t{rows} * 300 * 2)};
    ml::testing::Random random{seed};
    for (auto& byte : weight.data)
        byte = static_cast<std::uint8_t>(random.next());
    graph.weights.push_back(std::move(weight));
    return graph;
}

/// Of about `chunks` transport chunks.
inline Bytes dense_model(std::uint32_t chunks, std::uint64_t seed = 1) {
    return ml::encode_model(dense_graph(chunks * 436, seed));
}

}  // namespace valence::compute::testing
