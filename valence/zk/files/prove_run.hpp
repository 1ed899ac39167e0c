// One run of a model on inputs from a file, and its proof: what `valence prove` does.
#pragma once

#include <chrono>
#include <string>

#include "valence/zk/protocol/files/proof_file.hpp"
#include "valence/zk/prover/prove.hpp"

namespace valence::zk {

struct RunOptions {
    /// Samples (ml/check/samples.hpp); empty: zeros.
    std::string input;
    /// Which of them, from 0.
    std::size_t sample = 0;
    SecurityProfile profile = kProfile100;
    /// What the proof is bound to.
    Bytes context;
    unsigned threads = 1;
};

struct ProvedRun {
    using Milliseconds = std::chrono::duration<double, std::milli>;

    ProvingModel model;
    ProofFile file;
    /// How many samples there were.
    std::size_t samples = 0;
    /// Input elements that were out of the model's range and moved to its end.
    std::uint64_t saturated = 0;
    Milliseconds native{};  // the run alone
    Milliseconds commit{};  // once for each model
    Milliseconds prove{};
};

/// Runs a validated graph, proves the run, and verifies the proof. Errors: those of reading inputs and of
/// proving; ModelError::invalid_input if there is no such sample.
Result<ProvedRun> prove_run(ml::Graph graph, const RunOptions& options);

/// Outputs, sizes and times, for people.
Result<std::string> describe(const ProvedRun& run);

/// The bytes of the model's verifying key, which is what its proofs are verified with.
Bytes encoded_key(const ProvingModel& model);

}  // namespace valence::zk
