// Import: what is refused and how it is said, and bounds that hold before anything is allocated.
#include "valence/ml/onnx/import.hpp"

#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include "valence/ml/float_graph/executor.hpp"
#include "valence/ml/onnx/operator_table.hpp"
#include "valence/ml/onnx/testing/model.hpp"

namespace valence::ml {
namespace {

using ::onnx::TensorProto;
using onnx_testing::Model;
using ::testing::HasSubstr;

void expect_refused(const Model& model, ImportError code, const std::string& text,
                    const ImportOptions& options = {}) {
    const auto graph = model.import(options);
    ASSERT_FALSE(graph);
    EXPECT_EQ(graph.error().code, make_error_code(code)) << graph.error().message();
    EXPECT_THAT(graph.error().message(), HasSubstr(text));
}

Model relu_model() {
    Model model;
    model.input("x", {2, 3});
    model.node("Relu", {"x"}, {"y"});
    return model;
}

TEST(Import, AModelRuns) {
    const auto graph = relu_model().import();
    ASSERT_TRUE(graph) << graph.error().message();
    const auto y = FloatExecutor(graph.value())
                       .run(std::vector{real::Tensor({2, 3}, std::vector<float>{-1, 2, -3, 4, 0, 6})});
    EXPECT_EQ(y.value()[0], real::Tensor({2, 3}, std::vector<float>{0, 2, 0, 4, 0, 6}));
}

TEST(Import, NodesMayStandInAnyOrder) {
    Model model;
    model.input("x", {2});
    model.node("Relu", {"b"}, {"y"});
    model.node("Neg", {"a"}, {"b"});
    model.node("Abs", {"x"}, {"a"});
    const auto graph = model.import();
    ASSERT_TRUE(graph) << graph.error().message();
    const auto y =
        FloatExecutor(graph.value()).run(std::vector{real::Tensor({2}, std::vector<float>{-3, 4})});
    EXPECT_EQ(y.value()[0], real::Tensor({2}, std::vector<float>{0, 0}));
}

TEST(Import, ABranchMayReadWhatStandsBehindIt) {
    Model model;
    model.input("x", {2});
    model.input("fast", {}, TensorProto::BOOL);
    auto* node = model.node("If", {"fast"}, {"y"});
    for (const auto* name : {"then_branch", "else_branch"}) {
        auto* branch = node->add_attribute();
        branch->set_name(name);
        branch->set_type(::onnx::AttributeProto::GRAPH);
        auto* inner = branch->mutable_g()->add_node();
        inner->set_op_type("Neg");
        inner->add_input("a");
        inner->add_output("r");
        branch->mutable_g()->add_output()->set_name("r");
    }
    model.node("Abs", {"x"}, {"a"});
    EXPECT_TRUE(model.import()) << model.import().error().message();
}

TEST(Import, AllProblemsAreNamedAtOnce) {
    auto model = relu_model();
    model.node("Frobnicate", {"x"}, {"a"})->set_name("first");
    model.node("Loop", {"a"}, {"b"})->set_name("second");
    auto* pool = model.node("MaxPool", {"x"}, {"c"});
    pool->set_name("third");
    const auto graph = model.import();
    ASSERT_FALSE(graph);
    for (const auto* text : {"Frobnicate 'first' (opset 17)", "Loop 'second'", "MaxPool 'third'"})
        EXPECT_THAT(graph.error().message(), HasSubstr(text));
}

TEST(Import, AnAttributeNobodyKnowsIsRefused) {
    auto model = relu_model();
    auto* attribute = model.proto.mutable_graph()->mutable_node(0)->add_attribute();
    attribute->set_name("leak");
    attribute->set_type(::onnx::AttributeProto::FLOAT);
    attribute->set_f(1);
    expect_refused(model, ImportError::unsupported, "attribute 'leak' is not understood");
}

TEST(Import, ABatchHasOneSizeWhereverItsSymbolStands) {
    Model model;
    auto* x = model.input("x", {});
    x->add_dim()->set_dim_param("batch");
    x->add_dim()->set_dim_value(8);
    auto* state = model.input("h", {2});
    state->add_dim()->set_dim_param("batch");
    state->add_dim()->set_dim_value(8);
    model.node("Add", {"x", "h"}, {"y"});
    const auto graph = model.import();
    ASSERT_TRUE(graph) << graph.error().message();
    EXPECT_EQ(graph.value().shape(graph.value().outputs[0].value), (real::Shape{2, 1, 8}));
}

TEST(Import, SymbolicDimensionsNeedSizesExceptTheBatch) {
    Model model;
    auto* shape = model.input("x", {});
    shape->add_dim()->set_dim_param("batch");
    shape->add_dim()->set_dim_param("seq");
    model.node("Relu", {"x"}, {"y"});
    expect_refused(model, ImportError::dynamic_shape, "input 'x', dimension 1 ('seq')");
    Model more = model;
    more.input("z", {})->add_dim();
    more.proto.mutable_graph()
        ->mutable_input(1)
        ->mutable_type()
        ->mutable_tensor_type()
        ->mutable_shape()
        ->add_dim();
    expect_refused(more, ImportError::dynamic_shape,
                   "input 'x', dimension 1 ('seq'); input 'z', dimension 1 (unnamed): give each a size");
    ImportOptions options;
    options.dims["seq"] = 7;
    const auto graph = model.import(options);
    ASSERT_TRUE(graph) << graph.error().message();
    EXPECT_EQ(graph.value().shape(graph.value().inputs[0].value), (real::Shape{1, 7}));
    options.shapes["x"] = {4, 5};
    EXPECT_EQ(model.import(options).value().shape(0), (real::Shape{4, 5}));
}

TEST(Import, BranchesAreChosenByConstantsOrComputedBoth) {
    for (const bool rate : {true, false}) {
        Model model;
        model.input("x", {1});
        model.input("fast", {}, TensorProto::BOOL);
        auto* node = model.node("If", {"fast"}, {"y"});
        for (const auto& [name, op] : {std::pair{"then_branch", "Neg"}, std::pair{"else_branch", "Relu"}}) {
            auto* attribute = node->add_attribute();
            attribute->set_name(name);
            attribute->set_type(::onnx::AttributeProto::GRAPH);
            auto* inner = attribute->mutable_g()->add_node();
            inner->set_op_type(op);
            inner->add_input("x");
            inner->add_output("r");
            attribute->mutable_g()->add_output()->set_name("r");
        }
        const auto both = model.import();
        ASSERT_TRUE(both) << both.error().message();
        const auto y =
            FloatExecutor(both.value())
                .run(std::vector{
                    real::Tensor({1}, std::vector<float>{-3}),
                    real::Tensor({}, std::vector<std::uint8_t>{rate ? std::uint8_t{1} : std::uint8_t{0}})});
        EXPECT_EQ(y.value()[0], real::Tensor({1}, std::vector<float>{rate ? 3.0F : 0.0F}));
        ImportOptions options;
        options.constants["fast"] =
            real::Tensor(real::Shape{}, std::vector<std::uint8_t>{rate ? std::uint8_t{1} : std::uint8_t{0}});
        const auto graph = model.import(options);
        ASSERT_TRUE(graph) << graph.error().message();
        EXPECT_EQ(graph.value().nodes.at(0).op, rate ? real::Op::neg : real::Op::relu);
    }
}

TEST(Import, FunctionsOfTheModelAreInlined) {
    Model model;
    model.add_opset("mine", 1);
    model.input("x", {2});
    auto* call = model.node("Twice", {"x"}, {"y"});
    call->set_domain("mine");
    auto* function = model.proto.add_functions();
    function->set_name("Twice");
    function->set_domain("mine");
    function->add_input("a");
    function->add_output("b");
    auto* opset = function->add_opset_import();
    opset->set_version(17);
    auto* add = function->add_node();
    add->set_op_type("Add");
    add->add_input("a");
    add->add_input("a");
    add->add_output("b");
    const auto graph = model.import();
    ASSERT_TRUE(graph) << graph.error().message();
    EXPECT_EQ(graph.value().nodes.at(0).op, real::Op::add);

    // A function that calls itself ends in an error.
    function->mutable_node(0)->set_op_type("Twice");
    function->mutable_node(0)->set_domain("mine");
    function->mutable_node(0)->mutable_input()->RemoveLast();
    expect_refused(model, ImportError::unsupported, "nested too deeply");
}

TEST(Import, NotAFileIsAnError) {
    for (const std::string text : {"", "hello", "\x08\x08", "\xff\xff\xff\xff"})
        EXPECT_EQ(import_onnx(base::as_bytes(text)).error().code, make_error_code(ImportError::malformed));
    const auto bytes = relu_model().proto.SerializeAsString();
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_FALSE(import_onnx(base::as_bytes(std::string_view{bytes}.substr(0, size)))) << size;
}

TEST(Import, GraphsThatAreNone) {
    {
        Model model;  // a cycle
        model.input("x", {1});
        model.node("Add", {"x", "b"}, {"a"});
        model.node("Relu", {"a"}, {"b"});
        model.node("Relu", {"b"}, {"y"});
        expect_refused(model, ImportError::malformed, "'b' is read before");
    }
    {
        auto model = relu_model();
        model.node("Neg", {"x"}, {"y"});
        expect_refused(model, ImportError::malformed, "two values are called 'y'");
    }
    {
        auto model = relu_model();
        model.input("x", {2, 3});
        expect_refused(model, ImportError::malformed, "two inputs are called 'x'");
    }
    {
        auto model = relu_model();
        model.proto.mutable_graph()->mutable_output(0)->set_name("z");
        expect_refused(model, ImportError::malformed, "'z' is read before");
    }
}

TEST(Import, TensorsThatContradictThemselves) {
    const auto with_weight = [](const std::vector<std::int64_t>& shape, const std::vector<float>& values) {
        Model model;
        model.input("x", {2, 2});
        model.weight("w", shape, values);
        model.node("MatMul", {"x", "w"}, {"y"});
        return model;
    };
    expect_refused(with_weight({2, 2}, {1, 2, 3}), ImportError::malformed, "tensor 'w' has 3 elements");
    expect_refused(with_weight({-2, 2}, {1}), ImportError::malformed, "negative dimension");
    expect_refused(with_weight({1LL << 40, 1LL << 40}, {1}), ImportError::malformed, "2^40");
    expect_refused(with_weight({3, 2}, {1, 2, 3, 4, 5, 6}), ImportError::unsupported, "inner sizes");
    expect_refused(with_weight({2, 2}, {1, std::nanf(""), 3, 4}), ImportError::unsupported, "not a number");
    expect_refused(with_weight({2, 2}, {1, INFINITY, 3, 4}), ImportError::unsupported, "infinite");
    auto external = with_weight({2, 2}, {});
    external.proto.mutable_graph()->mutable_initializer(0)->set_data_location(TensorProto::EXTERNAL);
    expect_refused(external, ImportError::external_data, "tensor 'w'");
    auto strings = with_weight({2, 2}, {});
    strings.proto.mutable_graph()->mutable_initializer(0)->set_data_type(TensorProto::STRING);
    expect_refused(strings, ImportError::unsupported, "string");
}

TEST(Import, BombsAreRefusedBeforeAnythingIsAllocated) {
    {
        Model model;
        model.input("x", {1});
        model.integers("shape", {1 << 20, 1 << 19});
        model.node("ConstantOfShape", {"shape"}, {"big"});
        model.node("Add", {"x", "big"}, {"y"});
        expect_refused(model, ImportError::too_large, "ConstantOfShape");
    }
    {
        Model model;
        model.input("x", {1000, 1000});
        model.integers("repeats", {1000, 1000});
        model.node("Tile", {"x", "repeats"}, {"y"});
        expect_refused(model, ImportError::too_large, "MiB of tensors");
    }
    {
        Model model;
        model.input("x", {1LL << 33});
        model.node("Relu", {"x"}, {"y"});
        expect_refused(model, ImportError::too_large, "MiB of tensors");
    }
    {
        Model model;  // 2^39 multiplications in constants
        model.input("x", {1});
        model.integers("shape", {8192, 8192});
        model.node("ConstantOfShape", {"shape"}, {"a"});
        model.node("MatMul", {"a", "a"}, {"b"});
        model.node("Add", {"x", "b"}, {"y"});
        expect_refused(model, ImportError::too_large, "too much work to fold");
    }
    ImportOptions options;
    options.max_file_bytes = 10;
    expect_refused(relu_model(), ImportError::too_large, "bytes", options);
}

TEST(Import, NewerAndOlderOpsetsAreRefusedByName) {
    Model model(99);
    model.input("x", {1});
    model.node("Relu", {"x"}, {"y"});
    expect_refused(model, ImportError::unsupported, "newer than opset 24");
    Model old(5);
    old.input("x", {1});
    old.node("Sign", {"x"}, {"y"});
    expect_refused(old, ImportError::unsupported, "from opset 9 on");
}

TEST(Import, SoftmaxBeforeOpset13FlattensTheAxesAfterItsOwn) {
    for (const std::int64_t opset : {11, 13}) {
        Model model(opset);
        model.input("x", {1, 2, 2});
        auto* attribute = model.node("Softmax", {"x"}, {"y"})->add_attribute();
        attribute->set_name("axis");
        attribute->set_type(::onnx::AttributeProto::INT);
        attribute->set_i(1);
        const auto graph = model.import();
        ASSERT_TRUE(graph) << graph.error().message();
        const auto y = FloatExecutor(graph.value())
                           .run(std::vector{real::Tensor({1, 2, 2}, std::vector<float>{0, 0, 0, 0})});
        EXPECT_FLOAT_EQ(y.value()[0].f32()[0], opset < 13 ? 0.25F : 0.5F);
    }
}

/// x[0] ≤ 1/2 ? −1 : 2, as one tree for the classes 10 and 20.
Model tree_model(const std::vector<std::int64_t>& false_children) {
    Model model;
    model.add_opset("ai.onnx.ml", 3);
    model.input("x", {2, 1});
    auto* node = model.node("TreeEnsembleClassifier", {"x"}, {"y", "scores"});
    node->set_domain("ai.onnx.ml");
    const auto integers = [&](const char* name, const std::vector<std::int64_t>& values) {
        auto* attribute = node->add_attribute();
        attribute->set_name(name);
        attribute->set_type(::onnx::AttributeProto::INTS);
        for (const auto v : values)
            attribute->add_ints(v);
    };
    const auto numbers = [&](const char* name, const std::vector<float>& values) {
        auto* attribute = node->add_attribute();
        attribute->set_name(name);
        attribute->set_type(::onnx::AttributeProto::FLOATS);
        for (const auto v : values)
            attribute->add_floats(v);
    };
    integers("classlabels_int64s", {10, 20});
    integers("nodes_treeids", {0, 0, 0});
    integers("nodes_nodeids", {0, 1, 2});
    integers("nodes_featureids", {0, 0, 0});
    integers("nodes_truenodeids", {1, 0, 0});
    integers("nodes_falsenodeids", false_children);
    numbers("nodes_values", {0.5F, 0, 0});
    auto* modes = node->add_attribute();
    modes->set_name("nodes_modes");
    modes->set_type(::onnx::AttributeProto::STRINGS);
    for (const auto* mode : {"BRANCH_LEQ", "LEAF", "LEAF"})
        modes->add_strings(mode);
    integers("class_treeids", {0, 0});
    integers("class_nodeids", {1, 2});
    integers("class_ids", {0, 0});
    numbers("class_weights", {-1, 2});
    auto* transform = node->add_attribute();
    transform->set_name("post_transform");
    transform->set_type(::onnx::AttributeProto::STRING);
    transform->set_s("LOGISTIC");
    model.proto.mutable_graph()->add_output()->set_name("scores");
    return model;
}

TEST(Import, ATreeOfOneScoreDecidesBetweenTwoClasses) {
    const auto graph = tree_model({2, 0, 0}).import();
    ASSERT_TRUE(graph) << graph.error().message();
    const auto outputs =
        FloatExecutor(graph.value()).run(std::vector{real::Tensor({2, 1}, std::vector<float>{0.5F, 0.6F})});
    EXPECT_EQ(outputs.value()[0], real::Tensor({2}, std::vector<std::int64_t>{10, 20}));
    const auto sigmoid = [](float v) { return 1 / (1 + std::exp(-v)); };
    const std::vector<float> wanted{sigmoid(1), sigmoid(-1), sigmoid(-2), sigmoid(2)};
    for (std::size_t i = 0; i < wanted.size(); ++i)
        EXPECT_NEAR(outputs.value()[1].f32()[i], wanted[i], 1e-6F);
}

TEST(Import, ATreeThatIsNoneIsRefused) {
    expect_refused(tree_model({0, 0, 0}), ImportError::unsupported, "no root leads to");
    expect_refused(tree_model({1, 0, 0}), ImportError::unsupported, "two parents");
    expect_refused(tree_model({7, 0, 0}), ImportError::unsupported, "is missing");
}

TEST(OperatorTable, HasEveryOperatorOnce) {
    const auto& table = onnx_import::operator_table();
    for (std::size_t i = 1; i < table.size(); ++i)
        EXPECT_FALSE(table[i - 1].domain == table[i].domain && table[i - 1].name == table[i].name)
            << table[i].name;
    EXPECT_NE(onnx_import::find_operator("ai.onnx.ml", "TreeEnsembleRegressor"), nullptr);
    EXPECT_EQ(onnx_import::find_operator("", "Loop"), nullptr);
}

}  // namespace
}  // namespace valence::ml
