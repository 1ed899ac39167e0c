// What a proof of one model costs, measured in processes of its own.
#pragma once

#include <string>

#include <boost/json.hpp>

#include "valence/zk/protocol/soundness/soundness.hpp"

namespace bench {

struct MeasurementOptions {
    int threads = 1;
    /// The least time of so many runs counts; fewer of what takes seconds.
    int rounds = 25;
    valence::zk::SecurityProfile profile = valence::zk::kProfile100;
    /// Where NETWORK.vkey and NETWORK.proof are kept, for other verifiers; empty: nowhere.
    std::string folder;
};

/// Proves a run of a model in a child process and verifies the proof in another, which has the model's key
/// alone as full nodes do, so that their memory is their own and nothing they do can stop the caller. `model`
/// is the name in the result, `network` that of bench::make_model. The object has `model` and either `error`
/// or, in milliseconds of wall time where not said otherwise,
///     threads, prove_ms, prove_cpu_ms, verify_ms, proof_bytes, native_ms, commit_ms, stored_bytes, rss_mb,
///     security_bits, union_bits, stages_ms and stages_cpu_ms (each stage's least time)
/// rss_mb is the most memory that proving and verifying had resident, the committed model included.
/// The caller must have no threads yet.
boost::json::object measure_apart(const std::string& model, const std::string& network,
                                  const MeasurementOptions& options);

}  // namespace bench
