#include "valence/outcome/job.hpp"

#include "valence/crypto/keccak.hpp"
#include "valence/outcome/outcome_error.hpp"

namespace valence::outcome {

Bytes encode_integers(const Integers& integers) {
    Bytes bytes;
    bytes.reserve(integers.size() * 4);
    for (const std::int32_t value : integers) {
        const auto bits = static_cast<std::uint32_t>(value);
        for (int shift = 0; shift < 32; shift += 8)
            bytes.push_back(static_cast<std::uint8_t>(bits >> shift));
    }
    return bytes;
}

Result<Integers> decode_integers(BytesView bytes) {
    if (bytes.size() % 4 != 0 || bytes.size() / 4 > kMaxIntegers)
        return Error{OutcomeError::malformed, std::to_string(bytes.size()) + " bytes of integers"};
    Integers integers;
    integers.reserve(bytes.size() / 4);
    for (std::size_t at = 0; at < bytes.size(); at += 4) {
        std::uint32_t bits = 0;
        for (std::size_t k = 0; k < 4; ++k)
            bits |= std::uint32_t{bytes[at + k]} << (8 * k);
        integers.push_back(static_cast<std::int32_t>(bits));
    }
    return integers;
}

Hash integers_hash(const Integers& integers) { return crypto::keccak256(encode_integers(integers)); }

void write_job(codec::RlpWriter& to, const Job& job) {
    to.list([&] {
        to.bytes(job.model.bytes)
            .u64(static_cast<std::uint64_t>(job.mode))
            .bytes(job.operator_address)
            .bytes(encode_integers(job.input))
            .bytes(job.salt);
    });
}

Bytes encode_job(const Job& job) {
    codec::RlpWriter w;
    write_job(w, job);
    return w.take();
}

Result<Job> read_job(codec::RlpReader fields) {
    Job job;
    BOOST_OUTCOME_TRY(job.model, fields.fixed<ml::ModelId>());
    BOOST_OUTCOME_TRY(const auto mode, fields.u64());
    if (mode > 255 || find_mode(static_cast<std::uint8_t>(mode)) == nullptr)
        return Error{OutcomeError::mode_unsupported, std::to_string(mode)};
    job.mode = static_cast<Mode>(mode);
    BOOST_OUTCOME_TRY(job.operator_address, fields.fixed<Address>());
    BOOST_OUTCOME_TRY(const auto input, fields.bytes());
    BOOST_OUTCOME_TRY(job.input, decode_integers(input));
    BOOST_OUTCOME_TRY(job.salt, fields.fixed<Hash>());
    BOOST_OUTCOME_TRYV(fields.finish());
    return job;
}

Result<Job> decode_job(BytesView bytes) {
    BOOST_OUTCOME_TRY(const auto fields, codec::RlpReader::of_list(bytes));
    return read_job(fields);
}

JobId job_id(const Job& job) { return JobId{crypto::keccak256(encode_job(job)).bytes}; }

Hash job_salt(const Hash& transaction, std::uint32_t inference, const U256& value_at_risk,
              std::uint64_t deadline_block) {
    codec::RlpWriter w;
    w.list([&] { w.bytes(transaction).u64(inference).u256(value_at_risk).u64(deadline_block); });
    return crypto::keccak256(w.view());
}

}  // namespace valence::outcome
