#include "valence/zk/protocol/soundness/soundness.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <utility>

namespace valence::zk {
namespace {

std::string line(double bits, const std::string& text) {
    char number[32];
    std::snprintf(number, sizeof number, "%8.2f", bits);
    return std::string(number) + "  " + text + "\n";
}

}  // namespace

void SoundnessAccount::add(std::string round, Bits bits, int times) {
    if (times > 0) terms_.push_back({std::move(round), bits, times});
}

void SoundnessAccount::add(const SoundnessAccount& other) {
    terms_.insert(terms_.end(), other.terms_.begin(), other.terms_.end());
}

Bits SoundnessAccount::worst() const {
    Bits least = Bits::of(1 << 20);
    for (const Term& term : terms_)
        least = std::min(least, term.bits);
    return least;
}

double SoundnessAccount::union_total() const {
    double error = 0;
    for (const Term& term : terms_)
        error += term.times * std::exp2(-term.bits.value());
    return -std::log2(error);
}

std::string SoundnessAccount::explain() const {
    std::string text;
    for (const Term& term : terms_) {
        text +=
            line(term.bits.value(),
                 term.times == 1 ? term.round : term.round + " (" + std::to_string(term.times) + " rounds)");
    }
    text += line(worst().value(), "worst round");
    text += line(union_total(), "union of all rounds");
    return text;
}

}  // namespace valence::zk
