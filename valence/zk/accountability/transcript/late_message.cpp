#include "valence/zk/accountability/transcript/late_message.hpp"

#include "valence/zk/protocol/commitment/opening_steps.hpp"

namespace valence::zk::testing {
namespace {

template <typename E>
const E kOne{std::uint64_t{1}};

}  // namespace

template <typename E>
LateMessage<E>::LateMessage(Lie lie, std::size_t late, std::size_t zeros, bool drop)
    : lie_(lie), late_(late), zeros_(zeros) {
    if (drop) dropped = {late};
    alter = [this](std::size_t number, Item& item) { say(number, item); };
    when_drawn<E>([this](std::string_view label, E& challenge) { hear(label, challenge); });
}

template <typename E>
void LateMessage<E>::tell_late(const E& by) {
    Absorbed& said = items()[late_].said;
    said.set(0, said.template element<E>(0) + by);
    error_ = E();
    told_ = true;
}

template <typename E>
void LateMessage<E>::say(std::size_t number, Item& item) {
    if (item.honest.label == "fractions" && lie_ == Lie::fractions) say_fractions(number, item);
    const bool of_products = item.honest.label == "products" || item.honest.label == "sum";
    if (of_products && lie_ == Lie::products) item.said.set(0, item.honest.template element<E>(0) + error_);
}

template <typename E>
void LateMessage<E>::hear(std::string_view label, const E& challenge) {
    if (label == "output point") output_point_.push_back(challenge);
    if (label == "claim batching" && lie_ != Lie::fractions) {
        // One more than the first output has: δ to the power after the multiplicities' and the zeros'.
        error_ = challenge.power(zeros_ + 2);
        for (const E& coordinate : output_point_)
            error_ *= kOne<E> - coordinate;
    }
    if (lie_ == Lie::fractions) hear_fractions(label, challenge);
    if (lie_ == Lie::products) hear_products(label, challenge);
    if (lie_ == Lie::opening) hear_opening(label, challenge);
}

// The root's fractions must cancel, a layer's must give its false claim: p0 grows. As a late message they
// stay for now.
template <typename E>
void LateMessage<E>::say_fractions(std::size_t number, Item& item) {
    const E p0 = item.honest.template element<E>(0), p1 = item.honest.template element<E>(1);
    const E q0 = item.honest.template element<E>(2), q1 = item.honest.template element<E>(3);
    if (item.occurrence == 0) error_ = -(p0 * q1 + p1 * q0);
    lie_in_fraction_ = error_ * q1.inverse();
    if (number != late_) item.said.set(0, p0 + lie_in_fraction_);
}

template <typename E>
void LateMessage<E>::hear_fractions(std::string_view label, const E& challenge) {
    if (label == "tau") {
        round_ = 0;
        point_.insert(point_.begin(), challenge);
        error_ = (kOne<E> - challenge) * lie_in_fraction_;
        if (!late_is_last()) return;
        // p0 + x and p1 + y that give the check's value, and the true claim at τ.
        const auto& late = items()[late_].honest;
        const E ratio = (kOne<E> - challenge) * challenge.inverse();
        const E missing = lie_in_fraction_ * late.template element<E>(3);
        const E x = missing * (late.template element<E>(3) - late.template element<E>(2) * ratio).inverse();
        Absorbed& said = items()[late_].said;
        said.set(1, late.template element<E>(1) - ratio * x);
        tell_late(x);
        lie_in_fraction_ = E();
    }
    if (label == "round" && number("products") == items().size()) {
        E& coordinate = point_[round_++];
        // The next claim is C − r·(b + c) + ρ·(b + ρ·c).
        if (late_is_one_of_last_two() && !told_ && items()[late_].honest.label != "fractions") {
            const E power = late_is_last() ? challenge * challenge : challenge;
            tell_late(-error_ * (power - coordinate).inverse());
        }
        coordinate = challenge;
    }
}

// g(0) + r·(C − 2·g(0) − a) + r²·a
template <typename E>
void LateMessage<E>::hear_products(std::string_view label, const E& challenge) {
    const bool begun = number("products") < items().size();
    if (label == "round" && begun) {
        product_rounds_.push_back(challenge);
        error_ *= challenge;
        if (late_is_last())
            tell_late(-error_ * (challenge * challenge - challenge).inverse());
        else if (late_is_one_of_last_two())
            tell_late(-error_ * (kOne<E> - challenge - challenge).inverse());
    }
    if (label == "opening batching" && late_is_last() && items()[late_].honest.label == "values") {
        // A_1 + x and A_2 + y with the product that is claimed, and nothing to add to the claim that is
        // opened.
        const auto weight = [&](int term) {
            const std::size_t variables = items()[number("variables", term)].honest.words[0];
            E product = kOne<E>;
            for (std::size_t j = 0; j + variables < product_rounds_.size(); ++j)
                product *= kOne<E> - product_rounds_[j];
            return product * product;
        };
        Absorbed& said = items()[late_].said;
        const E scale = (challenge * challenge).inverse();
        const E x = error_ * (weight(0) * said.template element<E>(1) -
                              weight(1) * said.template element<E>(3) * scale)
                                 .inverse();
        said.set(2, said.template element<E>(2) - x * scale);
        tell_late(x);
    }
}

template <typename E>
void LateMessage<E>::hear_opening(std::string_view label, const E& challenge) {
    if (label != opening_label::kChallenge) return;
    opening_rounds_.push_back(challenge);
    error_ *= challenge;
    if (late_ >= items().size() || items()[late_].honest.label != opening_label::kRound) return;
    if (late_is_last())
        tell_late(-error_ * (challenge * challenge - challenge).inverse());
    else if (late_is_one_of_last_two())
        tell_late(-error_ * (kOne<E> - challenge - challenge).inverse());
}

template <typename E>
void LateMessage<E>::finish(int clear_variables) {
    if (items()[late_].honest.label != opening_label::kVector) return;
    const auto variables = static_cast<std::size_t>(clear_variables);
    const auto rounds = std::span<const E>(opening_rounds_).last(variables);
    const Absorbed& vector = items()[late_].honest;
    // The vector bound but for its last variable, and the last round's message, give the functional there.
    const auto weights = eq_weights<E>(rounds.first(variables - 1));
    E low, high;
    for (std::size_t i = 0; i < vector.elements(); ++i)
        (i % 2 == 0 ? low : high) += weights[i / 2] * vector.template element<E>(i);
    const std::size_t last = items().size() - 2;
    const E at_zero = items()[last].honest.template element<E>(0),
            square = items()[last + 1].honest.template element<E>(0);
    const E at_low = at_zero * low.inverse();
    const E functional = at_low + rounds.back() * square * (high - low).inverse();
    tell_late(error_ * (eq_weight<E>(rounds, 0) * functional).inverse());
}

template class LateMessage<Extension2>;
template class LateMessage<Extension3>;

}  // namespace valence::zk::testing
