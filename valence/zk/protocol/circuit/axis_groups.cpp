#include "valence/zk/protocol/circuit/axis_groups.hpp"

#include <algorithm>
#include <bit>
#include <numeric>
#include <utility>

#include "valence/base/bytes.hpp"

namespace valence::zk {
namespace {

struct Ratio {
    std::uint64_t numerator, denominator;
};
/// Places for each element of a tensor up to which its axes are padded one by one.
constexpr Ratio kAcceptedPadding{27, 20};
/// How many times the places of a joint group separate rows and columns may take.
constexpr Ratio kAcceptedForRows{6, 5};

Padding padding_of(const ml::Shape& shape, std::span<const Axis> group) {
    const std::uint64_t extent = extent_of(shape, group);
    return {log2_ceil(extent), extent};
}

}  // namespace

Padding Padding::of(const ml::Shape& shape, const AxisGroups& groups) {
    Padding all;
    for (std::size_t g = 1; g < groups.size(); ++g) {
        const Padding one = padding_of(shape, groups[g]);
        all.log_places += one.log_places;
        all.elements *= one.elements;
    }
    return all;
}

bool Padding::exceeds(const Padding& other, std::uint64_t numerator, std::uint64_t denominator) const {
    // Each side is below 2^(48 + 8)·2^48·2^8.
    const base::UInt128 own = (base::UInt128{other.elements} * denominator) << log_places;
    const base::UInt128 others = (base::UInt128{elements} * numerator) << other.log_places;
    return own > others;
}

AxisGroups one_group(const ml::Shape& shape) {
    std::vector<Axis> all(shape.rank());
    std::iota(all.begin(), all.end(), Axis{0});
    return {all};
}

AxisGroups least_padding(const ml::Shape& shape, AxisGroups groups) {
    std::erase_if(groups, [](const auto& group) { return group.empty(); });
    if (groups.empty()) return {{}};
    // The group whose padding would waste the largest part goes first.
    std::size_t first = 0;
    for (std::size_t g = 1; g < groups.size(); ++g) {
        if (padding_of(shape, groups[g]).exceeds(padding_of(shape, groups[first]))) first = g;
    }
    std::rotate(groups.begin(), groups.begin() + static_cast<std::ptrdiff_t>(first),
                groups.begin() + static_cast<std::ptrdiff_t>(first) + 1);
    return groups;
}

AxisGroups by_axis(const ml::Shape& shape) {
    AxisGroups groups;
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        groups.push_back({static_cast<Axis>(axis)});
    AxisGroups best = least_padding(shape, groups);
    Padding least = Padding::of(shape, best);
    // The last two become one as long as that helps: joint groups cost the verifier, padding the prover.
    while (groups.size() > 1 &&
           least.exceeds(Padding{}, kAcceptedPadding.numerator, kAcceptedPadding.denominator)) {
        const std::vector<Axis> last = std::move(groups.back());
        groups.pop_back();
        groups.back().insert(groups.back().end(), last.begin(), last.end());
        AxisGroups joint = least_padding(shape, groups);
        const Padding of_joint = Padding::of(shape, joint);
        if (least.exceeds(of_joint)) {
            best = std::move(joint);
            least = of_joint;
        }
    }
    return best;
}

AxisGroups image_groups(const ml::Shape& shape) {
    AxisGroups separate = least_padding(shape, {{0}, {1}, {2}, {3}});
    AxisGroups joint = least_padding(shape, {{0}, {1}, {2, 3}});
    const bool joins =
        Padding::of(shape, separate)
            .exceeds(Padding::of(shape, joint), kAcceptedForRows.numerator, kAcceptedForRows.denominator);
    return joins ? joint : separate;
}

AxisGroups weight_groups(const ml::Shape& shape) {
    // A kernel's channels are the long axis that every sum runs over; its few taps go with the outputs.
    if (shape.rank() == 4 && shape[2] * shape[3] > 1 && shape[1] > 1) return {{0, 2, 3}, {1}};
    return by_axis(shape);
}

}  // namespace valence::zk
