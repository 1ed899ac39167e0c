// Linear functionals on tensors: what every claim of a proof is about. A functional gives each element of a
// tensor a weight in the extension field, and claims say what the weighted sum of the elements is.
//
// The weights are a product of factors, each a vector over some of the axes:
//
//     weight(i_0, …) = Π_f values_f[ the i's of f's axes, row-major ]          every axis in exactly one
//     factor
//
// so that a functional on a tensor of a million elements is a few thousand numbers, and the operations that
// only move or add elements take a functional on their result back to one on their argument, factor by factor
// (pull_back.hpp). Joining factors is always right and costs the product of their sizes; nothing here is
// approximate.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "valence/zk/protocol/circuit/axes.hpp"
#include "valence/zk/protocol/circuit/shared_values.hpp"
#include "valence/zk/protocol/field/extension.hpp"

namespace valence::zk {

template <typename E>
struct Factor {
    std::vector<Axis> axes;  // ascending
    SharedValues<E> values;  // row-major over the extents of `axes`
};

template <typename E>
struct Functional {
    ml::Shape shape;
    std::vector<Factor<E>> factors;

    /// Numbers of all factors.
    std::uint64_t size() const;
    /// Σ of all weights: the functional's value on a tensor of ones.
    E total() const;
    /// All weights, row-major. Takes the time and memory of the tensor.
    std::vector<E> expand() const;
    Functional scaled(const E& by) const;
    /// The factor that covers `axis`.
    const Factor<E>& factor_of(Axis axis) const;

    /// The same functional with the factors that cover any of `axes` joined into one.
    Functional joined(std::span<const Axis> axes) const;
    /// The same functional in which `axes` are covered by one factor that covers nothing else, if it is of
    /// that form already or can be brought to it by joining; callers that need it choose their leaf groups so
    /// (leaf_layout.hpp).
    SharedValues<E> vector_over(std::span<const Axis> axes) const;
};

/// Σ of the products of two functionals' weights, on one shape. Takes the time of the smallest parts into
/// which both split. Leaves out the part that an axis is in, if one is named.
template <typename E>
E inner_product(const Functional<E>& a, const Functional<E>& b, std::optional<Axis> left_out = {});

/// Adds `b` to `a` if they differ in one factor only; says whether it has.
template <typename E>
bool merge(Functional<E>& a, const Functional<E>& b);

/// One factor for each axis, all ones.
template <typename E>
Functional<E> ones(const ml::Shape& shape);

}  // namespace valence::zk
