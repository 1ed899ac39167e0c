#include "valence/zk/prover/witness/term_tables.hpp"

#include <bit>
#include <numeric>

#include "valence/base/result.hpp"
#include "valence/zk/prover/kernels/row_combination.hpp"
#include "valence/zk/prover/witness/linear_values.hpp"

namespace valence::zk {
namespace {

std::vector<Axis> axes_between(std::size_t first, std::size_t last) {
    std::vector<Axis> axes(last - first);
    std::iota(axes.begin(), axes.end(), static_cast<Axis>(first));
    return axes;
}

/// Σ_m weights[m]·of[b, m, k] for [batch, rows, inner].
template <typename E>
void fold_rows(ElementsView of, std::size_t rows, std::size_t inner, std::span<const E> weights, E* to) {
    const std::size_t matrix = rows * inner;
    for (std::size_t b = 0; b * matrix < of.size(); ++b)
        combine_rows<E, Goldilocks>(of.subspan(b * matrix, matrix), weights, {to + b * inner, inner});
}

template <typename E>
class TablesOf {
public:
    TablesOf(const Circuit& circuit, Assignment& assignment, const Claim<E>& product)
        : circuit_(circuit),
          assignment_(assignment),
          on_(product.functional),
          size_(std::size_t{1} << term_variables(circuit, product)) {}

    TermTables<E> operator()(const InnerProducts& product) const {
        const ml::Shape& left = shape(product.left);
        const ml::Shape& right = shape(product.right);
        const std::size_t batch = left.rank() - 2;
        const std::vector<E> by_batch = on_.vector_over(axes_between(0, batch));
        TermTables<E> tables{std::vector<E>(size_), std::vector<E>(size_)};
        const std::size_t inner = left.back();
        fold_rows<E>(assignment_.values(circuit_, product.left), left[batch], inner,
                     on_.vector_over(axes_between(batch, batch + 1)), tables.left.data());
        for (std::size_t k = 0; k < by_batch.size() * inner; ++k)
            tables.left[k] *= by_batch[k / inner];
        fold_rows<E>(assignment_.values(circuit_, product.right), right[batch], inner,
                     on_.vector_over(axes_between(batch + 1, batch + 2)), tables.right.data());
        return tables;
    }

    TermTables<E> operator()(const Convolved& product) const {
        const ml::Shape& kernel = shape(product.weight);
        const ml::Shape& image = shape(product.image);
        const ConvolutionWeights<E> weights = split(on_);
        const auto stored = Strides{std::bit_ceil(kernel[2]), std::bit_ceil(kernel[3])};
        TermTables<E> tables{std::vector<E>(size_), std::vector<E>(size_)};
        const auto w = assignment_.values(circuit_, product.weight);
        const std::size_t outputs_each = kernel[0] / product.groups;
        const std::size_t taps = std::size_t{kernel[1]} * kernel[2] * kernel[3];
        std::vector<E> folded(taps);
        for (std::size_t group = 0; group < product.groups; ++group) {
            const std::size_t first = group * outputs_each;
            combine_rows<E, Goldilocks>(w.subspan(first * taps, outputs_each * taps),
                                        std::span<const E>(weights.channels).subspan(first, outputs_each),
                                        folded);
            std::size_t at = 0;
            for (std::size_t c = 0; c < kernel[1]; ++c) {
                E* const plane = &tables.left[(group * kernel[1] + c) * stored.rows * stored.columns];
                for (std::size_t i = 0; i < kernel[2]; ++i) {
                    for (std::size_t j = 0; j < kernel[3]; ++j)
                        plane[i * stored.columns + j] = folded[at++];
                }
            }
        }
        fold_image(product, image, kernel, weights, stored, tables.right);
        return tables;
    }

    TermTables<E> operator()(const Multiplication& product) const {
        TermTables<E> tables{std::vector<E>(size_), std::vector<E>(size_)};
        const std::vector<E> weights = on_.expand();
        const auto left = assignment_.values(circuit_, product.left);
        const auto right = assignment_.values(circuit_, product.right);
        multiplication_layout(on_).for_each([&](std::uint64_t element, std::uint64_t position) {
            tables.left[position] = weights[element] * left[element];
            tables.right[position] = E(right[element]);
        });
        return tables;
    }

    template <typename Linear>
    TermTables<E> operator()(const Linear&) const {
        VALENCE_CHECK(false && "a bilinear quantity");
        __builtin_unreachable();
    }

private:
    struct Strides {
        std::size_t rows;
        std::size_t columns;
    };

    const ml::Shape& shape(QuantityId id) const { return circuit_.quantities[id].shape; }

    /// B(c, i, j) = Σ over items and places of φ · x[n, c, row(y, i), column(q, j)].
    void fold_image(const Convolved& product, const ml::Shape& image, const ml::Shape& kernel,
                    const ConvolutionWeights<E>& weights, Strides stored, std::vector<E>& to) const {
        const ml::Window& window = product.window;
        const std::size_t height = on_.shape[2];
        const std::size_t width = on_.shape[3];
        // Items first, if there are several.
        const auto x = assignment_.values(circuit_, product.image);
        const std::size_t item = std::size_t{image[1]} * image[2] * image[3];
        std::vector<E> folded(item);
        fold_rows<E>(x, image[0], item, weights.items, folded.data());
        std::vector<E> line(width);
        for (std::size_t c = 0; c < image[1]; ++c) {
            for (std::size_t i = 0; i < kernel[2]; ++i) {
                for (std::size_t j = 0; j < kernel[3]; ++j) {
                    E sum;
                    for (std::size_t y = 0; y < height; ++y) {
                        const auto row =
                            static_cast<std::int64_t>(y * window.stride[0] + i * window.dilation[0]) -
                            window.before[0];
                        if (row < 0 || row >= image[2]) continue;
                        const E* const pixels =
                            folded.data() + (c * image[2] + static_cast<std::size_t>(row)) * image[3];
                        E of_row;
                        for (std::size_t q = 0; q < width; ++q) {
                            const auto column =
                                static_cast<std::int64_t>(q * window.stride[1] + j * window.dilation[1]) -
                                window.before[1];
                            if (column < 0 || column >= image[3]) continue;
                            const E& weight =
                                weights.joint.empty() ? weights.columns[q] : weights.joint[y * width + q];
                            of_row += weight * pixels[column];
                        }
                        sum += weights.joint.empty() ? weights.rows[y] * of_row : of_row;
                    }
                    to[(c * stored.rows + i) * stored.columns + j] = sum;
                }
            }
        }
    }

    const Circuit& circuit_;
    Assignment& assignment_;
    const Functional<E>& on_;
    std::size_t size_;
};

}  // namespace

template <typename E>
TermTables<E> term_tables(const Circuit& circuit, Assignment& assignment, const Claim<E>& product) {
    return std::visit(TablesOf<E>(circuit, assignment, product),
                      circuit.quantities[product.quantity].definition);
}

template TermTables<Extension2> term_tables(const Circuit&, Assignment&, const Claim<Extension2>&);
template TermTables<Extension3> term_tables(const Circuit&, Assignment&, const Claim<Extension3>&);

}  // namespace valence::zk
