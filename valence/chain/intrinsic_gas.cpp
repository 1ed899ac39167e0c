#include "valence/chain/intrinsic_gas.hpp"

namespace valence::chain {
namespace {

using evm::Revision;

constexpr std::uint64_t kTransaction = 21'000;
/// EIP-2, from Homestead.
constexpr std::uint64_t kCreation = 32'000;
constexpr std::uint64_t kZeroByte = 4;
constexpr std::uint64_t kNonZeroByteFrontier = 68;
/// EIP-2028, from Istanbul.
constexpr std::uint64_t kNonZeroByte = 16;
/// EIP-2930
constexpr std::uint64_t kAccessListAddress = 2'400;
constexpr std::uint64_t kAccessListKey = 1'900;
/// EIP-3860, from Shanghai.
constexpr std::uint64_t kInitCodeWord = 2;
/// EIP-7702
constexpr std::uint64_t kAuthorization = 25'000;
/// EIP-7623, from Prague: a token is a zero byte, or a quarter of another.
constexpr std::uint64_t kTokensPerNonZeroByte = 4;
constexpr std::uint64_t kFloorPerToken = 10;

}  // namespace

IntrinsicGas intrinsic_gas(const Transaction& t, Revision revision) {
    const auto zero_bytes = static_cast<std::uint64_t>(std::count(t.data.begin(), t.data.end(), 0));
    const auto other_bytes = t.data.size() - zero_bytes;

    IntrinsicGas gas;
    gas.cost = kTransaction + kZeroByte * zero_bytes +
               (revision >= Revision::istanbul ? kNonZeroByte : kNonZeroByteFrontier) * other_bytes;
    if (t.is_creation()) {
        if (revision >= Revision::homestead) gas.cost += kCreation;
        if (revision >= Revision::shanghai) gas.cost += kInitCodeWord * ((t.data.size() + 31) / 32);
    }
    for (const auto& entry : t.access_list) {
        gas.cost += kAccessListAddress + kAccessListKey * entry.storage_keys.size();
    }
    gas.cost += kAuthorization * t.authorizations.size();
    if (revision >= Revision::prague) {
        gas.floor = kTransaction + kFloorPerToken * (zero_bytes + kTokensPerNonZeroByte * other_bytes);
    }
    return gas;
}

}  // namespace valence::chain
