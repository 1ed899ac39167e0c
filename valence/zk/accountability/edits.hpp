// A fuzzer's input as changes to an honest proof, so that it begins where all checks pass, and comes to each
// of them by changing what that check is on.
#pragma once

#include <algorithm>

#include "valence/zk/accountability/tap.hpp"
#include "valence/zk/protocol/proof/little_endian.hpp"

namespace valence::zk::testing {

/// A transcript that takes nothing in: challenges are the same whatever is sent, and a change is met by the
/// checks that are on it, not by the first one behind a challenge that depends on it.
class NothingIn final : public Tap {
public:
    bool absorb(Absorbed&) override { return false; }
    bool work() override { return false; }
};

/// What the input's bytes choose; zeros where it has ended.
class Choices {
public:
    explicit Choices(BytesView input) : input_(input) {}
    std::uint8_t byte() {
        if (input_.empty()) return 0;
        const std::uint8_t first = input_.front();
        input_ = input_.subspan(1);
        return first;
    }
    std::uint16_t pair() {
        const std::uint16_t high = byte();
        return static_cast<std::uint16_t>(high << 8 | byte());
    }
    bool ended() const { return input_.empty(); }
    BytesView rest() const { return input_; }

private:
    BytesView input_;
};

/// One change: its kind, a place as a share of the proof (in 2⁻¹⁶), and what the kind takes.
inline void edit(Bytes& proof, Choices& choices) {
    enum class Kind { flip, add, set, copy, cut, lengthen };
    const auto kind = static_cast<Kind>(choices.byte() % 6);
    const auto place = [&] { return std::size_t{choices.pair()} * proof.size() >> 16; };
    const std::size_t at = place();
    const std::size_t word = std::min<std::size_t>(8, proof.size() - at);
    const auto begin = proof.begin() + static_cast<std::ptrdiff_t>(at);
    if (kind == Kind::cut) proof.resize(at);
    if (kind == Kind::lengthen) proof.resize(proof.size() + choices.byte());
    if (word == 0) return;
    if (kind == Kind::flip) *begin ^= choices.byte();
    if (kind == Kind::set) {
        for (std::size_t i = 0; i < word; ++i)
            *(begin + static_cast<std::ptrdiff_t>(i)) = choices.byte();
    }
    if (kind == Kind::add && word == 8)
        std::ranges::copy(little_endian(load_little_endian(&*begin) + choices.byte()), begin);
    if (kind == Kind::copy) {
        const std::size_t from = std::min(place(), proof.size() - word);
        const Bytes copied(proof.begin() + static_cast<std::ptrdiff_t>(from),
                           proof.begin() + static_cast<std::ptrdiff_t>(from + word));
        std::ranges::copy(copied, begin);
    }
}

}  // namespace valence::zk::testing
