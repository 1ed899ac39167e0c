// The runners of data availability find every wrong value: files of each kind, right and then with one value
// after the other changed.
#include "da_suites.hpp"

#include <gtest/gtest.h>

#include "valence/base/base64.hpp"
#include "valence/crypto/sha256.hpp"
#include "valence/da/coding/reed_solomon.hpp"
#include "valence/da/da.hpp"
#include "valence/da/extended/roots.hpp"
#include "valence/da/testing/random_data.hpp"

namespace valence::conformance {
namespace {

using da::testing::Random;

template <typename Range>
json::array texts(const Range& items) {
    json::array out;
    for (const auto& item : items)
        out.push_back(json::value(base::to_base64(item)));
    return out;
}

json::object roots_of(const da::SquareRoots& roots) {
    return {{"row_roots", texts(roots.rows)}, {"column_roots", texts(roots.columns)}};
}

da::ExtendedSquare extended() {
    Random random{1};
    const std::vector<Bytes> block{random.bytes(300), random.blob_transaction(2, 500)};
    return da::ExtendedSquare::extend(da::build_square(block).value().shares).value();
}

json::value block_file() {
    Random random{1};
    const std::vector<Bytes> block{random.bytes(300), random.bytes(700)};
    const auto square = da::ExtendedSquare::extend(da::build_square(block).value().shares).value();
    return json::object{{"txs", texts(block)},
                        {"data_hash", base::to_hex(da::roots_of(square).value().data_root())}};
}

json::value square_file() {
    const auto square = extended();
    const auto roots = da::roots_of(square).value();
    auto file = roots_of(roots);
    file["ods_shares_b64"] = texts(square.data());
    file["data_root"] = base::to_hex(roots.data_root());
    return file;
}

json::value extended_file() { return json::object{{"data_square", texts(extended().shares())}}; }

json::value header_file() {
    const auto roots = da::roots_of(extended()).value();
    return json::object{{"header", json::object{{"data_hash", base::to_hex(roots.data_root())}}},
                        {"dah", roots_of(roots)}};
}

json::value blob_file() {
    Random random{2};
    const da::Blob blob{random.name(), da::kShareVersionPlain, random.bytes(1000), {}};
    return json::object{{"namespace", base::to_base64(blob.name)},
                        {"data", base::to_base64(blob.data)},
                        {"share_version", 0},
                        {"commitment", base::to_base64(da::blob_commitment(blob))}};
}

json::value parity_file() {
    Bytes data(2 * 64);
    for (std::size_t i = 0; i < data.size(); ++i)
        data[i] = static_cast<std::uint8_t>(3 * (i / 64) + 5 * (i % 64) + 1);
    Bytes parity(data.size());
    da::encode(2, {data.data(), 64, 64}, {parity.data(), 64, 64});
    const BytesView view{parity};
    return json::object{
        {"data_rule", "byte j of shard i = (3*i + 5*j + 1) mod 256"},
        {"cases", json::array{json::object{{"k", 2},
                                           {"shard_len", 64},
                                           {"field", "GF(2^8)"},
                                           {"parity_sha256", base::to_hex(crypto::sha256(parity))},
                                           {"parity_first", base::to_hex(view.first(64))},
                                           {"parity_last", base::to_hex(view.last(64))}}}}};
}

json::value layout_file() {
    return json::object{{"mmr_sizes", json::array{json::object{
                                          {"total", 11}, {"max", 4}, {"sizes", json::array{4, 4, 2, 1}}}}},
                        {"subtree_width_threshold_64", json::object{{"65", 2}, {"1000", 16}}}};
}

json::value proof_file() {
    Random random{3};
    const std::vector<Bytes> block{random.blob_transaction(1, 60'000)};
    const auto square = da::build_square(block).value();
    const auto wide = da::ExtendedSquare::extend(square.shares).value();
    const auto roots = da::roots_of(wide).value();
    const auto& place = square.blobs[0];
    const auto proof = da::prove_commitment(wide, roots, place.index, place.share_count).value();
    json::array subtree_proofs;
    for (const auto& p : proof.subtree_proofs) {
        subtree_proofs.push_back(json::object{{"start", p.start},
                                              {"end", p.end},
                                              {"nodes", texts(p.nodes)},
                                              {"is_max_namespace_ignored", true}});
    }
    json::array row_proofs;
    for (const auto& p : proof.rows.proofs) {
        row_proofs.push_back(json::object{{"total", std::to_string(p.total)},
                                          {"index", std::to_string(p.index)},
                                          {"leaf_hash", base::to_base64(p.leaf_hash)},
                                          {"aunts", texts(p.aunts)}});
    }
    json::object rows{{"row_roots", texts(proof.rows.roots)},
                      {"proofs", row_proofs},
                      {"start_row", proof.rows.first},
                      {"end_row", proof.rows.last}};
    json::object inner{{"subtree_roots", texts(proof.subtree_roots)},
                       {"subtree_root_proofs", subtree_proofs},
                       {"namespace_id", base::to_base64(proof.name.id())},
                       {"namespace_version", 0},
                       {"row_proof", rows}};
    return json::array{
        json::object{{"commitment_proof", inner}, {"root", base::to_base64(roots.data_root())}}};
}

struct Kind {
    std::string_view suite;
    json::value (*file)();
};

constexpr Kind kKinds[] = {{"da block", block_file},
                           {"da square", square_file},
                           {"da extended square", extended_file},
                           {"da header", header_file},
                           {"da blob", blob_file},
                           {"da parity", parity_file},
                           {"da layout", layout_file},
                           {"da commitment proof", proof_file}};

/// As valence-conformance runs it: by the first suite that knows it.
FileReport run(const json::value& root) {
    const std::filesystem::path path{"file.json"};
    const Fixture fixture{path, root};
    FileReport report{"file.json", "unknown"};
    for (const auto& suite : da_suites()) {
        if (!suite.recognises(fixture)) continue;
        report.set_suite(std::string{suite.name});
        try {
            suite.run(fixture, report);
        } catch (const std::exception& e) {
            report.fail("", e.what());
        }
        break;
    }
    return report;
}

std::size_t count(const FileReport& report, Verdict verdict) {
    return static_cast<std::size_t>(std::count_if(report.cases().begin(), report.cases().end(),
                                                  [&](const auto& c) { return c.verdict == verdict; }));
}

/// All numbers, flags and texts in a value.
void collect(json::value& value, std::vector<json::value*>& leaves) {
    if (auto* object = value.if_object()) {
        for (auto& member : *object)
            collect(member.value(), leaves);
    } else if (auto* array = value.if_array()) {
        for (auto& item : *array)
            collect(item, leaves);
    } else {
        leaves.push_back(&value);
    }
}

void change(json::value& leaf) {
    if (leaf.is_bool()) {
        leaf = !leaf.get_bool();
    } else if (leaf.is_string()) {
        auto& text = leaf.get_string();
        auto& character = text[text.size() / 2];
        character = character == '1' ? '2' : '1';
    } else {
        leaf = leaf.to_number<std::int64_t>() + 1;
    }
}

TEST(DaSuites, KnowTheirFilesAndPassThem) {
    for (const auto& [suite, file] : kKinds) {
        const auto report = run(file());
        EXPECT_EQ(report.suite(), suite);
        EXPECT_EQ(count(report, Verdict::failed), 0u) << suite;
        EXPECT_GT(count(report, Verdict::passed), 0u) << suite;
    }
}

TEST(DaSuites, FailForEveryWrongValue) {
    for (const auto& [suite, file] : kKinds) {
        auto root = file();
        std::vector<json::value*> leaves;
        collect(root, leaves);
        for (auto* leaf : leaves) {
            const auto right = *leaf;
            change(*leaf);
            EXPECT_GT(count(run(root), Verdict::failed), 0u)
                << suite << ": " << json::serialize(right).substr(0, 80) << " as "
                << json::serialize(*leaf).substr(0, 80);
            *leaf = right;
        }
    }
}

}  // namespace
}  // namespace valence::conformance
