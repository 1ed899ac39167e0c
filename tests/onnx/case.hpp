// One of ONNX's backend tests: a model, inputs and the outputs it must give.
#pragma once

#include <filesystem>
#include <string>

#include "valence/ml/onnx/import.hpp"

namespace valence::onnx_vectors {

enum class Verdict { passed, refused, failed, skipped };

struct Outcome {
    Verdict verdict = Verdict::failed;
    /// For `refused` the reason, for `failed` what differs, for `skipped` what is missing.
    std::string detail;
};

/// Imports `folder`/model.onnx, runs every test_data_set_N and compares with the expected outputs.
Outcome run_case(const std::filesystem::path& folder, const ml::ImportOptions& options);

}  // namespace valence::onnx_vectors
