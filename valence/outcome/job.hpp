// Job: one inference as contracts ask for it and compute nodes get it.
#pragma once

#include <vector>

#include "valence/base/base.hpp"
#include "valence/codec/rlp.hpp"
#include "valence/ml/model/verifying_key.hpp"
#include "valence/outcome/mode.hpp"

namespace valence::outcome {

/// A model's inputs or outputs, all tensors one after the other in the order of its ports, each in row-major
/// order: activations and indices alike.
using Integers = std::vector<std::int32_t>;

/// No job or outcome holds more integers.
inline constexpr std::size_t kMaxIntegers = std::size_t{1} << 20;

/// keccak256 of a job's encoding.
struct JobId : base::FixedBytes<32> {
    using FixedBytes::FixedBytes;
    constexpr auto operator<=>(const JobId&) const = default;
};

struct Job {
    ml::ModelId model;
    Mode mode = Mode::replay;
    /// Whose answer it must be (SIGNED); zero in other modes.
    Address operator_address;
    Integers input;
    /// Zero where outcomes are shared.
    Hash salt;
    bool operator==(const Job&) const = default;
};

/// rlp([model, mode, operator, input, salt]); the input's integers are 4 bytes each, little endian.
void write_job(codec::RlpWriter& to, const Job& job);
Bytes encode_job(const Job& job);
/// The job whose list has these fields. Errors: malformed; mode_unsupported for AUTO and unknown modes.
Result<Job> read_job(codec::RlpReader fields);
Result<Job> decode_job(BytesView bytes);

/// keccak256 of the job's encoding.
JobId job_id(const Job& job);

/// The salt of a job whose outcome is not shared: keccak256 of transaction hash, number of the inference
/// within the transaction, value at risk (wei) and the last block that may use the answer. It cannot be
/// repeated, nor be known before the transaction is.
Hash job_salt(const Hash& transaction, std::uint32_t inference, const U256& value_at_risk,
              std::uint64_t deadline_block);

/// Integers as bytes and back; the length must be a multiple of 4, and of at most kMaxIntegers.
Bytes encode_integers(const Integers& integers);
Result<Integers> decode_integers(BytesView bytes);
/// keccak256 of their bytes: what evidence says about an output.
Hash integers_hash(const Integers& integers);

}  // namespace valence::outcome

template <>
struct std::hash<valence::outcome::JobId> {
    using is_avalanching = void;
    std::size_t operator()(const valence::outcome::JobId& id) const noexcept { return hash_value(id); }
};
