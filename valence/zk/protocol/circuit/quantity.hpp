// Quantities: the tensors a proof speaks of, each defined by earlier ones. Committed columns, committed
// weights and public tensors are the leaves; linear operations on them are never committed, and take claims
// back to their arguments (claims.hpp); the three bilinear operations become terms of the proof's one
// sumcheck (terms.hpp).
#pragma once

#include <cstdint>
#include <utility>
#include <variant>
#include <vector>

#include "valence/ml/graph/operation.hpp"
#include "valence/zk/protocol/field/goldilocks.hpp"

namespace valence::zk {

/// Number of a quantity in Circuit::quantities. Definitions refer to smaller numbers only.
using QuantityId = std::uint32_t;
/// Number of a column in Circuit::columns.
using ColumnId = std::uint32_t;

/// Committed by this proof.
struct WitnessColumn {
    ColumnId column = 0;
};
/// Committed with the model.
struct CommittedWeight {
    ml::WeightId weight = 0;
};
/// An input of the model, which the verifier has.
struct PublicInput {
    std::uint32_t port = 0;
};

// Linear.

/// Σ coefficient·quantity + constant; all of this shape.
struct Affine {
    std::vector<std::pair<Goldilocks, QuantityId>> terms;
    Goldilocks constant;
};
/// The same elements in row-major order under this shape.
struct Reshaped {
    QuantityId of = 0;
};
/// This axis k is the argument's axis permutation[k].
struct Transposed {
    QuantityId of = 0;
    std::vector<std::uint8_t> permutation;
};
/// y[…, j, …] = x[…, sources[j], …] along one axis; where sources[j] < 0, `fill`.
struct Placed {
    QuantityId of = 0;
    std::uint8_t axis = 0;
    std::vector<std::int64_t> sources;
    std::int64_t fill = 0;
};
/// The argument repeated to this shape by numpy's rule.
struct Broadcasted {
    QuantityId of = 0;
};
/// The sum over the axes on which this shape has extent 1 and the argument's more.
struct Summed {
    QuantityId of = 0;
};
/// y[…, j, …] = multipliers[j]·x[…, j, …] along one axis.
struct Multiplied {
    QuantityId of = 0;
    std::uint8_t axis = 0;
    std::vector<std::int64_t> multipliers;
};

// Bilinear. Their arguments are linear in leaves, and nothing but Affine, Multiplied and shapes' changes that
// leave the last axes alone stands between them and a lookup.

/// (x[B…, M, K], z[B…, N, K]) → [B…, M, N]: Σ_k x[…, m, k]·z[…, n, k]. Both arguments have K last.
struct InnerProducts {
    QuantityId left = 0;
    QuantityId right = 0;
};
/// (weight[O, C/G, h, w], x[N, C, H, W]) → [N, O, H′, W′]: the sums of ml::Convolution.
struct Convolved {
    QuantityId weight = 0;
    QuantityId image = 0;
    ml::Window window;
    std::uint32_t groups = 1;
};
/// Element by element; all of one shape.
struct Multiplication {
    QuantityId left = 0;
    QuantityId right = 0;
};

using Definition =
    std::variant<WitnessColumn, CommittedWeight, PublicInput, Affine, Reshaped, Transposed, Placed,
                 Broadcasted, Summed, Multiplied, InnerProducts, Convolved, Multiplication>;

struct Quantity {
    ml::Shape shape;
    Definition definition;
};

}  // namespace valence::zk
