// The example models, from their ONNX files to integers and back to floats.
#include "valence/ml/check/check.hpp"

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include <gtest/gtest.h>

#include "valence/ml/check/describe.hpp"
#include "valence/ml/check/npy.hpp"
#include "valence/ml/check/samples.hpp"
#include "valence/ml/model/vmodel.hpp"
#include "valence/ml/onnx/testing/model.hpp"

namespace valence::ml {
namespace {

const std::filesystem::path kModels = std::filesystem::path(VALENCE_SOURCE_DIR) / "models";

Bytes read(const std::filesystem::path& path) {
    std::ifstream stream(path, std::ios::binary);
    return Bytes(std::istreambuf_iterator<char>(stream), {});
}

std::string all_messages(const CheckReport& report) {
    return describe(report, "model", [](Emphasis, std::string_view text) { return std::string(text); });
}

class ExampleModel : public testing::TestWithParam<const char*> {};

TEST_P(ExampleModel, IsUsableWithinTheBoundsOfTheDesign) {
    CheckOptions options;
    options.samples = (kModels / GetParam() / "test_data_set_0").string();
    const CheckReport report = check_model(read(kModels / GetParam() / "model.onnx"), options);
    ASSERT_TRUE(report.usable()) << all_messages(report);
    for (const OutputAccuracy& output : report.accuracy->outputs) {
        const Tensor& tensor =
            report.graph->main
                .tensors[report.graph
                             ->outputs[static_cast<std::size_t>(&output - report.accuracy->outputs.data())]
                             .tensor];
        if (tensor.type == ElementType::activation) {
            EXPECT_LE(output.relative_l2, 0.005) << output.name;
        }
        if (output.agreement) {
            EXPECT_GE(*output.agreement, 0.995) << output.name;
        }
    }
    EXPECT_EQ(decode_model(encode_model(*report.graph)).value(), *report.graph);
}

INSTANTIATE_TEST_SUITE_P(Models, ExampleModel,
                         testing::Values("volatility-mlp", "volatility-gru", "loan-to-value",
                                         "credit-logistic", "fashion-mnist-cnn", "lenet5", "tiny-gpt"),
                         [](const auto& model) {
                             std::string name = model.param;
                             std::replace(name.begin(), name.end(), '-', '_');
                             return name;
                         });

TEST(Check, SaysWhatIsWrongWithAFileThatIsNoModel) {
    const Bytes file{'n', 'o', ' ', 'm', 'o', 'd', 'e', 'l'};
    const CheckReport report = check_model(file, {});
    EXPECT_FALSE(report.usable());
    ASSERT_EQ(report.diagnostics.size(), 1u);
    EXPECT_EQ(report.diagnostics[0].severity, Severity::error);
}

TEST(Check, RefusesAboveTheBoundOnErrors) {
    CheckOptions options;
    options.samples = (kModels / "lenet5" / "test_data_set_0").string();
    options.max_error = 1e-9;
    EXPECT_FALSE(check_model(read(kModels / "lenet5" / "model.onnx"), options).usable());
}

/// What is said of a model made here.
std::string advice_on(const onnx_testing::Model& model, const CheckOptions& options) {
    const auto file = model.proto.SerializeAsString();
    const auto view = base::as_bytes(file);
    const CheckReport report = check_model(Bytes(view.begin(), view.end()), options);
    EXPECT_FALSE(report.usable());
    return all_messages(report);
}

TEST(Check, AdvisesToFixANumberThatDecides) {
    onnx_testing::Model model;
    model.input("x", {1, 4});
    model.input("rate", {}, ::onnx::TensorProto::INT64);
    model.integers("divisor", {1000});
    model.node("Div", {"rate", "divisor"}, {"kilo"});
    onnx_testing::attribute(model.node("Cast", {"kilo"}, {"factor"}), "to", std::int64_t{1});
    model.node("Mul", {"x", "factor"}, {"y"});
    EXPECT_NE(advice_on(model, {}).find("--constant rate=VALUE"), std::string::npos);
}

TEST(Check, AdvisesAgainstModelsThatRoundThemselves) {
    onnx_testing::Model model;
    model.input("x", {1, 4});
    model.weight("scale", {}, {0.3F});
    model.node("QuantizeLinear", {"x", "scale"}, {"q"});
    model.node("DequantizeLinear", {"q", "scale"}, {"y"});
    const real::Tensor samples(
        {5, 4}, std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0});
    const auto path = testing::TempDir() + "valence-check-rounding.npy";
    const Bytes file = write_npy(samples);
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
    CheckOptions options;
    options.samples = path;
    options.max_error = 0;
    EXPECT_NE(advice_on(model, options).find("float32 original"), std::string::npos);
    std::filesystem::remove(path);
}

TEST(Check, RefusesOptionsForNamesThatTheModelDoesNotHave) {
    const Bytes model = read(kModels / "volatility-mlp" / "model.onnx");
    CheckOptions right;
    right.import.dims["batch"] = 2;
    right.import.shapes["returns"] = {1, 32};
    EXPECT_TRUE(check_model(model, right).usable()) << all_messages(check_model(model, right));
    CheckOptions options;
    options.import.dims["bach"] = 2;
    options.import.shapes["return"] = {1, 32};
    options.import.constants["rate"] = real::Tensor({}, std::vector<float>{1});
    const CheckReport report = check_model(model, options);
    EXPECT_FALSE(report.usable());
    const std::string said = all_messages(report);
    EXPECT_NE(said.find("no open dimension is called 'bach' (there is: 'batch')"), std::string::npos) << said;
    EXPECT_NE(said.find("no input is called 'return' (there is: 'returns')"), std::string::npos) << said;
    EXPECT_NE(said.find("no input is called 'rate'"), std::string::npos) << said;
}

TEST(Check, SaysThatAShapeDoesNotFitRatherThanThatItIsMissing) {
    CheckOptions options;
    options.import.shapes["returns"] = {1, 31};
    const std::string said =
        all_messages(check_model(read(kModels / "volatility-mlp" / "model.onnx"), options));
    EXPECT_NE(said.find("shape that does not fit: input 'returns' has extent 32"), std::string::npos) << said;
    EXPECT_EQ(said.find("--dim NAME"), std::string::npos) << said;
}

/// Samples of zeros for an input of type `shape`, from a .npy file of shape `given`; 0 when refused.
std::size_t samples_of(const real::Shape& given, const real::Shape& shape) {
    const auto path = std::filesystem::path(testing::TempDir()) / "samples_of.npy";
    std::size_t count = 1;
    for (const auto extent : given)
        count *= static_cast<std::size_t>(extent);
    const Bytes file = write_npy(real::Tensor(given, std::vector<float>(count)));
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<const char*>(file.data()), static_cast<std::streamsize>(file.size()));
    const auto samples = read_samples({{"x", {real::ElementType::f32, shape}}}, path.string(), 1'000);
    std::filesystem::remove(path);
    if (samples) return samples.value().size();
    EXPECT_EQ(samples.error().code, make_error_code(SampleError::unfit));
    return 0;
}

TEST(Samples, HaveTheShapeOfTheInputAndNotOnlyItsElements) {
    EXPECT_EQ(samples_of({5, 32}, {1, 32}), 5u);
    EXPECT_EQ(samples_of({5, 1, 32}, {1, 32}), 5u);
    EXPECT_EQ(samples_of({32}, {1, 32}), 1u);
    EXPECT_EQ(samples_of({5, 784}, {1, 1, 28, 28}), 5u);
    EXPECT_EQ(samples_of({8, 32}, {4, 32}), 2u);
    EXPECT_EQ(samples_of({7}, {}), 7u);
    EXPECT_EQ(samples_of({256, 1, 32, 32}, {1, 32}), 0u);
    EXPECT_EQ(samples_of({4, 16}, {1, 32}), 0u);
    EXPECT_EQ(samples_of({7, 32}, {4, 32}), 0u);
    EXPECT_EQ(samples_of({0, 32}, {1, 32}), 0u);
}

/// A .npy file of version 1 with this header and these bytes.
Bytes npy(std::string header, const Bytes& data) {
    Bytes file{0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, 0, 0};
    header += "\n";
    file[8] = static_cast<std::uint8_t>(header.size() & 0xff);
    file[9] = static_cast<std::uint8_t>(header.size() >> 8);
    file.insert(file.end(), header.begin(), header.end());
    file.insert(file.end(), data.begin(), data.end());
    return file;
}

TEST(Npy, ReadsRealsAndIntegersOfEveryWidth) {
    const auto halves =
        read_npy(npy("{'descr': '<f2', 'fortran_order': False, 'shape': (2,), }", {0x00, 0x3c, 0x00, 0xc1}));
    ASSERT_TRUE(halves.has_value());
    EXPECT_EQ(halves.value().f32()[0], 1.0f);
    EXPECT_EQ(halves.value().f32()[1], -2.5f);
    const auto bytes =
        read_npy(npy("{'descr': '|i1', 'fortran_order': False, 'shape': (1, 2), }", {0xff, 0x7f}));
    ASSERT_TRUE(bytes.has_value());
    EXPECT_EQ(bytes.value().shape(), (real::Shape{1, 2}));
    EXPECT_EQ(bytes.value().i64()[0], -1);
    EXPECT_EQ(bytes.value().i64()[1], 127);
}

TEST(Npy, ReadsBackWhatItWrites) {
    const real::Tensor tensor({2, 3}, std::vector<float>{1, -2, 3.5f, 0, 5, 6});
    EXPECT_EQ(read_npy(write_npy(tensor)).value(), tensor);
}

TEST(Npy, RefusesWhatItDoesNotRead) {
    EXPECT_FALSE(read_npy(Bytes{}).has_value());
    EXPECT_FALSE(
        read_npy(npy("{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }", Bytes(4))).has_value());
    EXPECT_FALSE(
        read_npy(npy("{'descr': '>f4', 'fortran_order': False, 'shape': (1,), }", Bytes(4))).has_value());
    EXPECT_FALSE(
        read_npy(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (2,), }", Bytes(4))).has_value());
    EXPECT_FALSE(read_npy(npy("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999,), }",
                              Bytes(4)))
                     .has_value());
    EXPECT_FALSE(
        read_npy(npy("{'descr': 'O', 'fortran_order': False, 'shape': (1,), }", Bytes(4))).has_value());
    Bytes truncated = npy("{'descr': '<f4', 'fortran_order': False, 'shape': (1,), }", Bytes(4));
    truncated.resize(20);
    EXPECT_FALSE(read_npy(truncated).has_value());
}

}  // namespace
}  // namespace valence::ml
