// Linear and MatrixProduct.
#include <cstring>

#include "valence/ml/executor/kernels/multiply.hpp"
#include "valence/ml/executor/steps/affine.hpp"
#include "valence/ml/executor/steps/steps.hpp"

namespace valence::ml::executor {
namespace {

/// x·z of two activations: z is packed when it is known, split into 256·h + l.
class MultiplyActivations final : public Step {
public:
    struct Sizes {
        std::size_t products;  // matrices to multiply: the leading axes
        std::size_t m, k, n;
    };

    MultiplyActivations(const Sizes& sizes, const Requantisation& out, BufferId x, BufferId z, BufferId y,
                        BufferId packed, InstructionSet instructions)
        : sizes_(sizes), x_(x), z_(z), y_(y), packed_(packed), tile_(tile_function(instructions)) {
        for (std::uint32_t pair = 0; pair < pairs(sizes); pair += kSplitPairs) {
            const auto left = static_cast<std::uint32_t>(pairs(sizes) - pair);
            stretches_.push_back({2 * pair, std::min(kSplitPairs, left), left > kSplitPairs});
        }
        for (std::size_t first = 0; first < sizes.n; first += 8) {
            Finish finish;
            finish.split = true;
            finish.channels = static_cast<std::uint32_t>(std::min<std::size_t>(8, sizes.n - first));
            finish.addend.fill(out.shift == 0 ? 0 : std::int64_t{1} << (out.shift - 1));
            finish.right.fill(out.shift);
            // One stretch: |Σ h·x| ≤ 2^22·510, so that the addend's 2^15 more fit 32 bits too.
            finish.narrow = stretches_.size() == 1 && out.shift >= 8;
            if (finish.narrow) {
                finish.narrow_addend.fill(0);
                std::fill_n(finish.narrow_addend.begin(), 8,
                            static_cast<std::int32_t>(finish.addend[0] >> 8));
                std::fill_n(finish.narrow_addend.begin() + 8, 8,
                            static_cast<std::int32_t>(finish.addend[0] & 255));
                finish.narrow_right.fill(out.shift - 8);
            }
            finish.low = out.low;
            finish.high = out.high;
            finishes_.push_back(finish);
        }
    }

    static std::size_t pairs(const Sizes& sizes) { return (sizes.k + 1) / 2; }
    static std::size_t panels(const Sizes& sizes) { return (sizes.n + 7) / 8; }
    /// Of one panel, in elements.
    static std::size_t panel_size(const Sizes& sizes) { return pairs(sizes) * 2 * kLanes; }
    static std::size_t packed_bytes(const Sizes& sizes) {
        return sizes.products * panels(sizes) * panel_size(sizes) * sizeof(std::int16_t);
    }

    void run(const Frame& frame) const override {
        const std::size_t count = panels(sizes_);
        const std::size_t units = frame.items * sizes_.products * count;
        const std::uint64_t cost = panel_size(sizes_) * (1 + sizes_.m / 16);
        (*frame.workers)(units, cost, [&](std::size_t begin, std::size_t end) {
            for (; begin < end; ++begin)
                multiply(frame, begin / count / sizes_.products, begin / count % sizes_.products,
                         begin % count);
        });
    }

private:
    void multiply(const Frame& frame, std::size_t item, std::size_t product, std::size_t number) const {
        const auto [products, m, k, n] = sizes_;
        const Finish& finish = finishes_[number];
        std::int16_t* packed =
            frame.at<std::int16_t>(packed_, item) + (product * panels(sizes_) + number) * panel_size(sizes_);
        pack(frame.at<const std::int16_t>(z_, item) + product * k * n + 8 * number, finish.channels, packed);

        Panel panel;
        panel.weights = packed;
        panel.stretches = stretches_.data();
        panel.stretch_count = static_cast<std::uint32_t>(stretches_.size());
        panel.finish = &finish;
        const std::int16_t* x = frame.at<const std::int16_t>(x_, item) + product * m * k;
        std::int16_t* y = frame.at<std::int16_t>(y_, item) + product * m * n + 8 * number;
        for (std::size_t first = 0; first < m; first += kTileRows) {
            TileRows rows;
            rows.count = std::min(kTileRows, m - first);
            for (std::size_t r = 0; r < rows.count; ++r) {
                rows.x[r] = x + (first + r) * k;
                rows.y[r] = y + (first + r) * n;
            }
            tile_(panel, rows);
        }
    }

