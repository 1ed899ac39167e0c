// MatMul, Gemm, Einsum.
#include "valence/ml/onnx/node_context.hpp"
#include "valence/ml/onnx/operator_table.hpp"
#include "valence/ml/onnx/operators/fused_activation.hpp"

namespace valence::ml::onnx_import {
namespace {

using real::MatMulAttributes;

/// numpy's matmul: a vector operand gets an axis of extent 1, which the result loses again.
Result<ValueId> matmul_of(real::GraphBuilder& build, ValueId a, ValueId b) {
    const auto shape_a = build.shape(a);
    const auto shape_b = build.shape(b);
    if (shape_a.empty() || shape_b.empty()) return invalid("an operand is a scalar");
    if (shape_a.size() == 1) {
        BOOST_OUTCOME_TRY(const auto row, build.reshape(a, {1, shape_a[0]}));
        a = row;
    }
    if (shape_b.size() == 1) {
        BOOST_OUTCOME_TRY(const auto column, build.reshape(b, {shape_b[0], 1}));
        b = column;
    }
    BOOST_OUTCOME_TRY(const auto y, build.add_one(Op::matmul, MatMulAttributes{}, {a, b}));
    auto shape = build.shape(y);
    if (shape_b.size() == 1) shape.pop_back();
    if (shape_a.size() == 1) shape.erase(shape.end() - (shape_b.size() == 1 ? 1 : 2));
    return build.reshape(y, std::move(shape));
}

Result<void> matmul(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(const auto y, matmul_of(node.build(), node.input(0), node.input(1)));
    node.set(0, y);
    return success();
}

/// alpha·A′·B′ + beta·C; the factors go into B and C, which are constant in practice.
Result<ValueId> gemm_of(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(const auto alpha, node.number("alpha", 1));
    BOOST_OUTCOME_TRY(const auto beta, node.number("beta", 1));
    BOOST_OUTCOME_TRY(const auto transpose_a, node.integer("transA", 0));
    BOOST_OUTCOME_TRY(const auto transpose_b, node.integer("transB", 0));
    node.ignore("broadcast");  // before opset 7: whether C broadcasts, which it may always do since
    if (node.shape(0).size() != 2 || node.shape(1).size() != 2) return invalid("operands must be matrices");
    auto b = node.input(1);
    if (alpha != 1) {
        BOOST_OUTCOME_TRY(const auto scaled,
                          node.build().with_scalar(Op::mul, b, static_cast<double>(alpha)));
        b = scaled;
    }
    std::vector<ValueId> inputs{node.input(0), b};
    if (node.has(2) && beta != 0) {
        auto c = node.input(2);
        if (beta != 1) {
            BOOST_OUTCOME_TRY(const auto scaled,
                              node.build().with_scalar(Op::mul, c, static_cast<double>(beta)));
            c = scaled;
        }
        inputs.push_back(c);
    }
    return node.build().add_one(Op::matmul, MatMulAttributes{transpose_a != 0, transpose_b != 0},
                                std::move(inputs));
}

Result<void> gemm(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto y, gemm_of(node));
    node.set(0, y);
    return success();
}

/// com.microsoft.FusedGemm: Gemm, then a function.
Result<void> fused_gemm(NodeContext& node) {
    BOOST_OUTCOME_TRY(const auto function, node.text("activation", ""));
    std::vector<float> parameters;
    for (const auto* name : {"activation_alpha", "activation_beta"}) {
        if (!node.has_attribute(name)) break;
        BOOST_OUTCOME_TRY(const auto parameter, node.number(name, 0));
        parameters.push_back(parameter);
    }
    BOOST_OUTCOME_TRY(const auto y, gemm_of(node));
    BOOST_OUTCOME_TRY(const auto activation, activated(node.build(), y, function, parameters));
    node.set(0, activation);
    return success();
}

/// com.microsoft.FusedMatMul: alpha·A′·B′ with the last two axes of an operand swapped.
Result<void> fused_matmul(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(2));
    BOOST_OUTCOME_TRY(const auto alpha, node.number("alpha", 1));
    BOOST_OUTCOME_TRY(const auto transpose_a, node.integer("transA", 0));
    BOOST_OUTCOME_TRY(const auto transpose_b, node.integer("transB", 0));
    for (const auto* name : {"transBatchA", "transBatchB"}) {
        BOOST_OUTCOME_TRY(const auto turned, node.integer(name, 0));
        if (turned != 0) return unsupported(std::string{name} + " = 1");
    }
    BOOST_OUTCOME_TRY(const auto y,
                      node.build().add_one(Op::matmul, MatMulAttributes{transpose_a != 0, transpose_b != 0},
                                           {node.input(0), node.input(1)}));
    BOOST_OUTCOME_TRY(const auto scaled, node.build().with_scalar(Op::mul, y, static_cast<double>(alpha)));
    node.set(0, alpha == 1 ? y : scaled);
    return success();
}

