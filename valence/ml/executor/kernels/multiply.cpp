#include "valence/ml/executor/kernels/multiply.hpp"

namespace valence::ml::executor {
namespace {

/// Rows whose activations stay in the nearest caches while all panels pass by. A multiple of kTileRows.
constexpr std::size_t kChunk = 96;

/// The addresses of a chunk of rows; rows are numbered through all items.
struct Chunk {
    std::size_t count = 0;
    std::array<const std::int16_t*, kChunk> x;
    std::array<std::int16_t*, kChunk> y;

    Chunk(const Frame& frame, const RowMap& map, BufferId from, BufferId to, std::size_t first,
          std::size_t last) {
        const std::size_t rows = map.rows();
        std::size_t item = first / rows;
        std::size_t row = first % rows;
        std::size_t column = row % map.columns;
        std::size_t line = row / map.columns % map.lines;
        std::size_t image = row / map.columns / map.lines;
        for (; first < last; ++first, ++count) {
            x[count] = frame.at<const std::int16_t>(from, item) +
                       static_cast<std::ptrdiff_t>(image) * map.image_stride +
                       static_cast<std::ptrdiff_t>(line) * map.line_stride +
                       static_cast<std::ptrdiff_t>(column) * map.column_stride;
            y[count] = frame.at<std::int16_t>(to, item) + static_cast<std::ptrdiff_t>(row) * map.y_stride;
            ++row;
            if (++column < map.columns) continue;
            column = 0;
            if (++line < map.lines) continue;
            line = 0;
            if (++image < map.images) continue;
            image = 0;
            row = 0;
            ++item;
        }
    }
};

}  // namespace

void multiply_rows(TileFunction tile, const Panel& panel, std::span<const std::int16_t* const> x,
                   std::span<std::int16_t* const> y) {
    for (std::size_t first = 0; first < x.size(); first += kTileRows) {
        TileRows rows;
        rows.count = std::min(kTileRows, x.size() - first);
        for (std::size_t r = 0; r < rows.count; ++r) {
            rows.x[r] = x[first + r] + panel.x_offset;
            rows.y[r] = y[first + r] + panel.y_offset;
        }
        tile(panel, rows);
    }
}

void Multiply::run(const Frame& frame) const {
    const std::size_t rows = map_.rows() * frame.items;
    const std::size_t chunks = (rows + kChunk - 1) / kChunk;
    const std::span<const Panel> panels = matrix_.panels();
    // About 16 products a nanosecond.
    const std::uint64_t cost = matrix_.pairs() * 2 / panels.size() * std::min(rows, kChunk) / 16 + 1;
    (*frame.workers)(chunks* panels.size(), cost, [&](std::size_t begin, std::size_t end) {
        while (begin < end) {
            const std::size_t number = begin / panels.size();
            const Chunk chunk(frame, map_, from_, to_, number * kChunk,
                              std::min(rows, (number + 1) * kChunk));
            const std::size_t last = std::min(end, (number + 1) * panels.size());
            for (; begin < last; ++begin)
                multiply_rows(tile_, panels[begin % panels.size()], std::span(chunk.x).first(chunk.count),
                              std::span(chunk.y).first(chunk.count));
        }
    });
}

}  // namespace valence::ml::executor
