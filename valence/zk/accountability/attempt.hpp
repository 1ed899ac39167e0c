// A prover that does all that prove() does, but for what it is told to do otherwise: of a false statement,
// with a forged witness, or with messages other than its own, to which everything after them follows.
#pragma once

#include <functional>
#include <set>
#include <system_error>
#include <tuple>

#include "valence/zk/accountability/tap.hpp"
#include "valence/zk/prover/prove.hpp"
#include "valence/zk/prover/witness/assignment.hpp"
#include "valence/zk/prover/witness/violation.hpp"

namespace valence::zk::testing {

struct Attempt {
    SecurityProfile profile = kProfile100;
    /// What the witness is computed from: another graph's weights than those that are opened.
    const ml::Graph* graph = nullptr;
    std::vector<ml::Values> inputs;
    /// What is said instead of these inputs, and of what comes out.
    std::optional<std::vector<ml::Values>> said_inputs, said_outputs;
    /// Whether the claims are on what is said; else on what is so, under a transcript of what is said.
    bool claims_as_said = true;
    Bytes context;
    /// The nth flag, instead of the run's own.
    std::function<Saturation(std::size_t, Saturation)> flag;
    /// Claims left out, or others.
    std::function<void(Circuit&)> change_circuit;
    std::function<void(const Circuit&, Assignment&)> forge;
    /// The committed vector, after the columns were put into it.
    std::function<void(const Circuit&, std::span<Goldilocks>)> change_vector;
};

struct Attempted {
    SecurityProfile profile;
    std::vector<ml::Values> inputs, outputs;  // as said
    Bytes context;
    Bytes proof;
    Circuit circuit;
    /// Of the witness.
    std::optional<Violation> violation;
};

/// Proofs go into `proof`, so that taps see how far they are.
/// Errors: compile()'s.
Result<Attempted> attempt(const ProvingModel& model, const Attempt& what, ProofWriter& proof);
Result<Attempted> attempt(const ProvingModel& model, const Attempt& what);

/// Empty if the proof is accepted.
std::error_code verdict(const ProvableModel& model, const Attempted& attempted);

/// The prover's side of a conversation: what it sends, which some function may alter (then all that follows
/// does), and what is left out of the transcript.
class Conversation : public Tap {
public:
    struct Item {
        Absorbed honest, said;
        std::size_t offset = 0;  // in the proof, if it is sent
        bool sent = false;
        int works_before = 0;
        /// How often this label came before.
        int occurrence = 0;
    };

    /// Where attempt() writes.
    ProofWriter writer;
    /// Numbers of items that no transcript takes in; and whether work is among what is left out.
    std::set<std::size_t> dropped;
    bool drop_work = false;
    /// May change what is said.
    std::function<void(std::size_t number, Item&)> alter;
    template <typename E>
    using Drawn = std::function<void(std::string_view label, E& challenge)>;
    /// Of the profile's degree.
    template <typename E>
    void when_drawn(Drawn<E> then) {
        std::get<Drawn<E>>(drawn_) = std::move(then);
    }

    bool absorb(Absorbed& item) override;
    void draw(std::string_view label, Extension2& challenge) override { heard(label, challenge); }
    void draw(std::string_view label, Extension3& challenge) override { heard(label, challenge); }
    void draw_all(std::string_view) override { settle(); }
    bool work() override;

    /// Every call that absorbed, in order.
    std::vector<Item>& items() { return items_; }
    const std::vector<Item>& items() const { return items_; }
    int works() const { return works_; }
    /// The number of the nth item with this label.
    std::size_t number(std::string_view label, int occurrence = 0) const;
    /// A proof with what was said in the place of what was honest.
    Bytes as_said(Bytes proof) const;
    /// attempt() and as_said(), this being its tap.
    Attempted run(const ProvingModel& model, const Attempt& what);

private:
    /// Notes whether the last item went into the proof.
    void settle();
    template <typename E>
    void heard(std::string_view label, E& challenge) {
        settle();
        if (const auto& then = std::get<Drawn<E>>(drawn_)) then(label, challenge);
    }

    std::tuple<Drawn<Extension2>, Drawn<Extension3>> drawn_;
    std::vector<Item> items_;
    int works_ = 0;
};

/// A verifier that leaves out what a Conversation left out.
std::error_code verdict_without(const Conversation& conversation, const ProvableModel& model,
                                const Attempted& attempted);

}  // namespace valence::zk::testing
