// A cheat who tells one message of a proof later than it ought to be: after the challenge that should have
// followed it, which a transcript that leaves it out allows.
#pragma once

#include "valence/zk/accountability/attempt.hpp"

namespace valence::zk::testing {

/// Where the lie is: fractions that do not cancel, a result that is not the model's hidden in the products'
/// sum, or the same in the claim that is opened.
enum class Lie { fractions, products, opening };

/// Begins with a lie and keeps up appearances at each check until the late message, which is chosen so that
/// from there on all is true. Without a late message the lie is caught at the first check that it cannot
/// pass.
template <typename E>
class LateMessage : public Conversation {
public:
    /// `late` is an item's number. `zeros` as the circuit has them.
    LateMessage(Lie lie, std::size_t late, std::size_t zeros, bool drop);

    /// The late message of the vector in clear is found when all else is.
    void finish(int clear_variables);

private:
    void say(std::size_t number, Item& item);
    void hear(std::string_view label, const E& challenge);
    void say_fractions(std::size_t number, Item& item);
    void hear_fractions(std::string_view label, const E& challenge);
    void hear_products(std::string_view label, const E& challenge);
    void hear_opening(std::string_view label, const E& challenge);
    /// The late message is the last or last but one; its first or only element grows.
    void tell_late(const E& by);
    bool late_is_last() const { return late_ + 1 == items().size(); }
    bool late_is_one_of_last_two() const { return late_is_last() || late_ + 2 == items().size(); }

    Lie lie_;
    std::size_t late_;
    std::size_t zeros_;
    /// Of the running claim, as the verifier has it.
    E error_;
    /// Of the last layer's p0.
    E lie_in_fraction_;
    std::vector<E> point_;
    std::size_t round_ = 0;
    bool told_ = false;
    std::vector<E> output_point_, product_rounds_, opening_rounds_;
};

}  // namespace valence::zk::testing
