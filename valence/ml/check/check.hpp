// The whole way of a model at once: import, quantise, validate, plan, compare with the float model. What
// `valence model` commands do, and what they print.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "valence/ml/check/accuracy.hpp"
#include "valence/ml/onnx/import.hpp"
#include "valence/ml/quantise/quantise.hpp"

namespace valence::ml {

struct CheckOptions {
    ImportOptions import;
    QuantiseOptions quantise;
    /// A file or folder (samples.hpp); empty: samples are made up.
    std::string samples;
    std::size_t sample_limit = 256;
    /// Of made-up inputs.
    double low = -1;
    double high = 1;
    /// The relative L2 error above which a model is refused.
    double max_error = 0.005;
    /// The share of equal arg-maxima below which a model is refused, for outputs that have one and samples
    /// that are real.
    double min_agreement = 0.0;
    /// Whether to measure every layer too, to show where a model loses accuracy.
    bool layers = false;
};

enum class Severity : std::uint8_t { error, warning, note };

/// One thing to tell the user: what, where, and what to do about it.
struct Diagnostic {
    Severity severity = Severity::error;
    std::string what;
    std::string where;  // node, input or output; may be empty
    std::string help;   // may be empty
};

/// What was found; parts that were not reached are empty.
struct CheckReport {
    std::optional<ImportReport> import;
    std::shared_ptr<const Graph> graph;
    std::optional<Accuracy> accuracy;
    /// Of every computed value, in order, if asked for. The model measured keeps them all as outputs, which
    /// takes fusions of layers from it.
    std::vector<OutputAccuracy> layers;
    std::size_t calibration_samples = 0;
    bool made_up = false;  // whether the samples were
    int weight_bits = 0;
    std::uint64_t parameters = 0;  // real constants, and nodes of trees
    std::size_t plan_bytes = 0;
    std::size_t run_bytes = 0;
    std::vector<Diagnostic> diagnostics;

    bool usable() const;
};

/// Never fails: whatever goes wrong is a diagnostic.
CheckReport check_model(BytesView onnx_file, const CheckOptions& options);

}  // namespace valence::ml
