#include "valence/evm/analysis.hpp"

namespace valence::evm {
namespace {

constexpr std::uint8_t kJumpdest = 0x5b;
constexpr std::uint8_t kPush1 = 0x60;
constexpr std::uint8_t kPush32 = 0x7f;

}  // namespace

void AnalysedCode::assign(BytesView code) {
    size_ = code.size();
    bytes_.clear();
    bytes_.reserve(code.size() + kPadding);
    base::append(bytes_, code);
    bytes_.resize(code.size() + kPadding, 0);
    jumps_.assign(code.size() / 64 + 1, 0);
    const auto* const bytes = bytes_.data();
    for (std::size_t i = 0; i < size_; ++i) {
        const auto op = bytes[i];
        // Signed, everything below PUSH1 and from DUP1 up is less than PUSH1: one comparison for the common
        // case.
        if (static_cast<std::int8_t>(op) >= static_cast<std::int8_t>(kPush1)) {
            static_assert(kPush32 == 0x7f);
            i += op - kPush1 + 1U;
        } else if (op == kJumpdest) [[unlikely]] {
            jumps_[i / 64] |= std::uint64_t{1} << (i % 64);
        }
    }
}

SharedAnalysis AnalysisCache::get(const Hash& hash, BytesView code) {
    if (!entries_.empty() && entries_.front().hash == hash) return entries_.front().analysis;
    if (const auto found = index_.find(hash); found != index_.end()) {
        entries_.splice(entries_.begin(), entries_, found->second);
        return found->second->analysis;
    }
    auto analysis = std::make_shared<const AnalysedCode>(code);
    used_ += analysis->memory_used();
    entries_.push_front({hash, analysis});
    index_.emplace(hash, entries_.begin());
    while (used_ > capacity_ && entries_.size() > 1) {
        const auto& oldest = entries_.back();
        used_ -= oldest.analysis->memory_used();
        index_.erase(oldest.hash);
        entries_.pop_back();
    }
    return analysis;
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
