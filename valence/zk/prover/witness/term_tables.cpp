#include "valence/zk/prover/witness/term_tables.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>

#include "valence/base/result.hpp"
#include "valence/zk/prover/functional_table.hpp"
#include "valence/zk/prover/kernels/row_combination.hpp"
#include "valence/zk/prover/parallel.hpp"
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

/// Σ_n weights[n]·of[n, k] for rows of `to.size()` elements of a weight, from row `first` on.
template <typename E>
void fold_weight_rows(const ml::Weight& of, std::size_t first, std::span<const E> weights, std::span<E> to) {
    const std::size_t begin = first * to.size();
    const std::size_t count = weights.size() * to.size();
    if (of.type == ml::WeightType::int8) {
        const auto* bytes = reinterpret_cast<const std::int8_t*>(of.data.data());
        combine_rows<E, std::int8_t>({bytes + begin, count}, weights, to);
    } else if (of.type == ml::WeightType::int16) {
        static_assert(std::endian::native == std::endian::little, "as weights are stored");
        std::vector<std::int16_t> values(count);
        std::memcpy(values.data(), of.data.data() + 2 * begin, 2 * count);
        combine_rows<E, std::int16_t>(values, weights, to);
    } else {
        Elements elements(count);
        for (std::size_t k = 0; k < count; ++k)
            elements[k] = Goldilocks::of(of[begin + k]);
        combine_rows<E, Goldilocks>(elements, weights, to);
    }
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
        TermTables<E> tables{LargeVector<E>(size_), LargeVector<E>(size_)};
        const std::size_t inner = left.back();
        fold_rows<E>(assignment_.values(circuit_, product.left), left[batch], inner,
                     on_.vector_over(axes_between(batch, batch + 1)), tables.left.data());
        for (std::size_t k = 0; k < by_batch.size() * inner; ++k)
            tables.left[k] *= by_batch[k / inner];
        const auto columns = on_.vector_over(axes_between(batch + 1, batch + 2));
        const auto weight = weight_of(circuit_, product.right);
        if (weight && batch == 0) {
            fold_weight_rows<E>(assignment_.graph().weights[*weight], 0, columns,
                                std::span(tables.right).first(inner));
        } else {
            fold_rows<E>(assignment_.values(circuit_, product.right), right[batch], inner, columns,
                         tables.right.data());
        }
        return tables;
    }

    TermTables<E> operator()(const Convolved& product) const {
        const ml::Shape& kernel = shape(product.weight);
        const ml::Shape& image = shape(product.image);
        const ConvolutionWeights<E> weights = split(on_);
        const auto stored = Strides{std::bit_ceil(kernel[2]), std::bit_ceil(kernel[3])};
        TermTables<E> tables{LargeVector<E>(size_), LargeVector<E>(size_)};
        const auto weight = weight_of(circuit_, product.weight);
        const std::size_t outputs_each = kernel[0] / product.groups;
        const std::size_t taps = std::size_t{kernel[1]} * kernel[2] * kernel[3];
        std::vector<E> folded(taps);
        for (std::size_t group = 0; group < product.groups; ++group) {
            const std::size_t first = group * outputs_each;
            const auto channels = std::span<const E>(weights.channels).subspan(first, outputs_each);
            if (weight) {
                fold_weight_rows<E>(assignment_.graph().weights[*weight], first, channels, folded);
            } else {
                const auto w = assignment_.values(circuit_, product.weight);
                combine_rows<E, Goldilocks>(w.subspan(first * taps, outputs_each * taps), channels, folded);
            }
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
        TermTables<E> tables{LargeVector<E>(size_), LargeVector<E>(size_)};
        const auto left = assignment_.values(circuit_, product.left);
        const auto right = assignment_.values(circuit_, product.right);
        const Layout layout = multiplication_layout(on_);
        add_weights<E>(on_, layout, tables.left);
        layout.for_each_run(
            [&](std::uint64_t element, std::uint64_t at, std::uint64_t count, std::uint64_t step) {
                for (std::uint64_t k = 0; k < count; ++k, at += step) {
                    tables.left[at] = tables.left[at] * left[element + k];
                    tables.right[at] = E(right[element + k]);
                }
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
                    const ConvolutionWeights<E>& weights, Strides stored, std::span<E> to) const {
        // Items first, if there are several.
        const auto x = assignment_.values(circuit_, product.image);
        const std::size_t item = std::size_t{image[1]} * image[2] * image[3];
        std::vector<E> folded;
        if (image[0] > 1) {
            folded.resize(item);
            fold_rows<E>(x, image[0], item, weights.items, folded.data());
        }
        const std::size_t plane = std::size_t{image[2]} * image[3];
        in_parallel(image[1], plane * kernel[3] * 8, [&](std::size_t begin, std::size_t end) {
            for (std::size_t c = begin; c < end; ++c) {
                E* const taps = to.data() + c * stored.rows * stored.columns;
                if (folded.empty())
                    fold_plane(product, x.subspan(c * plane, plane), image, kernel, weights, stored, taps);
                else
                    fold_plane(product, std::span<const E>(folded).subspan(c * plane, plane), image, kernel,
                               weights, stored, taps);
            }
        });
        if (image[0] > 1) return;
        for (E& value : to)
            value *= weights.items[0];
    }

    /// Of one channel: along each line for every column of the kernel, then along its rows.
    template <typename Pixel>
    void fold_plane(const Convolved& product, std::span<const Pixel> pixels, const ml::Shape& image,
                    const ml::Shape& kernel, const ConvolutionWeights<E>& weights, Strides stored,
                    E* to) const {
        const ml::Window& window = product.window;
        const auto height = static_cast<std::int64_t>(on_.shape[2]);
        const auto width = static_cast<std::int64_t>(on_.shape[3]);
        const bool apart = weights.joint.empty();
        // lines[row] = Σ_q φ(q)·pixels[row, column(q, j)] where φ does not depend on the output's row.
        std::vector<E> lines(image[2]);
        for (std::uint32_t j = 0; j < kernel[3]; ++j) {
            const auto [first, last] = inside(width, image[3], window.stride[1],
                                              std::int64_t{j} * window.dilation[1] - window.before[1]);
            const auto sum_of_line = [&](std::uint32_t row, const E* of_columns) {
                E sum;
                for (std::int64_t q = first; q < last; ++q) {
                    const std::int64_t column =
                        q * window.stride[1] + std::int64_t{j} * window.dilation[1] - window.before[1];
                    sum += of_columns[q] *
                           pixels[row * std::size_t{image[3]} + static_cast<std::size_t>(column)];
                }
                return sum;
            };
            for (std::uint32_t row = 0; apart && row < image[2]; ++row)
                lines[row] = sum_of_line(row, weights.columns.data());
            for (std::uint32_t i = 0; i < kernel[2]; ++i) {
                const std::int64_t start = std::int64_t{i} * window.dilation[0] - window.before[0];
                const auto [top, bottom] = inside(height, image[2], window.stride[0], start);
                E sum;
                for (std::int64_t y = top; y < bottom; ++y) {
                    const auto row = static_cast<std::uint32_t>(y * window.stride[0] + start);
                    sum += apart ? weights.rows[static_cast<std::size_t>(y)] * lines[row]
                                 : sum_of_line(row, weights.joint.data() + y * width);
                }
                to[i * stored.columns + j] = sum;
            }
        }
    }

    /// The output places y with 0 ≤ y·stride + start < extent: from the first to before the second.
    static std::pair<std::int64_t, std::int64_t> inside(std::int64_t places, std::int64_t extent,
                                                        std::int64_t stride, std::int64_t start) {
        const std::int64_t first = start >= 0 ? 0 : (-start + stride - 1) / stride;
        const std::int64_t last = extent <= start ? 0 : (extent - start - 1) / stride + 1;
        return {first, std::clamp(last, first, std::max(first, places))};
    }

    const Circuit& circuit_;
    Assignment& assignment_;
    const Functional<E>& on_;
    std::size_t size_;
};

/// Has the elements found that tables are made of, so that threads only read them.
void find_arguments(const Circuit& circuit, Assignment& assignment, QuantityId product) {
    const Definition& definition = circuit.quantities[product].definition;
    const auto find = [&](QuantityId id) { static_cast<void>(assignment.values(circuit, id)); };
    if (const auto* inner = std::get_if<InnerProducts>(&definition)) {
        find(inner->left);
        if (!weight_of(circuit, inner->right) || circuit.quantities[inner->left].shape.rank() > 2)
            find(inner->right);
    } else if (const auto* convolved = std::get_if<Convolved>(&definition)) {
        find(convolved->image);
        if (!weight_of(circuit, convolved->weight)) find(convolved->weight);
    } else if (const auto* multiplied = std::get_if<Multiplication>(&definition)) {
        find(multiplied->left);
        find(multiplied->right);
    }
}

}  // namespace

template <typename E>
std::vector<TermTables<E>> term_tables(const Circuit& circuit, Assignment& assignment,
                                       std::span<const Claim<E>> products) {
    std::uint64_t cost = 0;
    for (const Claim<E>& product : products) {
        find_arguments(circuit, assignment, product.quantity);
        cost += std::uint64_t{20} << term_variables(circuit, product);
    }
    std::vector<TermTables<E>> tables(products.size());
    each_in_parallel(products.size(), cost, [&](std::size_t k) {
        tables[k] = std::visit(TablesOf<E>(circuit, assignment, products[k]),
                               circuit.quantities[products[k].quantity].definition);
    });
    return tables;
}

template std::vector<TermTables<Extension2>> term_tables(const Circuit&, Assignment&,
                                                         std::span<const Claim<Extension2>>);
template std::vector<TermTables<Extension3>> term_tables(const Circuit&, Assignment&,
                                                         std::span<const Claim<Extension3>>);

}  // namespace valence::zk
