// Tree ensembles.
#include "valence/ml/reference/step.hpp"

namespace valence::ml::reference {

void compute(const TreeEnsemble& op, const Step& step) {
    const Weight& nodes = step.weight(op.nodes);
    const Weight& roots = step.weight(op.roots);
    const Weight& leaves = step.weight(op.leaves);
    const Values& x = step.input(0);
    for_each_place(step.output().shape, [&](const Place& place) {
        const auto [n, target] = std::array{place[0], place[1]};
        std::int64_t sum = step.entry(op.bias, target);
        for (std::uint32_t tree = 0; tree < roots.shape[0]; ++tree) {
            auto row = static_cast<std::uint32_t>(roots[tree]);
            for (std::int64_t feature = at(nodes, {row, 0}); feature >= 0; feature = at(nodes, {row, 0})) {
                const bool left = at(x, {n, static_cast<std::uint32_t>(feature)}) <= at(nodes, {row, 1});
                row = static_cast<std::uint32_t>(at(nodes, {row, left ? 2U : 3U}));
            }
            sum += at(leaves, {static_cast<std::uint32_t>(at(nodes, {row, 2})), target});
        }
        at(step.output(), place) = requantise(sum, op.out);
    });
}

}  // namespace valence::ml::reference
