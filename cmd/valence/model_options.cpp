#include "cmd/valence/model_options.hpp"

#include <cstdio>

#include "cmd/valence/commitment.hpp"
#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/terminal.hpp"
#include <CLI/CLI.hpp>

#include "valence/ml/model/vmodel.hpp"

namespace valence::cmd {
namespace {

/// How files of ours begin.
constexpr std::string_view kModelStart = "vmodel";
constexpr std::string_view kProofStart = "vproof";

/// An option as it was given, for messages, and how it is written.
struct Given {
    const char* option;
    const char* form;
    std::string text;

    [[noreturn]] void refuse() const {
        throw CLI::ValidationError(std::string(option) + " " + text, std::string("write ") + form);
    }
};

/// "NAME=…" cut in two.
std::pair<std::string, std::string> cut(const Given& given, char at) {
    const std::size_t place = given.text.rfind(at);
    if (place == std::string::npos) given.refuse();
    return {given.text.substr(0, place), given.text.substr(place + 1)};
}

std::int64_t whole(const Given& given, const std::string& text) {
    std::size_t end = 0;
    long long value = 0;
    try {
        value = std::stoll(text, &end);
    } catch (const std::exception&) {
        end = 0;
    }
    if (end == 0 || end != text.size() || value < 1) given.refuse();
    return value;
}

double real_number(const Given& given, const std::string& text) {
    std::size_t end = 0;
    double value = 0;
    try {
        value = std::stod(text, &end);
    } catch (const std::exception&) {
        end = 0;
    }
    if (end == 0 || end != text.size()) given.refuse();
    return value;
}

/// "16000", "0.5,1", "true": whole numbers, real ones or truth values; a single one is a scalar.
ml::real::Tensor constant(const Given& given, const std::string& text) {
    std::vector<std::string> cells;
    for (std::string rest = text; !rest.empty();) {
        const std::size_t end = std::min(rest.find(','), rest.size());
        cells.push_back(rest.substr(0, end));
        rest.erase(0, end + 1);
    }
    ml::real::Shape shape;
    if (cells.size() != 1) shape.push_back(static_cast<std::int64_t>(cells.size()));
    if (text == "true" || text == "false")
        return {shape, std::vector<std::uint8_t>{text == "true" ? std::uint8_t{1} : std::uint8_t{0}}};
    if (text.find_first_of(".eE") == std::string::npos) {
        std::vector<std::int64_t> values;
        for (const std::string& cell : cells)
            values.push_back(static_cast<std::int64_t>(real_number(given, cell)));
        return {shape, std::move(values)};
    }
    std::vector<float> values;
    for (const std::string& cell : cells)
        values.push_back(static_cast<float>(real_number(given, cell)));
    return {shape, std::move(values)};
}

/// The options given as text, in the form that the check takes.
void read_options(ModelOptions& options) {
    for (const std::string& dim : options.dims) {
        const Given given{"--dim", "NAME=SIZE, of 1 or more", dim};
        const auto [name, size] = cut(given, '=');
        options.check.import.dims[name] = whole(given, size);
    }
    for (const std::string& shape : options.shapes) {
        const Given given{"--shape", "INPUT=AxBxC, each 1 or more", shape};
        auto [name, rest] = cut(given, '=');
        ml::real::Shape extents;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('x'), rest.size());
            extents.push_back(whole(given, rest.substr(0, end)));
            rest.erase(0, end + 1);
        }
        options.check.import.shapes[name] = extents;
    }
    for (const std::string& text : options.constants) {
        const Given given{"--constant", "INPUT=NUMBER or INPUT=N1,N2,…", text};
        const auto [name, value] = cut(given, '=');
        options.check.import.constants[name] = constant(given, value);
    }
    if (!options.range.empty()) {
        const Given given{"--range", "LOW:HIGH, two numbers, the lower one first", options.range};
        const auto [low, high] = cut(given, ':');
        options.check.low = real_number(given, low);
        options.check.high = real_number(given, high);
        if (options.check.low >= options.check.high) given.refuse();
    }
    options.check.quantise.weights = options.weights == "8"    ? ml::WeightWidth::bits8
                                     : options.weights == "16" ? ml::WeightWidth::bits16
                                                               : ml::WeightWidth::automatic;
}

}  // namespace

