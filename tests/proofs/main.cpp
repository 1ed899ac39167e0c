// valence-proof-samples FOLDER SEED CHANGED: writes a random graph of every operation, and some of several,
// each with its proof and as many changed copies of that, one bit each, for another verifier to read. For
// each graph a NAME.vkey, for each proof a NAME.proof, and in the file `verdicts` a line for each proof: name
// of the key, name of the proof, and what the node's own verifier says: "valid", or the check that refuses
// it.
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

/// Of a graph of one kind of operation (−1: of all kinds).
void add_samples(Samples& samples, const std::string& name, int kind, std::uint64_t seed, int copies) {
    ml::testing::Random random(seed);
    for (std::uint64_t attempt = 0; attempt < kAttempts; ++attempt) {
        const auto graph = std::make_shared<const ml::Graph>(ml::testing::random_graph(
            seed + attempt, {.nodes = kind < 0 ? 8U : 2U, .elements = 60, .only = kind}));
        const auto model = ProvingModel::commit(graph);
        if (!model) continue;
        const auto inputs = ml::testing::random_inputs(*graph, seed);
        const SecurityProfile& profile = (seed + attempt) % 4 == 0 ? kProfile128 : kProfile100;
        constexpr std::uint8_t kContext[] = {1, 9, 8, 6};
        auto proved = prove(model.value(), inputs, kContext, profile);
        if (!proved) continue;
        const ProvableModel& provable = model.value().provable();
        const ProofFile file{provable.id, inputs, proved.value().outputs, base::to_bytes(kContext),
                             proved.value().proof};
        samples.write_key(name, provable);
        samples.write_proof(name, name, provable, file);
        for (int k = 0; k < copies; ++k)
            samples.write_proof(name, fmt::format("{}-changed-{}", name, k), provable, changed(file, random));
        return;
    }
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
    return samples.written() ? 0 : 1;
}
