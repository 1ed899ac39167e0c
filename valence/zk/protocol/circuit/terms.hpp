// Bilinear quantities as terms of the sumcheck: a functional on x∘z is Σ_k A(k)·B(k) over some index k, A
// linear in x and B in z. After the sumcheck has fixed k at a point r, the claims A(r) and B(r) are
// functionals on x and z.
//
//     inner products   k = (batch…, inner)       A(b, k) = φ_batch(b) Σ_m φ_M(m) x[b, m, k],   B(b, k) = Σ_n
//     φ_N(n) z[b, n, k] convolution      k = (channel, row, column of the kernel)
//                                                A = Σ_{o of its group} φ_O(o) w[o, c, i, j],   B = Σ_{n, r,
//                                                q} φ(n, r, q) x[n, c, …]
//     multiplication   k = the element's place   A = φ·x,   B = z,    the places being those of φ's factors
//     as groups
#pragma once

#include "valence/zk/protocol/circuit/claims.hpp"

namespace valence::zk {

/// log2 of how many k a term has, filled up to powers of two with zeros.
template <typename E>
int term_variables(const Circuit& circuit, const Claim<E>& product);
/// No claim on this quantity has more.
int most_term_variables(const Circuit& circuit, QuantityId bilinear);

/// The places of a multiplication's elements: φ's factors are groups of axes, so that both sides split as φ
/// does.
template <typename E>
Layout multiplication_layout(const Functional<E>& on);

/// The functional φ on a convolution's result, split as its sums need it.
template <typename E>
struct ConvolutionWeights {
    std::vector<E> items;     // [N]
    std::vector<E> channels;  // [O]
    std::vector<E> rows;      // [H′]; with `columns` the weights of places
    std::vector<E> columns;   // [W′]
    std::vector<E> joint;  // [H′·W′], if the places' weights are no product; then rows and columns are empty
};
template <typename E>
ConvolutionWeights<E> split(const Functional<E>& on);

/// The claims on left and right that A(r) and B(r) are.
template <typename E>
struct Sides {
    Claim<E> left;
    Claim<E> right;
};
template <typename E>
Sides<E> sides_at(const Circuit& circuit, const Claim<E>& product, std::span<const E> point);

}  // namespace valence::zk