// ---- Einsum: one or two operands, each label at most once per operand

struct Equation {
    std::vector<std::string> operands;
    std::string result;
};

/// Labels are letters; an ellipsis becomes the labels '0', '1' … counted from the last axis it covers.
Result<std::string> read_labels(std::string_view text, std::size_t rank, bool is_result) {
    const auto dots = text.find("...");
    std::string labels;
    std::size_t covered = 0;
    if (dots != std::string_view::npos) {
        const auto letters = text.size() - 3;
        if (!is_result && letters > rank) return invalid("more labels than axes");
        covered = rank - std::min(letters, rank);
        if (covered > 9) return unsupported("an ellipsis over more than nine axes");
    }
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (i == dots) {
            for (auto k = covered; k-- > 0;)
                labels += static_cast<char>('0' + k);
            i += 2;
        } else if ((text[i] >= 'a' && text[i] <= 'z') || (text[i] >= 'A' && text[i] <= 'Z')) {
            if (labels.find(text[i]) != std::string::npos)
                return unsupported("a label twice in one operand (a diagonal)");
            labels += text[i];
        } else {
            return invalid("equation");
        }
    }
    return labels;
}

Result<Equation> read_equation(const std::string& text, const std::vector<std::size_t>& ranks) {
    std::string equation;
    for (const char c : text)
        if (c != ' ') equation += c;
    const auto arrow = equation.find("->");
    auto left = equation.substr(0, arrow);
    Equation out;
    std::size_t ellipsis = 0;
    for (std::size_t start = 0; start <= left.size();) {
        const auto comma = std::min(left.find(',', start), left.size());
        const auto term = std::string_view{left}.substr(start, comma - start);
        if (out.operands.size() >= ranks.size()) return invalid("more terms than operands");
        BOOST_OUTCOME_TRY(auto labels, read_labels(term, ranks[out.operands.size()], false));
        if (labels.size() != ranks[out.operands.size()]) return invalid("labels and axes differ in number");
        for (const char c : labels)
            if (c <= '9') ellipsis = std::max(ellipsis, static_cast<std::size_t>(c - '0') + 1);
        out.operands.push_back(std::move(labels));
        start = comma + 1;
    }
    if (out.operands.size() != ranks.size()) return invalid("fewer terms than operands");
    if (arrow != std::string::npos) {
        const auto right = equation.substr(arrow + 2);
        const auto letters = right.find("...") == std::string::npos ? right.size() : right.size() - 3;
        BOOST_OUTCOME_TRY(auto labels, read_labels(right, letters + ellipsis, true));
        out.result = std::move(labels);
        return out;
    }
    // Without an arrow: the ellipsis, then the labels that occur once, in order.
    for (auto k = ellipsis; k-- > 0;)
        out.result += static_cast<char>('0' + k);
    std::string once;
    std::string all;
    for (const auto& operand : out.operands)
        all += operand;
    for (const char c : all)
        if (c > '9' && std::count(all.begin(), all.end(), c) == 1) once += c;
    std::sort(once.begin(), once.end());
    out.result += once;
    return out;
}

bool contains(const std::string& labels, char label) { return labels.find(label) != std::string::npos; }

/// x with its axes in the order of `to`; every label of x must be in `to` and the reverse.
Result<ValueId> arrange(real::GraphBuilder& build, ValueId x, const std::string& from,
                        const std::string& to) {
    Shape axes;
    for (const char label : to)
        axes.push_back(static_cast<std::int64_t>(from.find(label)));
    return build.transpose(x, std::move(axes));
}

/// Sums over the labels that neither the result nor the other operand has.
Result<ValueId> sum_out(real::GraphBuilder& build, ValueId x, std::string& labels, const std::string& kept) {
    Shape axes;
    std::string left;
    for (std::size_t i = 0; i < labels.size(); ++i) {
        if (contains(kept, labels[i]))
            left += labels[i];
        else
            axes.push_back(static_cast<std::int64_t>(i));
    }
    if (axes.empty()) return x;
    labels = left;
    return build.add_one(Op::reduce_sum, real::ReducedAxes{std::move(axes), false}, {x});
}

