#include "valence/evm/analysis.hpp"

#include "valence/evm/fusion.hpp"

namespace valence::evm {
void AnalysedCode::assign(BytesView code) {
    size_ = code.size();
    fused_.clear();
    bytes_.clear();
    bytes_.reserve(code.size() + kPadding);
    base::append(bytes_, code);
    bytes_.resize(code.size() + kPadding, 0);
    jumps_.assign(code.size() / 64 + 1, 0);
    const auto* const bytes = bytes_.data();
    constexpr auto kFirstPush = static_cast<std::int8_t>(Op::push1);
    for (std::size_t i = 0; i < size_; ++i) {
        const auto op = bytes[i];
        // Signed, everything below PUSH1 and from DUP1 up is less than PUSH1: one comparison for the common
        // case.
        if (static_cast<std::int8_t>(op) >= kFirstPush) {
            static_assert(static_cast<int>(Op::push32) == 0x7f);
            i += op - kFirstPush + 1U;
        } else if (op == static_cast<std::uint8_t>(Op::jumpdest)) [[unlikely]] {
            jumps_[i / 64] |= std::uint64_t{1} << (i % 64);
        }
    }
}

void AnalysedCode::fuse() {
    if (is_fused()) return;
    fused_ = bytes_;
    evm::fuse(fused_.data(), size_, [this](std::uint64_t offset) { return is_jump_destination(offset); });
}

SharedAnalysis AnalysisCache::get(const Hash& hash, BytesView code) {
    if (!entries_.empty() && entries_.front().hash == hash) return reused(entries_.front());
    if (const auto found = index_.find(hash); found != index_.end()) {
        entries_.splice(entries_.begin(), entries_, found->second);
        return reused(*found->second);
    }
    auto analysis = std::make_shared<AnalysedCode>(code);
    used_ += analysis->memory_used();
    entries_.push_front({hash, analysis});
    index_.emplace(hash, entries_.begin());
    make_room(capacity_.within);
    return analysis;
}

void AnalysisCache::make_room(std::size_t capacity) {
    while (used_ > capacity && entries_.size() > 1) {
        const auto& oldest = entries_.back();
        used_ -= oldest.analysis->memory_used();
        index_.erase(oldest.hash);
        entries_.pop_back();
    }
}

SharedAnalysis AnalysisCache::reused(Entry& entry) {
    // Code used once is not worth the effort; frames that run it already go on with the plain code.
    if (!entry.analysis->is_fused()) {
        used_ -= entry.analysis->memory_used();
        entry.analysis->fuse();
        used_ += entry.analysis->memory_used();
    }
    return entry.analysis;
}

void AnalysisCache::clear() {
    index_.clear();
    entries_.clear();
    used_ = 0;
}

AnalysisCache& AnalysisCache::of_this_thread() {
    thread_local AnalysisCache cache{kCapacity};
    return cache;
}

}  // namespace valence::evm
