#include "valence/chain/system/da_headers.hpp"

#include "valence/base/hex.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::chain {
namespace {

constexpr std::string_view kLocalDomain = "valence local da header";

std::string describe(const DaHeader& header) {
    return std::to_string(header.height) + " " + base::to_hex_prefixed(header.hash) + " at " +
           std::to_string(header.time);
}

}  // namespace

Result<void> check_reference(const LayerRules& rules, const DaHeader& header, const DaHeader& before,
                             std::uint64_t timestamp) {
    if (header.height < before.height || (header.height == before.height && header != before))
        return Error{ChainError::da_header_wrong,
                     "have " + describe(header) + ", the parent's is " + describe(before)};
    if (timestamp > header.time && timestamp - header.time > rules.drift)
        return Error{ChainError::da_header_wrong, "the block's time is " + std::to_string(timestamp) +
                                                      ", its reference is " + describe(header) +
                                                      ", the drift is " + std::to_string(rules.drift)};
    return success();
}

DaHeader LocalDaHeaders::newest(std::uint64_t timestamp) const {
    const auto passed = (std::max(timestamp, genesis_time_) - genesis_time_) / kInterval;
    DaHeader header;
    header.height = passed + 1;
    header.time = genesis_time_ + passed * kInterval;
    std::array<std::uint8_t, 8> height{};
    for (std::size_t i = 0; i < height.size(); ++i)
        height[i] = static_cast<std::uint8_t>(header.height >> (8 * (height.size() - 1 - i)));
    header.hash = crypto::Keccak256{}
                      .update(base::as_bytes(kLocalDomain))
                      .update(genesis_hash_)
                      .update(height)
                      .finish();
    return header;
}

Result<void> LocalDaHeaders::check(const DaHeader& header, const DaHeader&, std::uint64_t timestamp) const {
    const auto want = newest(timestamp);
    if (header == want) return success();
    return Error{ChainError::da_header_wrong, "have " + describe(header) + ", want " + describe(want)};
}

Result<DaHeader> UnseenDaHeaders::next(const DaHeader&, std::uint64_t, std::uint64_t) const {
    return Error{ChainError::da_header_unknown, "the layer " + rules_.name + " is not read here"};
}

}  // namespace valence::chain
