// How a tensor's axes are grouped where its elements are laid out (layout.hpp). All groups but the first are
// filled up to powers of two: few long groups waste little, many short ones cost the verifier little. Proofs
// depend on these choices, so all of them are made in integers.
#pragma once

#include <cstdint>

#include "valence/zk/protocol/circuit/axes.hpp"

namespace valence::zk {

/// All axes in one group: no place is wasted, but the verifier takes time in proportion to the elements.
AxisGroups one_group(const ml::Shape& shape);
/// A group for each axis, neighbours joined where padding would waste more than a third otherwise.
AxisGroups by_axis(const ml::Shape& shape);
/// These groups in the order that wastes least: one of them goes first and is not padded. Empty ones are left
/// out.
AxisGroups least_padding(const ml::Shape& shape, AxisGroups groups);
/// For [N, O, H, W]: rows and columns as one group where that saves a sixth of the padding, since it costs
/// the verifier more.
AxisGroups image_groups(const ml::Shape& shape);
/// How a committed weight lies.
AxisGroups weight_groups(const ml::Shape& shape);

/// What filling up makes of a number of elements: 2^log_places places.
struct Padding {
    int log_places = 0;
    std::uint64_t elements = 1;  // below 2^48, and less than 2^8 times fewer than the places

    /// Of all groups but the first.
    static Padding of(const ml::Shape& shape, const AxisGroups& groups);
    /// places/elements > numerator/denominator · other's, exactly. Both numbers are below 2^8.
    bool exceeds(const Padding& other, std::uint64_t numerator = 1, std::uint64_t denominator = 1) const;
};

}  // namespace valence::zk
