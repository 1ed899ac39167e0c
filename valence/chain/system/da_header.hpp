// DaHeader: the header of the data-availability layer that a block refers to.
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

}  // namespace valence::chain
