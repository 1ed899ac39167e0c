#include "valence/chain/block_fees.hpp"

namespace valence::chain {
namespace {

/// EIP-7918: one blob's gas costs at least this much execution gas at the base fee.
constexpr std::uint64_t kBlobBaseCost = 8'192;

constexpr std::uint64_t kDifficultyBoundDivisor = 2'048;
/// Blocks of one period of the ice age.
constexpr std::uint64_t kBombPeriod = 100'000;

/// By how many blocks each fork delays the ice age.
struct BombDelay {
    Fork since;
    std::uint64_t blocks;
};
constexpr BombDelay kBombDelays[] = {
    {Fork::gray_glacier, 11'400'000},   // EIP-5133
    {Fork::arrow_glacier, 10'700'000},  // EIP-4345
    {Fork::london, 9'700'000},          // EIP-3554
    {Fork::muir_glacier, 9'000'000},    // EIP-2384
    {Fork::constantinople, 5'000'000},  // EIP-1234
    {Fork::byzantium, 3'000'000},       // EIP-649
};

/// e^(numerator / denominator) × factor by its Taylor series, as EIP-4844 defines it. Saturates where the
/// terms outgrow 256 bits.
U256 fake_exponential(std::uint64_t factor, std::uint64_t numerator, std::uint64_t denominator) {
    U256 output;
    U256 term = U256{factor} * U256{denominator};
    for (std::uint64_t i = 1; !term.is_zero(); ++i) {
        const auto sum = base::add_overflow(output, term);
        const auto next = base::mul_overflow(term, U256{numerator});
        if (sum.overflow || next.overflow) return U256::max();
        output = sum.value;
        term = next.value / (U256{denominator} * U256{i});
    }
    return output / U256{denominator};
}

U256 with_ice_age(const RuleSet& rules, U256 difficulty, std::uint64_t number, std::uint64_t timestamp) {
    auto fake_number = number;
    for (const auto& delay : kBombDelays) {
        if (!rules.is_active(delay.since, number, timestamp)) continue;
        fake_number = number > delay.blocks ? number - delay.blocks : 0;
        break;
    }
    const auto period = fake_number / kBombPeriod;
    return period > 1 ? difficulty + (U256{1} << (period - 2)) : difficulty;
}

}  // namespace

U256 next_base_fee(const RuleSet& rules, const Header& parent) {
    const auto at_least_minimum = [&](const U256& fee) { return std::max(fee, rules.min_base_fee); };
    if (!parent.base_fee) return at_least_minimum(rules.initial_base_fee);
    const auto& fee = *parent.base_fee;
    const auto target = parent.gas_limit / rules.elasticity_multiplier;
    if (target == 0 || parent.gas_used == target) return at_least_minimum(fee);
    const auto step = [&](std::uint64_t distance) {
        return fee * U256{distance} / U256{target} / U256{rules.base_fee_change_denominator};
    };
    if (parent.gas_used > target) {
        return at_least_minimum(fee + std::max(step(parent.gas_used - target), U256{1}));
    }
    const auto decrease = step(target - parent.gas_used);
    return at_least_minimum(fee > decrease ? fee - decrease : U256{});
}

std::uint64_t next_excess_blob_gas(const RuleSet& rules, const Header& parent, std::uint64_t timestamp) {
    const auto number = parent.number + 1;
    const auto blobs = rules.blobs_at(number, timestamp);
    if (!blobs) return 0;
    const auto target = blobs->target * kGasPerBlob;
    const auto used = parent.blob_gas_used.value_or(0);
    const auto excess = parent.excess_blob_gas.value_or(0);
    if (used >= ~excess || excess + used < target) return 0;
    if (rules.is_active(Fork::osaka, number, timestamp)) {
        // EIP-7918: while a blob costs less than the execution it stands for, usage cannot lower the price.
        const auto reserve = U256{kBlobBaseCost} * parent.base_fee.value_or(U256{});
        if (reserve > U256{kGasPerBlob} * blob_base_fee(excess, *blobs)) {
            return excess + used * (blobs->max - blobs->target) / blobs->max;
        }
    }
    return excess + used - target;
}

U256 blob_base_fee(std::uint64_t excess_blob_gas, const BlobParameters& parameters) {
    return fake_exponential(1, excess_blob_gas, parameters.base_fee_update_fraction);
}

U256 blob_base_fee(const RuleSet& rules, const Header& header) {
    const auto blobs = rules.blobs_at(header.number, header.timestamp);
    return blobs ? blob_base_fee(header.excess_blob_gas.value_or(0), *blobs) : U256{};
}

U256 next_difficulty(const RuleSet& rules, const Header& parent, std::uint64_t timestamp) {
    const auto number = parent.number + 1;
    const auto active = [&](Fork fork) { return rules.is_active(fork, number, timestamp); };
    const auto seconds = timestamp - parent.timestamp;
    const auto unit = parent.difficulty / U256{kDifficultyBoundDivisor};

    U256 difficulty;
    if (active(Fork::homestead)) {
        // EIP-2: max(1 − seconds / 10, −99) units up; EIP-100 counts ommers and divides by 9.
        const bool byzantium = active(Fork::byzantium);
        const std::uint64_t up = byzantium && parent.ommers_hash != kEmptyOmmersHash ? 2 : 1;
        const auto down = seconds / (byzantium ? 9 : 10);
        if (down <= up) {
            difficulty = parent.difficulty + unit * U256{up - down};
        } else {
            const auto fall = unit * U256{std::min<std::uint64_t>(down - up, 99)};
            difficulty = parent.difficulty > fall ? parent.difficulty - fall : U256{};
        }
    } else {
        difficulty = seconds < 13 ? parent.difficulty + unit : parent.difficulty - unit;
    }
    difficulty = std::max(difficulty, U256{kMinimumDifficulty});
    return with_ice_age(rules, difficulty, number, timestamp);
}

}  // namespace valence::chain
