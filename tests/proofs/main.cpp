// valence-proof-samples FOLDER SEED CHANGED: writes a random graph of every operation, some of several, and
// two of many activations, each with its proof and as many changed copies of that, one bit each, for another
// verifier to read. For each graph a NAME.vkey, for each proof a NAME.proof, and in the file `verdicts` a
// line for each proof: name of the key, name of the proof, and what the node's own verifier says: "valid", or
// the check that refuses it.
#include <cstdio>
#include <fstream>

#include <fmt/format.h>

#include "valence/ml/model/verifying_key.hpp"
#include "valence/ml/testing/random.hpp"
#include "valence/ml/testing/random_graph.hpp"
#include "valence/zk/protocol/files/proof_file.hpp"
#include "valence/zk/prover/prove.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace valence::zk {
namespace {

/// Graphs of several operations.
constexpr int kMixed = 4;
/// Graphs that are tried until one has a proof.
constexpr std::uint64_t kAttempts = 20;

std::string_view name_of(std::error_code code) {
    constexpr std::pair<ProofError, std::string_view> kNames[] = {
        {ProofError::truncated, "truncated"},
        {ProofError::trailing_bytes, "trailing_bytes"},
        {ProofError::not_canonical, "not_canonical"},
        {ProofError::wrong_grinding, "wrong_grinding"},
        {ProofError::merkle_mismatch, "merkle_mismatch"},
        {ProofError::sumcheck_mismatch, "sumcheck_mismatch"},
        {ProofError::lookup_mismatch, "lookup_mismatch"},
        {ProofError::opening_mismatch, "opening_mismatch"},
        {ProofError::wrong_statement, "wrong_statement"},
        {ProofError::bad_parameters, "bad_parameters"},
        {ProofError::other_model, "other_model"},
    };
    for (const auto& [error, name] : kNames) {
        if (code == make_error_code(error)) return name;
    }
    if (code == make_error_code(CircuitError::bad_flags)) return "bad_flags";
    if (code == make_error_code(CircuitError::unsupported_operation)) return "unsupported_operation";
    return "other";
}

class Samples {
public:
    explicit Samples(std::string folder) : folder_(std::move(folder)), verdicts_(folder_ + "/verdicts") {}

    void write_key(const std::string& name, const ProvableModel& model) {
        const Bytes key = ml::encode_verifying_key(ml::verifying_key(*model.graph));
        write(name + ".vkey", key);
    }
    void write_proof(const std::string& key, const std::string& name, const ProvableModel& model,
                     const ProofFile& file) {
        write(name + ".proof", encode_proof_file(file).value());
        const auto verdict = verify(model, file.statement(), file.proof);
        verdicts_ << key << ' ' << name << ' ' << (verdict ? "valid" : name_of(verdict.error().code)) << '\n';
    }
    bool written() { return static_cast<bool>(verdicts_.flush()); }

private:
    void write(const std::string& name, BytesView bytes) {
        std::ofstream(folder_ + "/" + name, std::ios::binary)
            .write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    }

    std::string folder_;
    std::ofstream verdicts_;
};

/// One bit of the statement or of the proof.
ProofFile changed(const ProofFile& file, ml::testing::Random& random) {
    ProofFile other = file;
    if (random.below(8) == 0) {
        auto& tensor = random.below(2) == 0 ? other.outputs.back() : other.inputs.front();
        tensor.data[random.below(tensor.data.size())] ^= 1;
        return other;
    }
    // As often among the first bytes, where flags and sums are, as among all, most of which are opened
    // leaves.
    const auto among =
        random.below(2) == 0 ? std::min<std::size_t>(3000, other.proof.size()) : other.proof.size();
    other.proof[random.below(among)] ^= static_cast<std::uint8_t>(1U << random.below(8));
    return other;
}

/// Whether the graph has a proof.
bool add_sample(Samples& samples, const std::string& name, const std::shared_ptr<const ml::Graph>& graph,
                std::uint64_t seed, int copies) {
    ml::testing::Random random(seed);
    const auto model = ProvingModel::commit(graph);
    if (!model) return false;
    const auto inputs = ml::testing::random_inputs(*graph, seed);
    const SecurityProfile& profile = seed % 4 == 0 ? kProfile128 : kProfile100;
    constexpr std::uint8_t kContext[] = {1, 9, 8, 6};
    auto proved = prove(model.value(), inputs, kContext, profile);
    if (!proved) return false;
    const ProvableModel& provable = model.value().provable();
    const ProofFile file{provable.id, inputs, proved.value().outputs, base::to_bytes(kContext),
                         proved.value().proof};
    samples.write_key(name, provable);
    samples.write_proof(name, name, provable, file);
    for (int k = 0; k < copies; ++k)
        samples.write_proof(name, fmt::format("{}-changed-{}", name, k), provable, changed(file, random));
    return true;
}

/// Of a graph of one kind of operation (−1: of all kinds).
void add_samples(Samples& samples, const std::string& name, int kind, std::uint64_t seed, int copies) {
    for (std::uint64_t attempt = 0; attempt < kAttempts; ++attempt) {
        const auto graph = std::make_shared<const ml::Graph>(ml::testing::random_graph(
            seed + attempt, {.nodes = kind < 0 ? 8U : 2U, .elements = 60, .only = kind}));
        if (add_sample(samples, name, graph, seed + attempt, copies)) return;
    }
}

/// So many activations, requantised: those that models with wide limbs have.
std::shared_ptr<const ml::Graph> many_activations(std::uint32_t elements, std::int16_t low) {
    ml::Graph graph;
    graph.main.tensors = {{ml::ElementType::activation, {elements}, 8},
                          {ml::ElementType::activation, {elements}, 8}};
    graph.main.inputs = {0};
    graph.main.outputs = {1};
    graph.inputs = {{"x", "", 0, {}}};
    graph.outputs = {{"y", "", 1, {}}};
    graph.main.nodes = {{ml::Combination{{3}, {}, {9, low, 32767}}, {0}, {1}, ""}};
    return std::make_shared<const ml::Graph>(std::move(graph));
}

}  // namespace
}  // namespace valence::zk

int main(int count, char** arguments) {
    if (count != 4) {
        std::fputs("usage: valence-proof-samples FOLDER SEED CHANGED\n", stderr);
        return 2;
    }
    valence::zk::Samples samples(arguments[1]);
    const std::uint64_t seed = std::strtoull(arguments[2], nullptr, 10);
    const int copies = std::atoi(arguments[3]);
    constexpr int kKinds = static_cast<int>(std::variant_size_v<valence::ml::Operation>);
    const auto add = [&](const char* what, int number, int kind) {
        valence::zk::add_samples(samples, fmt::format("{}-{}", what, number), kind,
                                 1000 * seed + static_cast<std::uint64_t>(kKinds * (kind < 0) + number),
                                 copies);
    };
    for (int kind = 0; kind < kKinds; ++kind)
        add("operation", kind, kind);
    for (int number = 0; number < valence::zk::kMixed; ++number)
        add("mixed", number, -1);
    using valence::zk::many_activations;
    valence::zk::add_sample(samples, "wide-15", many_activations(12'100, 0), 1000 * seed + 1, copies);
    valence::zk::add_sample(samples, "wide-16", many_activations(24'100, -32768), 1000 * seed + 2, copies);
    return samples.written() ? 0 : 1;
}
