#include "valence/chain/system/da_header.hpp"

#include "valence/base/hex.hpp"
#include "valence/chain/chain_error.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::chain {
namespace {

/// keccak256("set(uint64,bytes32,uint64)")
constexpr std::array<std::uint8_t, 4> kSet{0xe7, 0x35, 0xc2, 0x23};
constexpr std::size_t kHashSize = 32;

constexpr std::string_view kDomain = "valence local da header";

std::string describe(const DaHeader& header) {
    return std::to_string(header.height) + " " + base::to_hex_prefixed(header.hash) + " at " +
           std::to_string(header.time);
}

}  // namespace

Bytes encode_da_info_call(const DaHeader& header) {
    Bytes call{kSet.begin(), kSet.end()};
    base::append(call, U256{header.height}.to_hash());
    base::append(call, header.hash);
    base::append(call, U256{header.time}.to_hash());
    return call;
}

std::optional<DaHeader> decode_da_info_call(BytesView data) {
    if (data.size() != kSet.size() + 3 * kHashSize || !base::equal(data.first(kSet.size()), kSet))
        return std::nullopt;
    const auto words = data.subspan(kSet.size());
    const auto height = U256::from_be(words.first(kHashSize));
    const auto time = U256::from_be(words.subspan(2 * kHashSize));
    if (!height.fits_u64() || !time.fits_u64()) return std::nullopt;
    return DaHeader{height.low_u64(), base::from_exact<Hash>(words.subspan(kHashSize, kHashSize)),
                    time.low_u64()};
}

DaHeader LocalDaHeaders::newest(std::uint64_t timestamp) const {
    const auto passed = (std::max(timestamp, genesis_time_) - genesis_time_) / kInterval;
    DaHeader header;
    header.height = passed + 1;
    header.time = genesis_time_ + passed * kInterval;
    std::array<std::uint8_t, 8> height{};
    for (std::size_t i = 0; i < height.size(); ++i)
        height[i] = static_cast<std::uint8_t>(header.height >> (8 * (height.size() - 1 - i)));
    header.hash =
        crypto::Keccak256{}.update(base::as_bytes(kDomain)).update(genesis_hash_).update(height).finish();
    return header;
}

Result<void> LocalDaHeaders::check(const DaHeader& header, std::uint64_t timestamp) const {
    const auto want = newest(timestamp);
    if (header == want) return success();
    return Error{ChainError::da_header_wrong, "have " + describe(header) + ", want " + describe(want)};
}

}  // namespace valence::chain