std::int64_t extent(const real::GraphBuilder& build, ValueId x, const std::string& labels, char label) {
    return build.shape(x)[labels.find(label)];
}

/// Two operands as a batched matrix product: [batch, left, summed] × [batch, summed, right].
Result<ValueId> contract(real::GraphBuilder& build, ValueId a, ValueId b, Equation& equation) {
    auto& la = equation.operands[0];
    auto& lb = equation.operands[1];
    BOOST_OUTCOME_TRY(const auto a1, sum_out(build, a, la, lb + equation.result));
    BOOST_OUTCOME_TRY(const auto b1, sum_out(build, b, lb, la + equation.result));
    std::string batch, left, right, summed;
    for (const char c : la)
        (contains(lb, c) ? (contains(equation.result, c) ? batch : summed) : left) += c;
    for (const char c : lb)
        if (!contains(la, c)) right += c;
    for (const char c : batch + summed)
        if (extent(build, a1, la, c) != extent(build, b1, lb, c))
            return unsupported(std::string{"label '"} + c + "' has different extents");
    BOOST_OUTCOME_TRY(const auto a2, arrange(build, a1, la, batch + left + summed));
    BOOST_OUTCOME_TRY(const auto b2, arrange(build, b1, lb, batch + summed + right));
    Shape batch_shape, out_shape;
    std::int64_t m = 1, n = 1, k = 1;
    for (const char c : batch)
        batch_shape.push_back(extent(build, a1, la, c));
    for (const char c : summed)
        k *= extent(build, a1, la, c);
    out_shape = batch_shape;
    for (const char c : left) {
        m *= extent(build, a1, la, c);
        out_shape.push_back(extent(build, a1, la, c));
    }
    for (const char c : right) {
        n *= extent(build, b1, lb, c);
        out_shape.push_back(extent(build, b1, lb, c));
    }
    auto a_shape = batch_shape, b_shape = batch_shape;
    a_shape.insert(a_shape.end(), {m, k});
    b_shape.insert(b_shape.end(), {k, n});
    BOOST_OUTCOME_TRY(const auto a3, build.reshape(a2, std::move(a_shape)));
    BOOST_OUTCOME_TRY(const auto b3, build.reshape(b2, std::move(b_shape)));
    BOOST_OUTCOME_TRY(const auto y, build.add_one(Op::matmul, MatMulAttributes{}, {a3, b3}));
    BOOST_OUTCOME_TRY(const auto y1, build.reshape(y, std::move(out_shape)));
    return arrange(build, y1, batch + left + right, equation.result);
}

Result<void> einsum(NodeContext& node) {
    BOOST_OUTCOME_TRYV(node.require(node.input_count()));
    BOOST_OUTCOME_TRY(const auto text, node.text("equation", ""));
    if (node.input_count() != 1 && node.input_count() != 2)
        return unsupported("'" + text + "': more than two operands");
    std::vector<std::size_t> ranks;
    for (std::size_t i = 0; i < node.input_count(); ++i)
        ranks.push_back(node.shape(i).size());
    BOOST_OUTCOME_TRY(auto equation, read_equation(text, ranks));
    std::string known;
    for (const auto& operand : equation.operands)
        known += operand;
    for (const char c : equation.result)
        if (!contains(known, c)) return invalid("'" + text + "': the result has a label of its own");
    if (node.input_count() == 1) {
        BOOST_OUTCOME_TRY(const auto x,
                          sum_out(node.build(), node.input(0), equation.operands[0], equation.result));
        BOOST_OUTCOME_TRY(const auto y, arrange(node.build(), x, equation.operands[0], equation.result));
        node.set(0, y);
        return success();
    }
    BOOST_OUTCOME_TRY(const auto y, contract(node.build(), node.input(0), node.input(1), equation));
    node.set(0, y);
    return success();
}

constexpr OnnxOperator kProductRows[] = {
    {"", "MatMul", 1, Tier::one, matmul},
    {"", "Gemm", 1, Tier::one, gemm},
    {"", "Einsum", 12, Tier::two, einsum},
    {"com.microsoft", "FusedGemm", 1, Tier::one, fused_gemm},
    {"com.microsoft", "TransposeMatMul", 1, Tier::one, fused_matmul},
    {"com.microsoft", "FusedMatMul", 1, Tier::one, fused_matmul},
};

}  // namespace

std::span<const OnnxOperator> product_operators() { return kProductRows; }

}  // namespace valence::ml::onnx_import
