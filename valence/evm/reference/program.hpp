// Random programs: code made from any bytes, likely to have its operands, and the addresses it knows.
#pragma once

#include "valence/base/base.hpp"
#include "valence/evm/revision.hpp"

namespace valence::evm::reference {

/// Reads bytes; zeros when there are no more.
class Entropy {
public:
    explicit Entropy(BytesView bytes) : rest_(bytes) {}

    std::uint8_t byte() {
        if (rest_.empty()) return 0;
        const auto b = rest_.front();
        rest_ = rest_.subspan(1);
        return b;
    }
    std::size_t below(std::size_t limit) { return (byte() | static_cast<std::size_t>(byte()) << 8) % limit; }
    bool empty() const { return rest_.empty(); }
    Bytes take(std::size_t n) {
        n = std::min(n, rest_.size());
        Bytes out = base::to_bytes(rest_.first(n));
        rest_ = rest_.subspan(n);
        return out;
    }

private:
    BytesView rest_;
};

inline constexpr Address kSender = "0x00000000000000000000000000000000000000ff"_address;
inline constexpr Address kContracts[] = {
    "0x1000000000000000000000000000000000000001"_address,
    "0x1000000000000000000000000000000000000002"_address,
    "0x1000000000000000000000000000000000000003"_address,
};
/// Answered by the host: the first echoes, the second abandons the run.
inline constexpr Address kEcho = "0x2000000000000000000000000000000000000001"_address;
inline constexpr Address kAbandon = "0x2000000000000000000000000000000000000002"_address;
inline constexpr Address kAbsent = "0x3000000000000000000000000000000000000001"_address;

/// The code of one account.
Bytes make_code(Entropy&, Revision);

}  // namespace valence::evm::reference
