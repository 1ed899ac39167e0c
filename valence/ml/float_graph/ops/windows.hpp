// Sliding windows over any number of spatial axes, as convolutions and poolings walk them.
#pragma once

#include "valence/ml/float_graph/attributes.hpp"
#include "valence/ml/float_graph/operator.hpp"

namespace valence::ml::real {

/// Checks a window against the spatial extents it slides over: as many axes, sizes positive and within
/// bounds, and for `forward` windows (not transposed ones) that the last place of the output starts in the
/// padded input.
Result<void> check_window(const Window& window, const Shape& spatial);

/// Checks what a convolution and a transposed one have in common: f32 operands (x, weight, bias?), ranks, the
/// window over x's spatial axes, and the weight's kernel.
Result<void> check_operands(const Window& window, InputTypes inputs);

/// For each spatial axis the input place under (tap, output place), or −1 in the padding:
/// places[axis][tap·output[axis] + place].
std::vector<std::vector<std::int64_t>> window_places(const Window& window, const Shape& spatial);

/// Calls visit(index) for every index below `extents`, in row-major order.
template <typename Visit>
void for_each_index(const Shape& extents, Visit&& visit) {
    for (const auto e : extents)
        if (e == 0) return;
    Shape index(extents.size(), 0);
    for (;;) {
        visit(static_cast<const Shape&>(index));
        auto d = extents.size();
        for (;;) {
            if (d == 0) return;
            --d;
            if (++index[d] < extents[d]) break;
            index[d] = 0;
        }
    }
}

}  // namespace valence::ml::real
