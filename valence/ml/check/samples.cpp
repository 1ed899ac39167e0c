#include "valence/ml/check/samples.hpp"

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <numeric>

#include <fmt/format.h>

#include "valence/ml/check/npy.hpp"
#include "valence/ml/float_graph/graph_error.hpp"
#include "valence/ml/onnx/tensor_file.hpp"

namespace valence::ml {
namespace {

namespace fs = std::filesystem;

class SampleErrorCategory final : public std::error_category {
public:
    const char* name() const noexcept override { return "samples"; }
    std::string message(int code) const override {
        return static_cast<SampleError>(code) == SampleError::unreadable ? "the inputs cannot be read"
                                                                         : "the inputs do not fit the model";
    }
};

Error unreadable(const std::string& file, const std::string& what) {
    return Error{SampleError::unreadable, file + ": " + what};
}

Error unfit(const std::string& file, const std::string& what) {
    return Error{SampleError::unfit, file + ": " + what};
}

/// How many samples of the type a tensor holds: one that has its number of elements, or several along a first
/// axis, each in the model's shape or in one row; 0 where it holds none.
std::size_t samples_in(const real::Shape& given, const real::TensorType& type) {
    const auto product = [](auto begin, auto end) {
        return std::accumulate(begin, end, std::int64_t{1}, std::multiplies<>{});
    };
    const std::int64_t wanted = type.count();
    if (wanted == 0 || given.empty()) return given.empty() && wanted == 1 ? 1 : 0;
    const auto rows = static_cast<std::size_t>(given[0]);
    if (product(given.begin() + 1, given.end()) == wanted) return rows;
    if (product(given.begin(), given.end()) == wanted) return 1;
    // Batches: several rows are one sample.
    const real::Shape& shape = type.shape;
    const bool is_batch =
        !shape.empty() && std::equal(given.begin() + 1, given.end(), shape.begin() + 1, shape.end());
    return is_batch && given[0] % shape[0] == 0 ? rows / static_cast<std::size_t>(shape[0]) : 0;
}

Result<Bytes> read_bytes(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    if (!stream) return unreadable(path, "there is no such file");
    return Bytes(std::istreambuf_iterator<char>(stream), {});
}

/// One row of numbers; an error at the first that is none.
Result<std::vector<float>> numbers(std::string_view line) {
    std::vector<float> row;
    while (!line.empty()) {
        const std::size_t comma = std::min(line.find_first_of(",;\t"), line.size());
        std::string_view cell = line.substr(0, comma);
        while (!cell.empty() && (cell.front() == ' ' || cell.front() == '"' || cell.front() == '+'))
            cell.remove_prefix(1);
        while (!cell.empty() && (cell.back() == ' ' || cell.back() == '"' || cell.back() == '\r'))
            cell.remove_suffix(1);
        float value = 0;
        const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
        if (error != std::errc{} || end != cell.data() + cell.size())
            return Error{real::GraphError::value_invalid, fmt::format("'{}' is not a number", cell)};
        row.push_back(value);
        line.remove_prefix(std::min(comma + 1, line.size()));
    }
    return row;
}

Result<real::Tensor> read_csv(const std::string& path) {
    std::ifstream stream(path);
    if (!stream) return unreadable(path, "there is no such file");
    std::vector<float> elements;
    std::int64_t rows = 0;
    std::size_t width = 0;
    std::size_t line_number = 0;
    for (std::string line; std::getline(stream, line);) {
        ++line_number;
        if (line.empty() || line == "\r") continue;
        const auto row = numbers(line);
        if (!row && rows == 0 && line_number == 1) continue;  // names
        if (!row) return unreadable(path, fmt::format("line {}: {}", line_number, row.error().context));
        if (width == 0) width = row.value().size();
        if (row.value().size() != width)
            return unreadable(path, fmt::format("line {} has {} numbers, the first {}", line_number,
                                                row.value().size(), width));
        elements.insert(elements.end(), row.value().begin(), row.value().end());
        ++rows;
    }
    if (rows == 0) return unreadable(path, "no numbers");
    return real::Tensor({rows, static_cast<std::int64_t>(width)}, std::move(elements));
}

/// The tensor of one input over all samples.
Result<real::Tensor> read_input(const std::string& path) {
    if (path.ends_with(".csv")) return read_csv(path);
    BOOST_OUTCOME_TRY(const Bytes bytes, read_bytes(path));
    auto tensor = path.ends_with(".pb") ? read_tensor_file(bytes) : read_npy(bytes);
    if (!tensor) return unreadable(path, tensor.error().message());
    return std::move(tensor).value();
}

/// Sample k of an input: `count` elements from k·count on, as the graph's type.
real::Tensor part(const real::Tensor& all, const real::TensorType& type, std::size_t k) {
    real::Tensor result(type);
    const auto count = static_cast<std::size_t>(type.count());
    const auto copy = [&](auto from) {
        const auto source = from.subspan(k * count, count);
        for (std::size_t place = 0; place < count; ++place) {
            if (type.element == real::ElementType::f32)
                result.f32()[place] = static_cast<float>(source[place]);
            else if (type.element == real::ElementType::i64)
                result.i64()[place] = static_cast<std::int64_t>(source[place]);
            else
                result.boolean()[place] = source[place] != 0 ? 1 : 0;
        }
    };
    switch (all.element()) {
        case real::ElementType::f32:
            copy(all.f32());
            break;
        case real::ElementType::i64:
            copy(all.i64());
            break;
        case real::ElementType::boolean:
            copy(all.boolean());
            break;
    }
    return result;
}

}  // namespace

std::error_code make_error_code(SampleError error) {
    static const SampleErrorCategory category;
    return {static_cast<int>(error), category};
}

InputTypes input_types(const real::Graph& graph) {
    InputTypes types;
    for (const real::Port& input : graph.inputs)
        types.emplace_back(input.name, graph.type(input.value));
    return types;
}

Result<std::vector<Sample>> read_samples(const InputTypes& inputs, const std::string& path,
                                         std::size_t limit) {
    std::vector<std::string> files;
    if (fs::is_directory(path)) {
        for (std::size_t k = 0; k < inputs.size(); ++k) {
            const std::string numbered = fmt::format("{}/input_{}.pb", path, k);
            const std::string named = fmt::format("{}/{}.npy", path, inputs[k].first);
            if (!fs::exists(numbered) && !fs::exists(named))
                return unfit(path, fmt::format("neither input_{}.pb nor {}.npy", k, inputs[k].first));
            files.push_back(fs::exists(numbered) ? numbered : named);
        }
    } else if (inputs.size() == 1) {
        files.push_back(path);
    } else {
        return unfit(path, fmt::format("the model has {} inputs: give a folder with one file for each",
                                       inputs.size()));
    }

    std::vector<real::Tensor> tensors;
    std::size_t available = 0;
    for (std::size_t k = 0; k < files.size(); ++k) {
        BOOST_OUTCOME_TRY(real::Tensor tensor, read_input(files[k]));
        const real::TensorType& type = inputs[k].second;
        const std::size_t held = samples_in(tensor.shape(), type);
        if (held == 0)
            return unfit(files[k], fmt::format("it holds {}, and '{}' is {}", real::to_string(tensor.type()),
                                               inputs[k].first, real::to_string(type)));
        if (k > 0 && held != available)
            return unfit(files[k], fmt::format("{} samples, other inputs have {}", held, available));
        available = held;
        tensors.push_back(std::move(tensor));
    }
    const std::size_t count = std::min(available, limit);
    std::vector<Sample> samples(count);
    for (std::size_t k = 0; k < count; ++k)
        for (std::size_t input = 0; input < tensors.size(); ++input)
            samples[k].push_back(part(tensors[input], inputs[input].second, k * available / count));
    return samples;
}

}  // namespace valence::ml
