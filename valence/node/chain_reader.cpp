#include "valence/node/chain_reader.hpp"

#include "valence/sequencer/layered_state.hpp"

namespace valence::node {
namespace {

class ReadCategory : public std::error_category {
public:
    const char* name() const noexcept override { return "chain reader"; }
    std::string message(int code) const override {
        switch (static_cast<ReadError>(code)) {
            case ReadError::unknown_block:
                return "header not found";
            case ReadError::state_unavailable:
                return "historical state is not available";
        }
        return "unknown error";
    }
};

Error unavailable(std::uint64_t number, const Error& cause) {
    return {ReadError::state_unavailable, "block " + std::to_string(number) + ", " + cause.message()};
}

}  // namespace

std::error_code make_error_code(ReadError error) {
    static const ReadCategory category;
    return {static_cast<int>(error), category};
}

ChainReader::ChainReader(const sequencer::BlockStore& blocks, const state::StateDatabase& states)
    : blocks_(blocks), states_(states) {}

HeadView ChainReader::head() const {
    const std::lock_guard guard(mutex_);
    return head_;
}

std::uint64_t ChainReader::head_number() const {
    const std::lock_guard guard(mutex_);
    return head_.block->number();
}

std::optional<std::uint64_t> ChainReader::or_head(Mark mark) const {
    const std::lock_guard guard(mutex_);
    const auto& set = this->*mark;
    if (!set && has_layer_) return std::nullopt;
    return std::min(set.value_or(head_.block->number()), head_.block->number());
}

std::optional<std::uint64_t> ChainReader::safe_number() const { return or_head(&ChainReader::safe_); }
std::optional<std::uint64_t> ChainReader::finalized_number() const {
    return or_head(&ChainReader::finalized_);
}

void ChainReader::expect_layer() {
    const std::lock_guard guard(mutex_);
    has_layer_ = true;
}

sequencer::SharedBlock ChainReader::block(std::uint64_t number) const {
    const auto head = this->head().block;
    if (number > head->number()) return nullptr;
    return number == head->number() ? head : blocks_.canonical(number);
}

/// None that was never executed: who sent a side chain's transactions, and what came of them, is not known.
sequencer::SharedBlock ChainReader::block(const Hash& hash) const {
    auto block = blocks_.block(hash);
    return block != nullptr && block->is_executed() ? std::move(block) : nullptr;
}

std::optional<chain::Header> ChainReader::header(std::uint64_t number) const {
    if (number > head_number()) return std::nullopt;
    return blocks_.canonical_header(number);
}

bool ChainReader::is_canonical(std::uint64_t number, const Hash& hash) const {
    return block_hash(number) == hash;
}

std::optional<Hash> ChainReader::block_hash(std::uint64_t number) const {
    if (number > head_number()) return std::nullopt;
    return blocks_.canonical_hash(number);
}

std::optional<sequencer::TransactionLocation> ChainReader::locate(const Hash& transaction) const {
    return blocks_.locate(transaction);
}

Result<std::shared_ptr<const state::StateReader>> ChainReader::state_at(std::uint64_t number) const {
    const auto view = head();
    if (number == view.block->number()) return view.state;
    if (number > view.block->number()) {
        return Error{ReadError::unknown_block, "block " + std::to_string(number) + ", the head is " +
                                                   std::to_string(view.block->number())};
    }
    auto reader = states_.reader_at(number);
    if (!reader) return unavailable(number, reader.error());
    return std::move(reader).value();
}

Result<std::shared_ptr<const state::StateReader>> ChainReader::state_before(std::uint64_t number) const {
    if (number == 0) return Error{ReadError::unknown_block, "nothing is before block 0"};
    if (number > head_number()) return Error{ReadError::unknown_block, "block " + std::to_string(number)};
    auto reader = states_.reader_at(number - 1);
    if (!reader) return unavailable(number - 1, reader.error());
    const std::lock_guard guard(mutex_);
    const auto poked = poked_.find(number);
    if (poked == poked_.end()) return std::move(reader).value();
    return std::make_shared<const sequencer::LayeredState>(std::move(reader).value(), poked->second);
}

Result<state::AccountProof> ChainReader::proof_at(std::uint64_t number, const Address& account,
                                                  std::span<const U256> slots) const {
    if (number > head_number()) return Error{ReadError::unknown_block, "block " + std::to_string(number)};
    auto proof = states_.prove(number, account, slots);
    if (!proof) return unavailable(number, proof.error());
    return proof;
}

Result<std::unique_ptr<const state::StateWalk>> ChainReader::walk_at(std::uint64_t number) const {
    if (number > head_number()) return Error{ReadError::unknown_block, "block " + std::to_string(number)};
    auto walk = states_.walk(number);
    if (!walk) return unavailable(number, walk.error());
    return walk;
}

Result<std::unique_ptr<const state::StateWalk>> ChainReader::walk_before(
    std::uint64_t number, const state::StateChanges& changes) const {
    if (number == 0) return Error{ReadError::unknown_block, "nothing is before block 0"};
    if (number > head_number()) return Error{ReadError::unknown_block, "block " + std::to_string(number)};
    state::StateChanges all;
    {
        const std::lock_guard guard(mutex_);
        const auto poked = poked_.find(number);
        if (poked != poked_.end()) all = poked->second;
    }
    state::add_changes(all, changes);
    auto walk = states_.walk(number - 1, std::move(all));
    if (!walk) return unavailable(number - 1, walk.error());
    return walk;
}

Result<Hash> ChainReader::state_root_after(std::uint64_t number, const state::StateChanges& changes) const {
    if (number > head_number()) return Error{ReadError::unknown_block, "block " + std::to_string(number)};
    auto root = states_.root_after(number, changes);
    if (!root) return unavailable(number, root.error());
    return root;
}

void ChainReader::publish(HeadView head) {
    const std::lock_guard guard(mutex_);
    head_ = std::move(head);
}

void ChainReader::keep_poked(std::uint64_t number, state::StateChanges changes) {
    const std::lock_guard guard(mutex_);
    poked_[number] = std::move(changes);
}

void ChainReader::forget_poked_above(std::uint64_t number) {
    const std::lock_guard guard(mutex_);
    poked_.erase(poked_.upper_bound(number), poked_.end());
}

void ChainReader::set_safe_and_finalized(std::uint64_t safe, std::uint64_t finalized) {
    const std::lock_guard guard(mutex_);
    safe_ = safe;
    finalized_ = finalized;
}

}  // namespace valence::node
