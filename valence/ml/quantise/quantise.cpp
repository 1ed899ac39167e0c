#include "valence/ml/quantise/quantise.hpp"

#include <fmt/format.h>

#include "valence/ml/quantise/decompose.hpp"
#include "valence/ml/quantise/fill_channels.hpp"
#include "valence/ml/quantise/fold_affine.hpp"
#include "valence/ml/quantise/lowering.hpp"
#include "valence/ml/quantise/masks.hpp"

namespace valence::ml {
namespace {

class Category : public std::error_category {
public:
    const char* name() const noexcept override { return "quantise"; }
    std::string message(int value) const override {
        switch (static_cast<QuantiseError>(value)) {
            case QuantiseError::unsupported:
                return "operators without integer semantics";
            case QuantiseError::calibration:
                return "calibration failed";
            case QuantiseError::accumulator:
                return "accumulators would not fit";
        }
        return "unknown";
    }
};

}  // namespace

std::error_code make_error_code(QuantiseError error) {
    static const Category category;
    return {static_cast<int>(error), category};
}

Result<QuantiseResult> inspect_quantised(const real::Graph& graph, std::span<const Sample> samples,
                                         const QuantiseOptions& options) {
    BOOST_OUTCOME_TRY(real::Graph simple, decompose(graph));
    hold_masks(simple);
    BOOST_OUTCOME_TRY(const Ranges first,
                      calibrate(simple, samples.first(std::min<std::size_t>(1, samples.size()))));
    real::Graph folded = fold_affine(std::move(simple), first);
    // 16 bits have enough to spare.
    if (const int bits = weight_bits(folded, options); bits == 8) fill_channels(folded, bits);
    BOOST_OUTCOME_TRY(const Ranges ranges, calibrate(folded, samples));
    return Lowering(folded, ranges, options).run();
}

Result<Graph> quantise(const real::Graph& graph, std::span<const Sample> samples,
                       const QuantiseOptions& options) {
    BOOST_OUTCOME_TRY(QuantiseResult result, inspect_quantised(graph, samples, options));
    if (result.problems.empty()) return std::move(result.graph);
    std::string list;
    for (const QuantiseProblem& problem : result.problems)
        list += fmt::format("\n  {} ({}): {}", problem.op, problem.node, problem.reason);
    return Error{QuantiseError::unsupported, list};
}

}  // namespace valence::ml
