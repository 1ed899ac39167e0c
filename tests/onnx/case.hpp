// One of ONNX's backend tests: a model, inputs and the outputs it must give.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "valence/ml/onnx/import.hpp"

namespace valence::onnx_vectors {

enum class Verdict { passed, refused, failed, skipped };

struct Outcome {
    Verdict verdict = Verdict::failed;
    /// For `refused` the reason, for `failed` what differs, for `skipped` what is missing, for `passed` what
    /// was made allowance for, if anything.
    std::string detail;
};

struct CaseOutcome {
    /// Import and the float executor.
    Outcome floats;
    /// The integer model; `skipped` where the float one did not pass.
    Outcome integers;
    /// The ONNX operators of the model, if it was imported.
    std::vector<std::string> operators;
};

/// Imports `folder`/model.onnx, runs every test_data_set_N and compares with the expected outputs.
CaseOutcome run_case(const std::filesystem::path& folder, const ml::ImportOptions& options);

}  // namespace valence::onnx_vectors
