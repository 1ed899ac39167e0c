#include "valence/ml/bind/bind.hpp"

#include <gtest/gtest.h>

#include "valence/ml/bind/identifier.hpp"

namespace valence::ml {
namespace {

struct Named {
    std::string name;
    Shape shape;
    std::string unit = {};
};

Graph graph_with(const std::vector<Named>& inputs, const std::vector<Named>& outputs) {
    Graph graph;
    const auto add = [&graph](const std::vector<Named>& ports, std::vector<Port>& to) {
        for (const Named& named : ports) {
            to.push_back({named.name, named.unit, static_cast<TensorId>(graph.main.tensors.size()), {}});
            graph.main.tensors.push_back({ElementType::activation, named.shape, 8});
        }
    };
    add(inputs, graph.inputs);
    add(outputs, graph.outputs);
    return graph;
}

TEST(Identifiers, NamesThatAreIdentifiersStay) {
    Identifiers names;
    EXPECT_EQ(names.variable("volatility", "x"), "volatility");
    EXPECT_EQ(names.variable("loan_to_value", "x"), "loan_to_value");
    EXPECT_EQ(names.type("volatility-mlp", "Model"), "VolatilityMlp");
}

TEST(Identifiers, AnyTextBecomesAnIdentifier) {
    const std::pair<std::string_view, std::string_view> cases[] = {
        {"input ids.1", "inputIds1"},
        {"", "x"},
        {"7", "x7"},
        {"___", "x___"},
        {"größe", "grE"},
        {"/model/Add_3", "modelAdd_3"},
        {"a\nb", "aB"},
        {"*/ selfdestruct();", "selfdestruct_"},
        {"$y", "y"},
    };
    for (const auto& [name, expected] : cases) {
        Identifiers names;
        EXPECT_EQ(names.variable(name, "x"), expected) << name;
    }
}

TEST(Identifiers, WordsOfTheLanguagesAreAvoided) {
    for (const std::string_view word : {"returns", "int256", "uint8", "bytes32", "fixed128x18", "mapping",
                                        "class", "mode", "input", "function", "await", "this"}) {
        Identifiers names;
        EXPECT_EQ(names.variable(word, "x"), std::string(word) + "_");
    }
    Identifiers names;
    EXPECT_EQ(names.variable("interest", "x"), "interest");
    EXPECT_EQ(names.type("Inference", "Model"), "Inference_");
}

TEST(Identifiers, EqualNamesAreToldApart) {
    Identifiers names;
    EXPECT_EQ(names.variable("x", "x"), "x");
    EXPECT_EQ(names.variable("x!", "x"), "x2");
    EXPECT_EQ(names.variable("x2", "x"), "x22");
    EXPECT_EQ(names.variable("", "x"), "x3");
    EXPECT_EQ(names.variable("", "x"), "x4");
}

TEST(Identifiers, LongNamesAreCut) {
    Identifiers names;
    EXPECT_EQ(names.variable(std::string(10'000, 'a'), "x").size(), kMaxIdentifier);
    EXPECT_EQ(names.variable(std::string(20'000, 'a'), "x").size(), kMaxIdentifier + 1);
}

TEST(CommentText, EndsNoComment) {
    EXPECT_EQ(comment_text("m/s"), "m/s");
    EXPECT_EQ(comment_text("a\nb\rc\x7f"), "a?b?c?");
    // U+2028 ends a line in both languages, U+202E turns the order of letters around.
    EXPECT_EQ(comment_text("\u2028\u202e"), "??????");
    EXPECT_LT(comment_text(std::string(1'000'000, 'x')).size(), 200u);
}

TEST(Binding, SizesMakeTypes) {
    const auto model = bound_model(
        graph_with({{"one", {1}}, {"some", {1, 64}}, {"many", {1, 65}}}, {{"volatility", {1, 1}, "per day"}}),
        {}, "net");
    const auto code = solidity_binding(model, "valence");
    EXPECT_NE(code.find("function infer(int256 one, int256[64] memory some, int256[] memory many, Mode mode) "
                        "internal view returns (int256 volatility)"),
              std::string::npos);
    EXPECT_NE(code.find("if (many.length != 65) revert WrongLength(65, many.length);"), std::string::npos);
    EXPECT_NE(code.find("INPUT_LENGTH = 130;"), std::string::npos);
    EXPECT_NE(code.find("//   volatility: \"volatility\" [1x1], in per day"), std::string::npos);
    EXPECT_NE(code.find("library Net {"), std::string::npos);
    const auto script = typescript_binding(model);
    EXPECT_NE(script.find("  one: Value;"), std::string::npos);
    EXPECT_NE(script.find("  many: readonly Value[];"), std::string::npos);
    EXPECT_NE(script.find("volatility: fromWad(output[0]!)"), std::string::npos);
}

TEST(Binding, ManyPortsBecomeStructs) {
    const auto code = solidity_binding(
        bound_model(graph_with({{"a", {1}}, {"b", {1}}, {"c", {1}}, {"d", {1}}}, {{"p", {1}}, {"q", {3}}}),
                    {}, "net"),
        "valence");
    EXPECT_NE(code.find("function infer(Input memory values, Mode mode) internal view returns (Output memory "
                        "answer)"),
              std::string::npos);
    EXPECT_NE(code.find("input[3] = values.d;"), std::string::npos);
    EXPECT_NE(code.find("answer.q[i] = output[1 + i];"), std::string::npos);
}

/// Outside of comments nothing of a name is left but letters, digits and '_'; comments end where we end them.
TEST(Binding, HostileNamesInjectNothing) {
    const std::string hostile = "x\"; } } contract Evil { \n selfdestruct */ ` ${ \u2028 function";
    const auto model =
        bound_model(graph_with({{hostile, {2}, hostile}}, {{hostile, {2}, hostile}}), {}, hostile);
    for (const std::string& code : {solidity_binding(model, "valence"), typescript_binding(model)}) {
        std::size_t begin = 0;
        while (begin < code.size()) {
            const std::size_t end = code.find('\n', begin);
            const std::string line = code.substr(begin, end - begin);
            const std::size_t evil = line.find("Evil {");
            EXPECT_TRUE(evil == std::string::npos || line.find("//") < evil) << line;
            begin = end + 1;
        }
        for (const char c : code)
            EXPECT_TRUE(c == '\n' || (c >= ' ' && c <= '~')) << static_cast<int>(c);
    }
}

}  // namespace
}  // namespace valence::ml