std::string paint(ml::Emphasis emphasis, std::string_view text) {
    static const Painter painter(terminal_has_colour() ? Painter::Use::coloured : Painter::Use::plain);
    switch (emphasis) {
        case ml::Emphasis::heading:
            return painter(Colour::bold, text);
        case ml::Emphasis::good:
            return painter(Colour::green, text);
        case ml::Emphasis::warning:
            return painter(Colour::yellow, text);
        case ml::Emphasis::error:
            return painter(Colour::red, text);
        case ml::Emphasis::faint:
            return painter(Colour::dim, text);
    }
    return std::string(text);
}

void add_check_options(CLI::App& command, ModelOptions& options) {
    command.add_option("model", options.file, "An ONNX file")->required()->check(CLI::ExistingFile);
    add_import_options(command, options, "Options");
}

void add_model_options(CLI::App& command, ModelOptions& options) {
    command.add_option("model", options.file, "A .vmodel file, or an ONNX file")
        ->required()
        ->check(CLI::ExistingFile);
    add_import_options(command, options, kForOnnx);
}

void add_import_options(CLI::App& command, ModelOptions& options, const std::string& group) {
    const auto add = [&](const char* name, auto& value, const char* description) {
        return command.add_option(name, value, description)->group(group);
    };
    add("--samples", options.check.samples,
        "Real inputs: a .csv or .npy file, or a folder with NAME.npy or input_K.pb per input");
    add("--sample-limit", options.check.sample_limit, "Use at most this many samples")
        ->check(CLI::Range(1, 100'000))
        ->capture_default_str();
    add("--range", options.range, "LOW:HIGH of made-up inputs, where there are no samples");
    add("--dim", options.dims, "NAME=SIZE of a dimension that the file leaves open");
    add("--shape", options.shapes, "INPUT=AxBxC, the whole shape of an input");
    add("--constant", options.constants,
        "INPUT=VALUE (or V1,V2,…): an input that never changes, such as a sampling rate");
    add("--weights", options.weights, "Bits of the weights; auto: 8 for large models, else 16")
        ->check(CLI::IsMember({"auto", "8", "16"}))
        ->capture_default_str();
    add("--max-error", options.check.max_error, "Refuse above this relative L2 error")
        ->check(CLI::Range(0.0, 1e6))
        ->capture_default_str();
    add("--min-agreement", options.check.min_agreement, "Refuse below this share of equal arg-maxima")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
}

Result<ml::CheckReport> check(ModelOptions& options) {
    read_options(options);
    BOOST_OUTCOME_TRY(const auto content, read_file(options.file));
    if (content.starts_with(kModelStart))
        return Error{OptionError::value,
                     options.file + " is a .vmodel file already: `valence model info` describes it"};
    if (content.starts_with(kProofStart))
        return Error{OptionError::value, options.file + " is a proof, not an ONNX file"};
    return ml::check_model(base::as_bytes(content), options.check);
}

Result<ml::Graph> read_model(const std::string& path) {
    BOOST_OUTCOME_TRY(const auto content, read_file(path));
    if (!content.starts_with(kModelStart))
        return Error{OptionError::value, path +
                                             " is no .vmodel file; `valence model quantize` makes one of an "
                                             "ONNX file"};
    auto model = ml::decode_model(base::as_bytes(content));
    if (!model) return Error{OptionError::file, path + ": " + model.error().message()};
    return model;
}

Result<ml::Graph> integer_model(ModelOptions& options) {
    if (!options.file.ends_with(".onnx")) return read_model(options.file);
    BOOST_OUTCOME_TRY(const auto report, check(options));
    if (report.usable()) return with_commitment(*report.graph, options).graph;
    std::fputs(ml::describe(report, options.file, paint).c_str(), stderr);
    return Error{OptionError::told};
}

}  // namespace valence::cmd
