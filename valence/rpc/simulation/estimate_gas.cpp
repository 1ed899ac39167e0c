#include "valence/rpc/simulation/estimate_gas.hpp"

#include <fmt/format.h>

#include "valence/chain/chain_error.hpp"
#include "valence/chain/intrinsic_gas.hpp"
#include "valence/rpc/simulation/message.hpp"

namespace valence::rpc::simulation {

namespace {

constexpr std::uint64_t kTransferGas = 21'000;
/// What a call with value hands to its callee on top.
constexpr std::uint64_t kCallStipend = 2'300;
/// The search stops when the interval is this fraction of its upper end, 15/1000, as geth's does.
constexpr std::uint64_t kToleranceNumerator = 15;
constexpr std::uint64_t kToleranceDenominator = 1'000;

class Estimator {
public:
    Estimator(const Base& base, chain::Transaction message, const Address& sender, const Overrides& overrides)
        : base_(base), message_(std::move(message)), sender_(sender), overrides_(overrides) {}

    struct Attempt {
        bool failed = false;
        /// Nothing when the limit was too low to begin at all.
        std::optional<chain::TransactionResult> result;
    };

    /// Runs with this gas limit. Error: not to be mended by gas.
    Answer<Attempt> run(std::uint64_t gas_limit, evm::Tracer* tracer = nullptr) {
        if (base_.deadline.over()) return base_.deadline.aborted();
        message_.gas_limit = gas_limit;
        BOOST_OUTCOME_TRY(const auto sandbox, Sandbox::open(base_, overrides_));
        auto result = sandbox->run(message_, sender_, tracer);
        if (result.has_error()) {
            if (is_out_of_time(base_, result.error())) return base_.deadline.aborted();
            if (is_about_gas(result.error())) return Attempt{true, std::nullopt};
            return server_error(fmt::format("failed with {} gas: {}", gas_limit, result.error().message()));
        }
        const bool failed = !result.value().succeeded();
        return Attempt{failed, std::move(result).value()};
    }

    /// The error of a run with `gas_limit` that failed.
    Answer<std::uint64_t> explain(const Attempt& attempt, std::uint64_t gas_limit) {
        if (attempt.result && attempt.result->status == evm::Status::revert)
            return failed_call(*attempt.result, {});
        if (attempt.result) {
            message_.gas_limit = gas_limit;
            BOOST_OUTCOME_TRY(const auto text, failure_of(base_, overrides_, message_, sender_));
            if (!text.starts_with("out of gas")) return failed_call(*attempt.result, text);
        }
        return server_error(fmt::format("gas required exceeds allowance ({})", gas_limit));
    }

private:
    static bool is_about_gas(const Error& error) {
        return error.code == chain::ChainError::intrinsic_gas_too_low ||
               error.code == chain::ChainError::floor_data_gas_too_low;
    }

    const Base& base_;
    chain::Transaction message_;
    Address sender_;
    const Overrides& overrides_;
};

/// How much gas the sender can pay for at the price offered; nothing when that bounds nothing.
Answer<std::optional<std::uint64_t>> affordable_gas(const chain::Transaction& message, const U256& balance) {
    if (message.max_fee_per_gas.is_zero()) return std::optional<std::uint64_t>{};
    if (message.value >= balance) return server_error("insufficient funds for transfer");
    auto available = balance - message.value;
    const auto blobs = base::mul_overflow(U256{chain::blob_gas(message)}, message.max_fee_per_blob_gas);
    if (!message.blob_hashes.empty()) {
        if (blobs.overflow || blobs.value >= available) {
            return server_error("insufficient funds for gas * price + value");
        }
        available -= blobs.value;
    }
    const auto allowance = available / message.max_fee_per_gas;
    if (!allowance.fits_u64()) return std::optional<std::uint64_t>{};
    return std::optional{allowance.low_u64()};
}

/// The highest limit worth trying.
Answer<std::uint64_t> highest_limit(Sandbox& sandbox, const CallArguments& arguments,
                                    const chain::Transaction& message, const Limits& limits) {
    auto high = sandbox.block().context.gas_limit;
    if (arguments.gas.value_or(0) >= kTransferGas) high = *arguments.gas;
    const auto& block = sandbox.block();
    if (block.rules.inference) {
        // Compute parts count towards no limit of the block.
        high = arguments.gas.value_or(chain::kComputeGasCap);
    } else if (block.revision >= evm::Revision::osaka) {
        high = std::min(high, chain::kTransactionGasCap);
    }
    BOOST_OUTCOME_TRY(const auto affordable,
                      affordable_gas(message, sandbox.state().balance(arguments.sender())));
    if (affordable) high = std::min(high, *affordable);
    return limits.gas_cap != 0 ? std::min(high, limits.gas_cap) : high;
}

bool is_close_enough(std::uint64_t low, std::uint64_t high) {
    return (high - low) * kToleranceDenominator < high * kToleranceNumerator;
}

}  // namespace

Answer<std::uint64_t> estimate_gas(const Base& base, const CallArguments& arguments,
                                   const Overrides& overrides, const Limits& limits, evm::Tracer* tracer) {
    BOOST_OUTCOME_TRY(const auto message, message_of(arguments, 0, base.rules.chain_id));
    BOOST_OUTCOME_TRY(const auto sandbox, Sandbox::open(base, overrides));
    BOOST_OUTCOME_TRY(auto high, highest_limit(*sandbox, arguments, message, limits));
    Estimator estimator{base, message, arguments.sender(), overrides};

    // Most transactions are plain transfers: one run tells.
    if (message.data.empty() && message.to && sandbox->state().code(*message.to)->empty()) {
        const auto transfer = estimator.run(kTransferGas);
        if (transfer.has_value() && !transfer.value().failed) return kTransferGas;
    }
    BOOST_OUTCOME_TRY(const auto first, estimator.run(high, tracer));
    if (first.failed) return estimator.explain(first, high);

    // What an unconstrained run took bounds the limit from below. Mostly it is enough when a refund and the
    // 64th part that calls hold back (EIP-150) come on top.
    auto low = first.result->gas_used - 1;
    const auto peak = std::max(first.result->gas_used, first.result->gas_used_before_refund);
    const auto guess = (peak + kCallStipend) * 64 / 63;
    if (guess < high) {
        BOOST_OUTCOME_TRY(const auto attempt, estimator.run(guess));
        (attempt.failed ? low : high) = guess;
    }
    while (low + 1 < high && !is_close_enough(low, high)) {
        // Needs are mostly little above what was used, far below the limit: look there first.
        const auto middle = std::min(low + (high - low) / 2, low * 2);
        BOOST_OUTCOME_TRY(const auto attempt, estimator.run(middle));
        (attempt.failed ? low : high) = middle;
    }
    return high;
}

}  // namespace valence::rpc::simulation
