// TransactionTests: whether bytes are a valid transaction under each fork, and then its hash, sender and
// intrinsic gas.
#include "exceptions.hpp"
#include "networks.hpp"
#include "suites.hpp"
#include <fmt/core.h>

#include "valence/chain/intrinsic_gas.hpp"
#include "valence/chain/validate_transaction.hpp"

namespace valence::conformance {
namespace {

struct Accepted {
    Hash hash;
    Address sender;
    std::uint64_t intrinsic_gas = 0;
};

Result<Accepted> accept(const chain::RuleSet& rules, BytesView bytes) {
    BOOST_OUTCOME_TRY(const auto transaction, chain::decode_transaction(bytes));
    const auto revision = rules.revision(0, 0);
    const auto max_blobs = chain::max_blobs_per_transaction(rules, revision, 0, 0);
    BOOST_OUTCOME_TRYV(chain::validate_transaction(rules, revision, transaction, max_blobs));
    // What no account can ever pay.
    if (base::mul_overflow(U256{transaction.gas_limit}, transaction.max_fee_per_gas).overflow) {
        return Error{chain::ChainError::insufficient_funds};
    }
    BOOST_OUTCOME_TRY(const auto sender, chain::recover_sender(transaction));
    return Accepted{chain::transaction_hash(transaction), sender,
                    chain::intrinsic_gas(transaction, revision).cost};
}

std::string check(const chain::RuleSet& rules, BytesView bytes, const json::value& want,
                  const std::string& name, FileReport& report) {
    const auto accepted = accept(rules, bytes);
    if (const auto* exception = find(want, "exception")) {
        if (accepted) return "expected " + std::string{text_of(*exception)} + ", was accepted";
        if (!is_expected(text_of(*exception), accepted.error())) {
            report.note(fmt::format("{}: expected {}, actual {}", name, text_of(*exception),
                                    accepted.error().message()));
        }
        return {};
    }
    if (!accepted) return "expected to be accepted, rejected: " + accepted.error().message();
    const auto& have = accepted.value();
    if (const auto hash = hash_of(member(want, "hash")); have.hash != hash) {
        return fmt::format("hash: expected {}, actual {}", hex(hash), hex(have.hash));
    }
    if (const auto sender = address_of(member(want, "sender")); have.sender != sender) {
        return fmt::format("sender: expected {}, actual {}", hex(sender), hex(have.sender));
    }
    if (const auto* gas = find(want, "intrinsicGas"); gas != nullptr && have.intrinsic_gas != u64_of(*gas)) {
        return fmt::format("intrinsic gas: expected {}, actual {}", u64_of(*gas), have.intrinsic_gas);
    }
    return {};
}

}  // namespace

void run_transaction_tests(const Fixture& f, FileReport& report) {
    for (const auto& [name, test] : object_of(f.root)) {
        const auto bytes = bytes_of(member(test, "txbytes"));
        for (const auto& [fork, want] : object_of(member(test, "result"))) {
            const auto label = fmt::format("{}/{}", std::string_view{name}, std::string_view{fork});
            const auto rules = rules_of_network(fork, find(test, "config"));
            if (!rules) {
                report.skip(label, "unknown fork " + std::string{std::string_view{fork}});
                continue;
            }
            report.add(label, check(*rules, bytes, want, label, report));
        }
    }
}

}  // namespace valence::conformance
