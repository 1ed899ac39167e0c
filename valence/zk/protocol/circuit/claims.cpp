#include "valence/zk/protocol/circuit/claims.hpp"

#include "valence/zk/protocol/circuit/pull_back.hpp"
#include "valence/zk/protocol/circuit/work_meter.hpp"

namespace valence::zk {
namespace {

/// A functional by itself, in numbers touched: its vectors and their axes.
constexpr std::uint64_t kFunctional = 32;

template <typename E>
class Descent {
public:
    explicit Descent(const Circuit& circuit) : circuit_(circuit), pending_(circuit.quantities.size()) {}

    void push(QuantityId quantity, Functional<E> functional) {
        WorkMeter::spend(kFunctional + functional.size());
        for (Functional<E>& other : pending_[quantity]) {
            if (merge(other, functional)) return;
        }
        pending_[quantity].push_back(std::move(functional));
    }

    Grounded<E> run() {
        for (auto id = static_cast<QuantityId>(pending_.size()); id-- > 0;) {
            const std::vector<Functional<E>> functionals = std::move(pending_[id]);
            for (const Functional<E>& on : functionals)
                std::visit([&](const auto& definition) { descend(id, definition, on); },
                           circuit_.quantities[id].definition);
        }
        return std::move(result_);
    }

private:
    const ml::Shape& shape(QuantityId id) const { return circuit_.quantities[id].shape; }

    void descend(QuantityId, const WitnessColumn& leaf, const Functional<E>& on) {
        result_.columns.emplace_back(leaf.column, on);
    }
    void descend(QuantityId, const CommittedWeight& leaf, const Functional<E>& on) {
        result_.weights.emplace_back(leaf.weight, on);
    }
    void descend(QuantityId, const PublicInput& leaf, const Functional<E>& on) {
        result_.inputs.emplace_back(leaf.port, on);
    }
    void descend(QuantityId, const Affine& sum, const Functional<E>& on) {
        for (const auto& [coefficient, of] : sum.terms)
            push(of, coefficient == Goldilocks(1) ? on : on.scaled(E(coefficient)));
        if (sum.constant != Goldilocks(0)) result_.constant += on.total() * sum.constant;
    }
    void descend(QuantityId, const Reshaped& view, const Functional<E>& on) {
        push(view.of, pull_back_reshape(on, shape(view.of)));
    }
    void descend(QuantityId, const Transposed& view, const Functional<E>& on) {
        push(view.of, pull_back_transpose(on, view.permutation));
    }
    void descend(QuantityId, const Placed& view, const Functional<E>& on) {
        auto inside = pull_back_places(on, view.axis, shape(view.of)[view.axis], view.sources);
        if (view.fill != 0) result_.constant += (on.total() - inside.total()) * Goldilocks::of(view.fill);
        push(view.of, std::move(inside));
    }
    void descend(QuantityId, const Broadcasted& view, const Functional<E>& on) {
        push(view.of, pull_back_broadcast(on, shape(view.of)));
    }
    void descend(QuantityId, const Summed& view, const Functional<E>& on) {
        push(view.of, pull_back_sum(on, shape(view.of)));
    }
    void descend(QuantityId, const Multiplied& view, const Functional<E>& on) {
        push(view.of, pull_back_multiply(on, view.axis, view.multipliers));
    }
    template <typename Bilinear>
    void descend(QuantityId id, const Bilinear&, const Functional<E>& on) {
        result_.products.push_back({id, on});
    }

    const Circuit& circuit_;
    std::vector<std::vector<Functional<E>>> pending_;
    Grounded<E> result_;
};

}  // namespace

template <typename E>
Grounded<E> ground(const Circuit& circuit, std::vector<Claim<E>> claims) {
    Descent<E> descent(circuit);
    for (Claim<E>& claim : claims)
        descent.push(claim.quantity, std::move(claim.functional));
    return descent.run();
}

template Grounded<Extension2> ground(const Circuit&, std::vector<Claim<Extension2>>);
template Grounded<Extension3> ground(const Circuit&, std::vector<Claim<Extension3>>);

}  // namespace valence::zk
