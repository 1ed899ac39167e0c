// Sine and cosine: rotations by the distance of the knots.
#include "valence/ml/functions/families.hpp"

namespace valence::ml::families {

using namespace fixed;

std::vector<Pair> circles(const Table& table) {
    const Angle step = angle(reduce_angle(argument(table, 64)));
    Angle at{one(), 0};
    std::vector<Pair> pairs;
    for (int i = 0; i <= 512; ++i) {
        if (table.function == Function::sine)
            pairs.push_back({at.sine, -at.sine});
        else
            pairs.push_back({at.cosine, at.cosine});
        at = {multiply(at.cosine, step.cosine) - multiply(at.sine, step.sine),
              multiply(at.sine, step.cosine) + multiply(at.cosine, step.sine)};
    }
    return pairs;
}

}  // namespace valence::ml::families
