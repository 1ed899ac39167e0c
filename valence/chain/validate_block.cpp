#include "valence/chain/validate_block.hpp"

#include <set>

#include "valence/chain/block_fees.hpp"
#include "valence/chain/dao_fork.hpp"

namespace valence::chain {
namespace {

using evm::Revision;

constexpr std::size_t kMaxExtraData = 32;
constexpr std::uint64_t kMinGasLimit = 5'000;
constexpr std::uint64_t kMaxGasLimit = 0x7fffffffffffffff;
constexpr std::uint64_t kGasLimitDivisor = 1'024;
/// EIP-7934: 10 MiB less 2 MiB for the beacon block around it.
constexpr std::size_t kMaxBlockBytes = 8 << 20;
constexpr std::size_t kMaxOmmers = 2;
/// An ommer's parent is at most this many generations above the block.
constexpr std::size_t kOmmerGenerations = 7;

std::string have_want(const std::string& have, const std::string& want) {
    return "have " + have + ", want " + want;
}
std::string number(std::uint64_t n) { return std::to_string(n); }

Error hashes_differ(ChainError error, const Hash& have, const Hash& want) {
    return {error, have_want(base::to_hex_prefixed(have), base::to_hex_prefixed(want))};
}

/// Each later fork's fields are there from that fork on and not before.
Result<void> validate_fields(const Header& h, Revision revision) {
    struct Field {
        bool present;
        Revision since;
        const char* name;
    };
    const Field fields[] = {
        {h.base_fee.has_value(), Revision::london, "baseFeePerGas"},
        {h.withdrawals_root.has_value(), Revision::shanghai, "withdrawalsRoot"},
        {h.blob_gas_used.has_value(), Revision::cancun, "blobGasUsed"},
        {h.excess_blob_gas.has_value(), Revision::cancun, "excessBlobGas"},
        {h.parent_beacon_block_root.has_value(), Revision::cancun, "parentBeaconBlockRoot"},
        {h.requests_hash.has_value(), Revision::prague, "requestsHash"},
    };
    for (const auto& field : fields) {
        if (revision >= field.since && !field.present)
            return Error{ChainError::header_field_missing, field.name};
        if (revision < field.since && field.present) {
            return Error{ChainError::header_field_unexpected, field.name};
        }
    }
    return success();
}

Result<void> validate_extra_data(const RuleSet& rules, const Header& h) {
    const auto size = h.extra_data.size();
    if (rules.extra_data_size ? size != *rules.extra_data_size : size > kMaxExtraData) {
        return Error{ChainError::extra_data_size, number(size) + " bytes"};
    }
    // EIP-779
    const auto& dao = rules.at(Fork::dao);
    if (dao && h.number >= *dao && h.number - *dao < kDaoExtraDataBlocks &&
        !base::equal(h.extra_data, kDaoExtraData)) {
        return Error{ChainError::dao_extra_data, "0x" + base::to_hex(h.extra_data)};
    }
    return success();
}

Result<void> validate_gas(const RuleSet& rules, const Header& h, const Header& parent, Revision revision) {
    if (h.gas_limit > kMaxGasLimit) return Error{ChainError::gas_limit_out_of_bounds, "more than 2^63 - 1"};
    if (h.gas_used > h.gas_limit) {
        return Error{ChainError::gas_used_above_limit,
                     "have " + number(h.gas_used) + ", gasLimit " + number(h.gas_limit)};
    }
    if (rules.gas_limit_rule == GasLimitRule::bounded_by_parent) {
        // EIP-1559's first block doubles the limit, so that its target is the limit before.
        const bool first_of_london = revision >= Revision::london && !parent.base_fee;
        const auto from = parent.gas_limit * (first_of_london ? rules.elasticity_multiplier : 1);
        const auto difference = h.gas_limit > from ? h.gas_limit - from : from - h.gas_limit;
        if (difference >= from / kGasLimitDivisor || h.gas_limit < kMinGasLimit) {
            return Error{ChainError::gas_limit_out_of_bounds,
                         "have " + number(h.gas_limit) + ", want " + number(from) +
                             " += " + number(from / kGasLimitDivisor - 1)};
        }
    }
    if (revision >= Revision::london) {
        const auto want = next_base_fee(rules, parent);
        if (*h.base_fee != want) {
            return Error{ChainError::base_fee_wrong, have_want(h.base_fee->to_decimal(), want.to_decimal())};
        }
    }
    return success();
}

Result<void> validate_blob_gas(const RuleSet& rules, const Header& h, const Header& parent) {
    const auto blobs = rules.blobs_at(h.number, h.timestamp);
    if (!blobs) return success();
    if (*h.blob_gas_used > blobs->max * kGasPerBlob) {
        return Error{ChainError::blob_gas_used_above_limit,
                     have_want(number(*h.blob_gas_used), "at most " + number(blobs->max * kGasPerBlob))};
    }
    if (*h.blob_gas_used % kGasPerBlob != 0) {
        return Error{ChainError::blob_gas_used_wrong,
                     number(*h.blob_gas_used) + " is no multiple of a blob's"};
    }
    const auto want = next_excess_blob_gas(rules, parent, h.timestamp);
    if (*h.excess_blob_gas != want) {
        return Error{ChainError::excess_blob_gas_wrong, have_want(number(*h.excess_blob_gas), number(want))};
    }
    return success();
}

Result<void> validate_consensus_fields(const RuleSet& rules, const Header& h, const Header& parent) {
    if (rules.consensus(h) == Consensus::proof_of_work) {
        const auto want = next_difficulty(rules, parent, h.timestamp);
        if (h.difficulty != want) {
            return Error{ChainError::difficulty_wrong,
                         have_want(h.difficulty.to_decimal(), want.to_decimal())};
        }
        return success();
    }
    // EIP-3675
    if (!h.difficulty.is_zero()) {
        return Error{ChainError::difficulty_wrong, have_want(h.difficulty.to_decimal(), "0")};
    }
    if (h.nonce != decltype(h.nonce){}) return Error{ChainError::nonce_not_zero};
    if (h.ommers_hash != kEmptyOmmersHash) return Error{ChainError::ommers_not_empty};
    return success();
}

}  // namespace

Result<void> validate_header(const RuleSet& rules, const Header& h, const Header& parent) {
    const auto revision = rules.revision(h);
    if (h.number != parent.number + 1) {
        return Error{ChainError::number_not_consecutive,
                     have_want(number(h.number), number(parent.number + 1))};
    }
    const bool too_old = rules.timestamp_rule == TimestampRule::after_parent ? h.timestamp <= parent.timestamp
                                                                             : h.timestamp < parent.timestamp;
    if (too_old) {
        return Error{ChainError::timestamp_too_old,
                     "have " + number(h.timestamp) + ", parent " + number(parent.timestamp)};
    }
    BOOST_OUTCOME_TRYV(validate_fields(h, revision));
    BOOST_OUTCOME_TRYV(validate_extra_data(rules, h));
    BOOST_OUTCOME_TRYV(validate_consensus_fields(rules, h, parent));
    BOOST_OUTCOME_TRYV(validate_gas(rules, h, parent, revision));
    if (revision >= Revision::cancun) return validate_blob_gas(rules, h, parent);
    return success();
}

Result<void> validate_transition(const RuleSet& rules, const Header& header, const Header& parent,
                                 const U256& parent_total_difficulty) {
    if (!rules.terminal_total_difficulty) return success();
    const bool reached = parent_total_difficulty >= *rules.terminal_total_difficulty;
    if (rules.consensus(header) == Consensus::merged) {
        if (!reached) return Error{ChainError::terminal_difficulty_not_reached};
        return success();
    }
    // A sibling of the terminal block is fine; a child of it, or of a merged block, is not.
    if (reached || (parent.number != 0 && rules.consensus(parent) == Consensus::merged)) {
        return Error{ChainError::parent_is_merged};
    }
    return success();
}

Result<void> validate_body(const RuleSet& rules, const Block& block) {
    const auto& h = block.header;
    const auto revision = rules.revision(h);
    if (revision >= Revision::osaka) {
        const auto size = encode_block(block).size();
        if (size > kMaxBlockBytes) {
            return Error{ChainError::block_too_large, number(size) + " > " + number(kMaxBlockBytes)};
        }
    }
    if (const auto root = transactions_root(block.transactions); root != h.transactions_root) {
        return hashes_differ(ChainError::transactions_root_wrong, h.transactions_root, root);
    }
    if (const auto hash = ommers_hash(block.ommers); hash != h.ommers_hash) {
        return hashes_differ(ChainError::ommers_hash_wrong, h.ommers_hash, hash);
    }
    if (revision < Revision::shanghai) {
        if (block.withdrawals) return Error{ChainError::withdrawals_unexpected};
    } else {
        if (!block.withdrawals) return Error{ChainError::withdrawals_missing};
        if (const auto root = withdrawals_root(*block.withdrawals); root != h.withdrawals_root) {
            return hashes_differ(ChainError::withdrawals_root_wrong, h.withdrawals_root.value_or(Hash{}),
                                 root);
        }
    }
    std::uint64_t blobs = 0;
    for (const auto& t : block.transactions)
        blobs += blob_gas(t);
    if (blobs != h.blob_gas_used.value_or(0)) {
        return Error{ChainError::blob_gas_used_wrong,
                     have_want(number(h.blob_gas_used.value_or(0)), number(blobs))};
    }
    return success();
}

Result<void> validate_ommers(const RuleSet& rules, const Block& block, const Ancestry& ancestry) {
    if (block.ommers.empty()) return success();
    if (block.ommers.size() > kMaxOmmers) return Error{ChainError::too_many_ommers};

    // The last seven ancestors by hash, and every ommer they included.
    std::vector<std::pair<Hash, const Header*>> ancestors;
    std::set<Hash> included;
    auto hash = block.header.parent_hash;
    for (std::size_t i = 0; i < kOmmerGenerations; ++i) {
        const auto* ancestor = ancestry.block(hash);
        if (ancestor == nullptr) break;
        ancestors.emplace_back(hash, &ancestor->header);
        for (const auto& ommer : ancestor->ommers)
            included.insert(header_hash(ommer));
        hash = ancestor->header.parent_hash;
    }
    const auto find = [&](const Hash& wanted) -> const Header* {
        for (const auto& [at, header] : ancestors) {
            if (at == wanted) return header;
        }
        return nullptr;
    };

    for (const auto& ommer : block.ommers) {
        const auto own = header_hash(ommer);
        if (!included.insert(own).second)
            return Error{ChainError::ommer_duplicate, base::to_hex_prefixed(own)};
        if (find(own) != nullptr) return Error{ChainError::ommer_is_ancestor, base::to_hex_prefixed(own)};
        const auto* parent = find(ommer.parent_hash);
        if (parent == nullptr || ommer.parent_hash == block.header.parent_hash) {
            return Error{ChainError::ommer_unrelated, base::to_hex_prefixed(own)};
        }
        const auto valid = validate_header(rules, ommer, *parent);
        if (!valid) return Error{ChainError::ommer_invalid, valid.error().message()};
    }
    return success();
}

}  // namespace valence::chain
