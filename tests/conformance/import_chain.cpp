#include "import_chain.hpp"

namespace valence::conformance {
namespace {

using chain::ChainError;

/// Hashes of the ancestors of a block, found by walking up from its parent.
class AncestorHashes final : public chain::BlockHashes {
public:
    AncestorHashes(const chain::Ancestry& ancestry, const chain::Header& header)
        : ancestry_(ancestry), parent_(header.parent_hash), number_(header.number) {}

    Hash block_hash(std::uint64_t number) const override {
        auto hash = parent_;
        for (auto at = number_ - 1; at > number; --at) {
            const auto* block = ancestry_.block(hash);
            if (block == nullptr) return {};
            hash = block->header.parent_hash;
        }
        return hash;
    }

private:
    const chain::Ancestry& ancestry_;
    Hash parent_;
    std::uint64_t number_;
};

}  // namespace

ImportedChain::ImportedChain(chain::RuleSet rules, const chain::Block& genesis, state::MemoryState state)
    : rules_(std::move(rules)), head_(chain::header_hash(genesis.header)) {
    records_.emplace(head_, Record{genesis, genesis.header.difficulty,
                                   std::make_shared<const state::MemoryState>(std::move(state))});
}

bool ImportedChain::beats_head(std::uint64_t number, const U256& total_difficulty) const {
    const auto& head = records_.at(head_);
    if (rules_.terminal_total_difficulty && total_difficulty >= *rules_.terminal_total_difficulty)
        return true;
    if (total_difficulty != head.total_difficulty) return total_difficulty > head.total_difficulty;
    return number < head.block.header.number;
}

const chain::Block* ImportedChain::block(const Hash& hash) const {
    const auto at = records_.find(hash);
    return at == records_.end() ? nullptr : &at->second.block;
}

Result<void> ImportedChain::import(BytesView rlp) {
    BOOST_OUTCOME_TRY(const auto block, chain::decode_block(rlp));
    return import(block);
}

Result<void> ImportedChain::import(const chain::Block& block) {
    const auto& header = block.header;
    const auto parent = records_.find(header.parent_hash);
    if (parent == records_.end()) return Error{ChainError::unknown_parent};
    const auto& before = parent->second;
    BOOST_OUTCOME_TRYV(chain::validate_header(rules_, header, before.block.header));
    BOOST_OUTCOME_TRYV(
        chain::validate_transition(rules_, header, before.block.header, before.total_difficulty));
    BOOST_OUTCOME_TRYV(chain::validate_ommers(rules_, block, *this));

    std::vector<Address> senders;
    for (const auto& transaction : block.transactions) {
        BOOST_OUTCOME_TRY(const auto sender, chain::recover_sender(transaction));
        senders.push_back(sender);
    }
    const auto state_after = [&](const state::StateChanges& changes) {
        auto state = *before.state;
        state.apply(changes);
        return state;
    };
    state::JournaledState state{*before.state};
    const AncestorHashes hashes{*this, header};
    BOOST_OUTCOME_TRY(const auto result,
                      chain::execute_block(rules_, block, senders, state, hashes, nullptr,
                                           [&](const auto& changes) { return state_after(changes).root(); }));
    // A node checks the body first, for that is cheaper. Here it comes last, because fixtures name the rule a
    // transaction breaks, in blocks whose roots are wrong as well.
    BOOST_OUTCOME_TRYV(chain::validate_body(rules_, block));
    BOOST_OUTCOME_TRYV(chain::validate_result(rules_, header, result));
    auto after = state_after(state.changes());
    if (const auto root = after.root(); root != header.state_root) {
        return Error{ChainError::state_root_wrong, "have " + base::to_hex_prefixed(header.state_root) +
                                                       ", want " + base::to_hex_prefixed(root)};
    }

    const auto hash = chain::header_hash(header);
    const auto total_difficulty = before.total_difficulty + header.difficulty;
    const bool is_better = beats_head(header.number, total_difficulty);
    records_.insert_or_assign(
        hash, Record{block, total_difficulty, std::make_shared<const state::MemoryState>(std::move(after))});
    if (is_better) head_ = hash;
    return success();
}

}  // namespace valence::conformance
