#include "valence/chain/system/da_header.hpp"

namespace valence::chain {
namespace {

/// keccak256("set(uint64,bytes32,uint64)")
constexpr std::array<std::uint8_t, 4> kSet{0xe7, 0x35, 0xc2, 0x23};
constexpr std::size_t kHashSize = 32;

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

}  // namespace valence::chain
