#include "valence/zk/prover/witness/row_finder.hpp"

#include <algorithm>

#include "valence/zk/prover/witness/signed.hpp"

namespace valence::zk {

RowFinder::RowFinder(std::span<const Goldilocks> first_entries) {
    keys_.reserve(first_entries.size());
    for (const Goldilocks entry : first_entries)
        keys_.push_back(to_signed(entry));
    if (keys_.size() < 2) return;
    step_ = keys_[1] - keys_[0];
    for (std::size_t row = 1; row < keys_.size(); ++row) {
        if (keys_[row] - keys_[row - 1] != step_) step_ = 0;
    }
}

std::size_t RowFinder::at_most(Goldilocks key) const {
    const std::int64_t wanted = to_signed(key);
    if (keys_.empty() || wanted < keys_[0]) return 0;
    if (wanted >= keys_.back()) return keys_.size() - 1;
    if (step_ == 1) return static_cast<std::size_t>(wanted - keys_[0]);
    if (step_ > 0) return static_cast<std::size_t>((wanted - keys_[0]) / step_);
    return static_cast<std::size_t>(std::ranges::upper_bound(keys_, wanted) - keys_.begin() - 1);
}

std::optional<std::size_t> RowFinder::find(Goldilocks key) const {
    if (keys_.empty()) return std::nullopt;
    const std::size_t row = at_most(key);
    return keys_[row] == to_signed(key) ? std::optional(row) : std::nullopt;
}

}  // namespace valence::zk
