// Sampling: how sure one can be that a block's square is to be had, from a few shares drawn at random.
//
// Whoever wants to keep anything of a square back must keep back so much that it cannot be repaired: at least
// (k + 1)² of its 4k² shares. So each drawn share that comes makes that less likely. Source: M. Al-Bassam,
// A. Sonnino, V. Buterin, "Fraud and data availability proofs", 2018, section 5.6, theorem 3.
#pragma once

#include <functional>

#include "valence/da/layer/layer.hpp"

namespace valence::da {

/// A number below its argument, each equally likely; that nobody can foresee, where it matters.
using Draw = std::function<std::uint64_t(std::uint64_t)>;
/// Of the system's randomness.
Draw system_draw();

/// The probability that of a square of this extended width, too much of which is kept back for it to be
/// repaired, at least one of so many different drawn shares is missing.
double sampling_confidence(std::size_t extended_width, std::size_t drawn);

/// A share that did not come, or whose proof does not hold.
struct WithheldShare {
    Cell cell;
    Error why;
};

struct SampledBlock {
    std::uint64_t height = 0;
    std::size_t drawn = 0;
    /// 0 when one is withheld.
    double confidence = 0;
    std::vector<WithheldShare> withheld;
};

/// Draws `count` different shares of a block's extended square (all, of a smaller one) and verifies them.
/// Error: unreachable.
Result<SampledBlock> sample_block(Layer& layer, const ExtendedHeader& header, std::size_t count,
                                  const Draw& draw);

struct ChainSampling {
    /// The first height that is looked at.
    std::uint64_t from = 1;
    /// Of each block.
    std::size_t shares = 16;
    Draw draw = system_draw();
    /// Told after each block of the layer: its height and the newest one.
    std::function<void(std::uint64_t, std::uint64_t)> progress;
};

struct SampledChain {
    /// Headers read, each linked to the one before.
    std::uint64_t headers = 0;
    /// Of these, blocks that may hold blobs of the namespace, as the roots of their rows say.
    std::uint64_t blocks = 0;
    std::uint64_t shares = 0;
    /// One of the newest of them that was shown to hold some: nothing where they only might.
    std::optional<std::uint64_t> shown;
    /// The least of all blocks; 1 when there are none.
    double confidence = 1;
    /// Those of which something is withheld.
    std::vector<SampledBlock> withheld;
    /// Headers that do not name the one before, or do not fit their own roots, and why.
    std::vector<std::pair<std::uint64_t, Error>> wrong_headers;

    bool is_available() const { return withheld.empty() && wrong_headers.empty(); }
};

/// Samples all blocks of the layer, from one height to the newest, that may hold blobs of a namespace.
/// Errors: unreachable, and those of reading headers.
Result<SampledChain> sample_chain(Layer& layer, const Namespace& name, const ChainSampling& options);

}  // namespace valence::da
