#include "valence/chain/system_contracts.hpp"

#include "valence/chain/chain_error.hpp"

namespace valence::chain {
namespace {

/// keccak256("DepositEvent(bytes,bytes,bytes,bytes,bytes)")
constexpr auto kDepositEvent = "0x649bbc62d0e31342afea4e5cd82d4049e7e1ee912fc0889aa790803be39038c5"_hash;
constexpr std::size_t kDepositDataSize = 576;

/// The event's five byte strings, whose place and size EIP-6110 fixes.
struct DepositField {
    std::uint64_t offset;
    std::uint64_t size;
};
constexpr DepositField kDepositFields[] = {{160, 48}, {256, 32}, {320, 8}, {384, 96}, {512, 8}};

}  // namespace

Result<void> append_deposits(Bytes& to, std::span<const evm::Log> logs, const Address& deposit_contract) {
    for (const auto& log : logs) {
        if (log.address != deposit_contract || log.topics.empty() || log.topics[0] != kDepositEvent) continue;
        if (log.data.size() != kDepositDataSize)
            return Error{ChainError::deposit_log_malformed, "wrong length"};
        const BytesView data{log.data};
        std::size_t head = 0;
        for (const auto& field : kDepositFields) {
            const auto offset = U256::from_be(data.subspan(head, 32));
            const auto size = U256::from_be(data.subspan(field.offset, 32));
            if (offset != U256{field.offset} || size != U256{field.size}) {
                return Error{ChainError::deposit_log_malformed, "unexpected layout"};
            }
            base::append(to, data.subspan(field.offset + 32, field.size));
            head += 32;
        }
    }
    return success();
}

}  // namespace valence::chain
