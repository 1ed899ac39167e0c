#include "valence/ml/executor/weighted_sums.hpp"

#include <limits>

#include "valence/ml/executor/steps/window.hpp"
#include "valence/ml/graph/staged_image.hpp"

namespace valence::ml::executor {
namespace {

/// Rows whose activations stay in the nearest caches while all panels pass by. A multiple of kTileRows.
constexpr std::size_t kChunk = 96;

MatrixSpec bare_spec(const Weight& weight) {
    MatrixSpec spec;
    spec.bytes = weight.type == WeightType::int8;
    spec.few_rows = true;  // as bytes: half the memory, for few more instructions
    spec.bias = [](std::size_t) { return std::int64_t{0}; };
    spec.exponent = [](std::size_t) { return 0U; };
    spec.sums = true;
    return spec;
}

}  // namespace

Result<void> WeightedSums::pack(const Graph& graph, std::span<const MatrixSpec> specs,
                                InstructionSet instructions) {
    tile_ = tile_function(instructions);
    resources_ = std::make_unique<Resources>(graph, instructions, std::numeric_limits<std::size_t>::max());
    for (const MatrixSpec& spec : specs) {
        BOOST_OUTCOME_TRYV(matrix_.add(*resources_, spec));
    }
    return success();
}

Result<WeightedSums> WeightedSums::linear(const Graph& graph, WeightId id, std::size_t rows,
                                          InstructionSet instructions) {
    const Weight& weight = graph.weights[id];
    const std::size_t n = weight.shape[0];
    const std::size_t k = weight.shape[1];
    WeightedSums result;
    result.map_.in_channels = k;
    result.map_.items = rows;
    result.map_.channels = n;
    MatrixSpec spec = bare_spec(weight);
    spec.channels = n;
    spec.segments = {{0, static_cast<std::uint32_t>(k)}};
    spec.row = [&](std::size_t channel, std::int16_t* row) { copy_weights(weight, channel * k, k, row); };
    BOOST_OUTCOME_TRYV(result.pack(graph, std::span(&spec, 1), instructions));
    return result;
}

Result<WeightedSums> WeightedSums::convolution(const Graph& graph, const Convolution& operation,
                                               const Shape& in, const Shape& out,
                                               InstructionSet instructions) {
    const Weight& weight = graph.weights[operation.weight];
    const Window& w = operation.window;
    const Geometry geometry{w.size, w.stride, w.dilation, operation.groups, false};
    const ImageExtents image = staged_image(operation, in, out);
    WeightedSums result;
    Map& map = result.map_;
    map.items = in[0];
    map.in_channels = in[1];
    map.in_height = in[2];
    map.in_width = in[3];
    map.staged_height = image[0];
    map.staged_width = image[1];
    map.before_height = w.before[0];
    map.before_width = w.before[1];
    map.lines = out[2];
    map.columns = out[3];
    map.line_stride = w.stride[0] * map.staged_width * map.in_channels;
    map.column_stride = w.stride[1] * map.in_channels;
    map.channels = out[1];
    map.channels_last = false;
    std::vector<MatrixSpec> specs;
    const std::size_t group_outputs = out[1] / operation.groups;
    for (std::size_t group = 0; group < operation.groups; ++group) {
        const std::size_t first = group * group_outputs;
        MatrixSpec spec = bare_spec(weight);
        spec.channels = group_outputs;
        spec.segments = window_segments(geometry, map.staged_width, map.in_channels);
        spec.row = [&weight, geometry, first](std::size_t channel, std::int16_t* row) {
            window_weights(weight, geometry, first + channel, row);
        };
        spec.x_offset = static_cast<std::ptrdiff_t>(group * (map.in_channels / operation.groups));
        spec.y_offset = static_cast<std::ptrdiff_t>(first);
        specs.push_back(std::move(spec));
    }
    BOOST_OUTCOME_TRYV(result.pack(graph, specs, instructions));
    return result;
}

Memory WeightedSums::stage(std::span<const std::int16_t> x) const {
    VALENCE_CHECK(x.size() == inputs());
    const Map& m = map_;
    Memory memory(m.items * m.staged_item() * sizeof(std::int16_t));
    auto* to = reinterpret_cast<std::int16_t*>(memory.data());
    if (m.channels_last) {
        std::copy(x.begin(), x.end(), to);
        return memory;
    }
    const std::int16_t* from = x.data();
    const std::size_t height =
        std::min(m.in_height, m.staged_height - std::min(m.staged_height, m.before_height));
    const std::size_t width = std::min(m.in_width, m.staged_width - std::min(m.staged_width, m.before_width));
    for (std::size_t item = 0; item < m.items; ++item, to += m.staged_item()) {
        for (std::size_t c = 0; c < m.in_channels; ++c, from += m.in_height * m.in_width) {
            for (std::size_t line = 0; line < height; ++line) {
                std::int16_t* at =
                    to + ((line + m.before_height) * m.staged_width + m.before_width) * m.in_channels + c;
                for (std::size_t column = 0; column < width; ++column)
                    at[column * m.in_channels] = from[line * m.in_width + column];
            }
        }
    }
    return memory;
}

std::size_t WeightedSums::pieces() const { return (rows() + kChunk - 1) / kChunk * matrix_.panels().size(); }

std::uint64_t WeightedSums::cost() const {
    // About 16 products a nanosecond.
    return matrix_.pairs() * 2 / matrix_.panels().size() * std::min(rows(), kChunk) / 16 + 1;
}

void WeightedSums::run(const Memory& staged, std::size_t begin, std::size_t end,
                       std::span<std::int64_t> sums) const {
    VALENCE_CHECK(sums.size() == outputs());
    const Map& m = map_;
    const auto* const x = reinterpret_cast<const std::int16_t*>(staged.data());
    const std::size_t places = m.lines * m.columns;
    for (; begin < end; ++begin) {
        const Panel& panel = matrix_.panels()[begin % matrix_.panels().size()];
        const std::size_t first = begin / matrix_.panels().size() * kChunk;
        const std::size_t last = std::min(rows(), first + kChunk);
        TileRows tile;
        tile.sum_stride = m.channels_last ? 1 : places;
        for (std::size_t row = first; row < last; ++row) {
            const std::size_t item = row / places;
            const std::size_t place = row % places;
            tile.x[tile.count] = x + item * m.staged_item() + place / m.columns * m.line_stride +
                                 place % m.columns * m.column_stride + panel.x_offset;
            const auto channel = static_cast<std::size_t>(panel.y_offset);
            tile.sums[tile.count] =
                sums.data() + (item * m.channels + channel) * (m.channels_last ? 1 : places) + place;
            if (++tile.count < kTileRows && row + 1 < last) continue;
            tile_(panel, tile);
            tile.count = 0;
        }
    }
}

}  // namespace valence::ml::executor
