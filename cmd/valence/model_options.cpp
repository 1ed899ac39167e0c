#include "cmd/valence/model_options.hpp"

#include <cstdio>
#include <fstream>

#include "cmd/valence/commitment.hpp"
#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/terminal.hpp"
#include <CLI/CLI.hpp>

#include "valence/ml/model/vmodel.hpp"

namespace valence::cmd {
namespace {

/// "NAME=…" cut in two.
std::pair<std::string, std::string> cut(const std::string& text, char at) {
    const std::size_t place = text.rfind(at);
    if (place == std::string::npos) throw CLI::ValidationError(text, std::string("expected a '") + at + "'");
    return {text.substr(0, place), text.substr(place + 1)};
}

std::int64_t whole(const std::string& text) {
    std::size_t end = 0;
    long long value = 0;
    try {
        value = std::stoll(text, &end);
    } catch (const std::exception&) {
        end = 0;
    }
    if (end == 0 || end != text.size() || value < 1)
        throw CLI::ValidationError(text, "expected a size of at least 1");
    return value;
}

double real_number(const std::string& text) {
    std::size_t end = 0;
    double value = 0;
    try {
        value = std::stod(text, &end);
    } catch (const std::exception&) {
        end = 0;
    }
    if (end == 0 || end != text.size()) throw CLI::ValidationError(text, "expected a number");
    return value;
}

/// "16000", "0.5,1", "true": whole numbers, real ones or truth values; a single one is a scalar.
ml::real::Tensor constant(const std::string& text) {
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
            values.push_back(static_cast<std::int64_t>(real_number(cell)));
        return {shape, std::move(values)};
    }
    std::vector<float> values;
    for (const std::string& cell : cells)
        values.push_back(static_cast<float>(real_number(cell)));
    return {shape, std::move(values)};
}

/// The options given as text, in the form that the check takes.
void read_options(ModelOptions& options) {
    for (const std::string& dim : options.dims) {
        const auto [name, size] = cut(dim, '=');
        options.check.import.dims[name] = whole(size);
    }
    for (const std::string& shape : options.shapes) {
        auto [name, rest] = cut(shape, '=');
        ml::real::Shape extents;
        while (!rest.empty()) {
            const std::size_t end = std::min(rest.find('x'), rest.size());
            extents.push_back(whole(rest.substr(0, end)));
            rest.erase(0, end + 1);
        }
        options.check.import.shapes[name] = extents;
    }
    for (const std::string& given : options.constants) {
        const auto [name, value] = cut(given, '=');
        options.check.import.constants[name] = constant(value);
    }
    if (!options.range.empty()) {
        const auto [low, high] = cut(options.range, ':');
        options.check.low = real_number(low);
        options.check.high = real_number(high);
        if (options.check.low >= options.check.high)
            throw CLI::ValidationError("--range", "the lower end comes first");
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

bool write_file(const std::string& path, const Bytes& bytes) {
    std::ofstream stream(path, std::ios::binary);
    stream.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    return static_cast<bool>(stream.flush());
}

int complain(const Error& error) {
    std::fprintf(stderr, "%s: %s\n", paint(ml::Emphasis::error, "error").c_str(), error.message().c_str());
    return 1;
}

void add_check_options(CLI::App& command, ModelOptions& options, const std::string& file) {
    command.add_option("model", options.file, file)->required()->check(CLI::ExistingFile);
    add_import_options(command, options);
}

void add_import_options(CLI::App& command, ModelOptions& options) {
    command.add_option("--samples", options.check.samples,
                       "Real inputs: a .csv or .npy file, or a folder with NAME.npy or input_K.pb per input");
    command.add_option("--sample-limit", options.check.sample_limit, "Use at most this many samples")
        ->check(CLI::Range(1, 100000))
        ->capture_default_str();
    command.add_option("--range", options.range, "LOW:HIGH of made-up inputs, where there are no samples");
    command.add_option("--dim", options.dims, "NAME=SIZE of a dimension that the file leaves open");
    command.add_option("--shape", options.shapes, "INPUT=AxBxC, the whole shape of an input");
    command.add_option("--constant", options.constants,
                       "INPUT=VALUE (or V1,V2,…): an input that never changes, such as a sampling rate");
    command
        .add_option("--weights", options.weights, "Bits of the weights; auto: 8 for large models, else 16")
        ->check(CLI::IsMember({"auto", "8", "16"}))
        ->capture_default_str();
    command.add_option("--max-error", options.check.max_error, "Refuse above this relative L2 error")
        ->check(CLI::NonNegativeNumber)
        ->capture_default_str();
    command
        .add_option("--min-agreement", options.check.min_agreement,
                    "Refuse below this share of equal arg-maxima")
        ->check(CLI::Range(0.0, 1.0))
        ->capture_default_str();
    command.add_flag("--layers", options.check.layers, "Measure every layer too: where accuracy is lost");
}

Result<ml::CheckReport> check(ModelOptions& options) {
    read_options(options);
    BOOST_OUTCOME_TRY(const auto content, read_file(options.file));
    return ml::check_model(base::as_bytes(content), options.check);
}

Result<ml::Graph> read_model(const std::string& path) {
    BOOST_OUTCOME_TRY(const auto content, read_file(path));
    return ml::decode_model(base::as_bytes(content));
}

Result<ml::Graph> integer_model(ModelOptions& options) {
    if (!options.file.ends_with(".onnx")) return read_model(options.file);
    BOOST_OUTCOME_TRY(const auto report, check(options));
    if (report.usable()) return with_commitment(*report.graph, options).graph;
    std::fputs(ml::describe(report, options.file, paint).c_str(), stderr);
    return Error{OptionError::value, options.file + " can't be used"};
}

}  // namespace valence::cmd