    /// Up to 8 columns of z; lanes without a column keep whatever they held, which nothing reads.
    void pack(const std::int16_t* z, std::uint32_t columns, std::int16_t* to) const {
        const std::size_t whole = columns == 8 ? sizes_.k / 2 * 2 : 0;
        for (std::size_t k = 0; k < whole; k += 2, to += 2 * kLanes)
            pack_pair(z + k * sizes_.n, z + (k + 1) * sizes_.n, to);
        for (std::size_t k = whole; k < sizes_.k; k += 2, to += 2 * kLanes) {
            const bool both = k + 1 < sizes_.k;
            const std::int16_t* row = z + k * sizes_.n;
            for (std::uint32_t column = 0; column < columns; ++column) {
                const std::int16_t second = both ? row[column + sizes_.n] : std::int16_t{0};
                to[2 * column] = high(row[column]);
                to[2 * column + 1] = high(second);
                to[2 * column + 16] = low(row[column]);
                to[2 * column + 17] = low(second);
            }
        }
    }

    /// Two rows of 8 columns, in loops that become vector instructions.
    static void pack_pair(const std::int16_t* first, const std::int16_t* second, std::int16_t* to) {
        std::int16_t packed[2 * kLanes];
        for (std::size_t column = 0; column < 8; ++column) {
            packed[2 * column] = high(first[column]);
            packed[2 * column + 1] = high(second[column]);
        }
        for (std::size_t column = 0; column < 8; ++column) {
            packed[2 * column + 16] = low(first[column]);
            packed[2 * column + 17] = low(second[column]);
        }
        std::copy_n(packed, 2 * kLanes, to);
    }

    static std::int16_t low(std::int16_t value) { return static_cast<std::int8_t>(value); }
    /// (value − low) / 256, in 16 bits.
    static std::int16_t high(std::int16_t value) {
        return static_cast<std::int16_t>((value >> 8) + ((value >> 7) & 1));
    }

    Sizes sizes_;
    BufferId x_;
    BufferId z_;
    BufferId y_;
    BufferId packed_;
    TileFunction tile_;
    std::vector<Stretch> stretches_;
    std::vector<Finish> finishes_;
};

}  // namespace

Result<void> plan_step(Builder& builder, const Node& node, const Linear& operation) {
    const Graph& graph = builder.graph();
    const Weight& weight = graph.weights[operation.weight];
    const std::size_t n = weight.shape[0];
    const std::size_t k = weight.shape[1];
    const View from = builder.row_major(node.inputs[0]);
    const std::size_t rows = from.shape.elements() / k;

    const auto [output, table] = builder.absorb_lookup(node.outputs[0]);
    MatrixSpec spec = affine_spec(graph, operation);
    spec.channels = n;
    spec.segments = {{0, static_cast<std::uint32_t>(k)}};
    spec.row = [&](std::size_t channel, std::int16_t* row) { copy_weights(weight, channel * k, k, row); };
    spec.table = table;
    spec.x = builder.range(node.inputs[0]);
    spec.few_rows = rows < kTileRows;
    PackedMatrix matrix;
    BOOST_OUTCOME_TRY(matrix.add(builder.resources(), spec));

    const View to = builder.define(output);
    if (table == nullptr) builder.set_range(output, {operation.out.low, operation.out.high});
    RowMap map;
    map.columns = rows;
    map.column_stride = static_cast<std::ptrdiff_t>(k);
    map.y_stride = static_cast<std::ptrdiff_t>(n);
    builder.emit(std::make_unique<Multiply>(std::move(matrix), map, from.buffer, to.buffer,
                                            builder.resources().instructions),
                 {from.buffer, to.buffer});
    return success();
}

Result<void> plan_step(Builder& builder, const Node& node, const MatrixProduct& operation) {
    const View x = builder.row_major(node.inputs[0]);
    const View z = builder.row_major(node.inputs[1]);
    const View y = builder.define(node.outputs[0]);
    const std::size_t rank = x.shape.rank();
    const MultiplyActivations::Sizes sizes{x.shape.product(0, rank - 2), x.shape[rank - 2], x.shape[rank - 1],
                                           z.shape[rank - 1]};
    const BufferId packed = builder.scratch(MultiplyActivations::packed_bytes(sizes));
    builder.emit(std::make_unique<MultiplyActivations>(sizes, operation.out, x.buffer, z.buffer, y.buffer,
                                                       packed, builder.resources().instructions),
                 {x.buffer, z.buffer, y.buffer, packed});
    builder.set_range(node.outputs[0], {operation.out.low, operation.out.high});
    return success();
}

}  // namespace valence::ml::executor
