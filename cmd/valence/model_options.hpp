// What the commands about models share: how an ONNX file is to be read, checked and quantised.
#pragma once

#include <string>
#include <vector>

#include "valence/ml/check/check.hpp"
#include "valence/ml/check/describe.hpp"

namespace CLI {
class App;
}

namespace valence::cmd {

struct ModelOptions {
    std::string file;
    std::string output;
    std::string input;
    std::string weights = "auto";
    std::vector<std::string> dims;
    std::vector<std::string> shapes;
    std::vector<std::string> constants;
    std::string range;
    std::string name;
    std::string import = "valence";
    unsigned threads = 1;
    bool no_proofs = false;
    ml::CheckOptions check;
};

/// Colours, where standard output takes them.
std::string paint(ml::Emphasis emphasis, std::string_view text);

/// What options are called in help that say how an ONNX file is quantised, where another file needs none.
inline constexpr const char* kForOnnx = "How an ONNX file is quantised";

/// The options of whatever takes an ONNX file, and the file itself.
void add_check_options(CLI::App& command, ModelOptions& options);
/// The same where the file may be a .vmodel as well.
void add_model_options(CLI::App& command, ModelOptions& options);

/// The same without the file.
void add_import_options(CLI::App& command, ModelOptions& options, const std::string& group);

/// Reads, checks and quantises the file.
Result<ml::CheckReport> check(ModelOptions& options);

/// The integer graph of a .vmodel file, or of an ONNX file by the same way as `model quantize`, with its
/// commitment where proofs cover it, so that both have one id; what keeps an ONNX file from being used is
/// said.
Result<ml::Graph> integer_model(ModelOptions& options);
Result<ml::Graph> read_model(const std::string& path);

}  // namespace valence::cmd
