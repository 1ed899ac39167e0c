// DaHeader: the header of the data-availability layer that a block refers to, and the seam through which
// sequencer and full nodes learn which one that may be.
#pragma once

#include "valence/base/base.hpp"
#include "valence/base/result.hpp"

namespace valence::chain {

struct DaHeader {
    std::uint64_t height = 0;
    Hash hash;
    /// Seconds since the epoch.
    std::uint64_t time = 0;

    bool operator==(const DaHeader&) const = default;
};

/// The call DaInfo.set(height, hash, time): a selector and three words.
Bytes encode_da_info_call(const DaHeader& header);
/// Its inverse; nothing for any other bytes.
std::optional<DaHeader> decode_da_info_call(BytesView data);

/// What is known of the layer's headers. Thread-safe.
class DaHeaders {
public:
    virtual ~DaHeaders() = default;
    /// The one that a block with this timestamp (seconds since the epoch) refers to when it is built now.
    /// Heights do not fall while timestamps do not.
    virtual DaHeader newest(std::uint64_t timestamp) const = 0;
    /// Whether a block with this timestamp may refer to it. Error: ChainError::da_header_wrong.
    virtual Result<void> check(const DaHeader& header, std::uint64_t timestamp) const = 0;
};

/// Headers of a layer that is not there: one every six seconds since genesis, whose hash is
/// keccak256("valence local da header" ‖ genesis hash ‖ height as 8 bytes, big endian). They follow from the
/// block alone, so that a full node checks them by rule.
class LocalDaHeaders final : public DaHeaders {
public:
    static constexpr std::uint64_t kInterval = 6;

    LocalDaHeaders(const Hash& genesis_hash, std::uint64_t genesis_time)
        : genesis_hash_(genesis_hash), genesis_time_(genesis_time) {}

    DaHeader newest(std::uint64_t timestamp) const override;
    Result<void> check(const DaHeader& header, std::uint64_t timestamp) const override;

private:
    Hash genesis_hash_;
    std::uint64_t genesis_time_;
};

}  // namespace valence::chain
