#include "valence/da/sampling/sampling.hpp"

#include <deque>
#include <random>
#include <set>

#include "valence/da/sampling/recovery.hpp"

namespace valence::da {
namespace {

/// Blocks that may hold a namespace, among which one is looked for that does.
constexpr std::size_t kLookedAt = 64;

/// Different cells, in the order of their rows, so that a row's tree serves all of its own.
std::vector<Cell> draw_cells(std::size_t width, std::size_t count, const Draw& draw) {
    std::set<Cell> cells;
    const auto most = std::min(count, width * width);
    while (cells.size() < most) {
        const auto index = static_cast<std::size_t>(draw(width * width));
        cells.insert({index / width, index % width});
    }
    return {cells.begin(), cells.end()};
}

/// Nothing when the share came and is where it should be.
std::optional<Error> trouble_with(const Result<std::vector<Sample>>& answer, std::size_t place, Cell cell,
                                  const SquareRoots& roots) {
    if (!answer) return answer.error();
    const auto& samples = answer.value();
    if (place >= samples.size()) return Error{LayerError::malformed, "fewer shares than were asked for"};
    if (samples[place].cell == cell && verify_sample(samples[place], roots)) return std::nullopt;
    return Error{LayerError::malformed, "a proof that does not hold"};
}

}  // namespace

Draw system_draw() {
    return [device = std::make_shared<std::random_device>()](std::uint64_t bound) {
        return std::uniform_int_distribution<std::uint64_t>{0, bound - 1}(*device);
    };
}

double sampling_confidence(std::size_t extended_width, std::size_t drawn) {
    const auto all = static_cast<double>(extended_width * extended_width);
    const auto k = static_cast<double>(extended_width) / 2;
    const auto withheld = (k + 1) * (k + 1);
    double all_came = 1;
    for (std::size_t i = 0; i < drawn; ++i) {
        const auto left = all - static_cast<double>(i);
        all_came *= std::max(0.0, left - withheld) / left;
        if (all_came <= 0) break;
    }
    return 1 - all_came;
}

Result<SampledBlock> sample_block(Layer& layer, const ExtendedHeader& header, std::size_t count,
                                  const Draw& draw) {
    const auto& roots = header.roots;
    SampledBlock out;
    out.height = header.height;
    const auto cells = draw_cells(roots.width(), count, draw);
    out.drawn = cells.size();
    const auto together = layer.samples(header.height, cells);
    if (!together && together.error() == Error{LayerError::unreachable}) return together.error();
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (together && !trouble_with(together, i, cells[i], roots)) continue;
        // A node that lacks one share answers none: each by itself then.
        const auto alone = layer.samples(header.height, std::span{cells}.subspan(i, 1));
        if (const auto why = trouble_with(alone, 0, cells[i], roots))
            out.withheld.push_back({cells[i], *why});
    }
    if (out.withheld.empty()) out.confidence = sampling_confidence(roots.width(), out.drawn);
    return out;
}

/// A block among these that is proven to hold something of the namespace, the last one first.
Result<std::optional<std::uint64_t>> find_shown(Layer& layer, const Namespace& name,
                                                const std::deque<std::uint64_t>& heights) {
    for (auto height = heights.rbegin(); height != heights.rend(); ++height) {
        BOOST_OUTCOME_TRY(const auto header, layer.header(*height));
        const auto rows = layer.namespace_rows(*height, name);
        if (!rows && rows.error() == Error{LayerError::unreachable}) return rows.error();
        if (!rows) continue;
        const auto blobs = proven_blobs(header, name, rows.value());
        if (blobs && !blobs.value().empty()) return std::optional{*height};
    }
    return std::optional<std::uint64_t>{};
}

Result<SampledChain> sample_chain(Layer& layer, const Namespace& name, const ChainSampling& options) {
    SampledChain out;
    BOOST_OUTCOME_TRY(const auto newest, layer.head());
    std::optional<Hash> before;
    std::deque<std::uint64_t> newest_blocks;
    for (auto height = options.from; height <= newest.height; ++height) {
        BOOST_OUTCOME_TRY(const auto header, layer.header(height));
        ++out.headers;
        if (const auto fits = check_header(header); !fits)
            out.wrong_headers.emplace_back(height, fits.error());
        if (before && header.last_block.hash != *before) {
            out.wrong_headers.emplace_back(
                height, Error{LayerError::malformed, "it does not follow the header before it"});
        }
        before = header.hash();
        if (may_hold(header.roots, name)) {
            BOOST_OUTCOME_TRY(auto sampled, sample_block(layer, header, options.shares, options.draw));
            ++out.blocks;
            newest_blocks.push_back(height);
            if (newest_blocks.size() > kLookedAt) newest_blocks.pop_front();
            out.shares += sampled.drawn;
            out.confidence = std::min(out.confidence, sampled.confidence);
            if (!sampled.withheld.empty()) out.withheld.push_back(std::move(sampled));
        }
        if (options.progress) options.progress(height, newest.height);
    }
    BOOST_OUTCOME_TRY(out.shown, find_shown(layer, name, newest_blocks));
    return out;
}

}  // namespace valence::da
