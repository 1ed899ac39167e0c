#include <cmath>
#include <numbers>

#include "valence/ml/float_graph/passes.hpp"
#include "valence/ml/float_graph/passes/rewrite.hpp"

namespace valence::ml::real {
namespace {

/// A product of values and a scalar, taken apart: x·a·(b/c) gives factors {x, a, b} and the product of the
/// scalars.
struct Product {
    std::vector<ValueId> factors;
    double scalar = 1;
};

void take_apart(Rewrite& rewrite, ValueId id, Product& product, int depth) {
    if (const auto value = rewrite.scalar(id)) {
        product.scalar *= *value;
        return;
    }
    if (depth > 0) {
        if (const auto* mul = rewrite.source(id, Op::mul)) {
            take_apart(rewrite, mul->inputs[0], product, depth - 1);
            take_apart(rewrite, mul->inputs[1], product, depth - 1);
            return;
        }
        if (const auto* div = rewrite.source(id, Op::div))
            if (const auto divisor = rewrite.scalar(div->inputs[1])) {
                product.scalar /= *divisor;
                take_apart(rewrite, div->inputs[0], product, depth - 1);
                return;
            }
        if (const auto* pow = rewrite.source(id, Op::pow))
            if (const auto exponent = rewrite.scalar(pow->inputs[1]);
                exponent && (*exponent == 3 || *exponent == 2)) {
                product.factors.insert(product.factors.end(), static_cast<std::size_t>(*exponent),
                                       pow->inputs[0]);
                return;
            }
    }
    product.factors.push_back(id);
}

Product product_of(Rewrite& rewrite, ValueId id) {
    Product product;
    take_apart(rewrite, id, product, 4);
    return product;
}

/// Whether the argument is x/√2.
bool is_erf_argument(Rewrite& rewrite, ValueId argument, ValueId x) {
    const auto product = product_of(rewrite, argument);
    return product.factors == std::vector<ValueId>{x} && about(product.scalar, 1 / std::numbers::sqrt2);
}

/// Whether the argument is √(2/π)·(x + 0.044715·x³), also as √(2/π)·x·(1 + 0.044715·x²).
bool is_tanh_argument(Rewrite& rewrite, ValueId argument, ValueId x) {
    auto outer = product_of(rewrite, argument);
    if (!about(outer.scalar, std::sqrt(2 / std::numbers::pi))) return false;
    const auto own = std::find(outer.factors.begin(), outer.factors.end(), x);
    const bool has_own = own != outer.factors.end();
    if (has_own) outer.factors.erase(own);
    if (outer.factors.size() != 1) return false;
    const auto* sum = rewrite.source(outer.factors[0], Op::add);
    if (sum == nullptr) return false;
    for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
        const auto rest = product_of(rewrite, sum->inputs[1 - i]);
        const bool first = has_own ? rewrite.scalar(sum->inputs[i]) == 1.0 : sum->inputs[i] == x;
        if (first && about(rest.scalar, 0.044715) && rest.factors == std::vector<ValueId>(has_own ? 2 : 3, x))
            return true;
    }
    return false;
}

}  // namespace

std::size_t recognise_gelu(Graph& graph) {
    Rewrite rewrite(graph);
    std::size_t changes = 0;
    for (auto& node : graph.nodes) {
        if (node.op != Op::mul) continue;
        // x, 1/2 and (1 + f) in any order and nesting.
        const auto product = product_of(rewrite, node.outputs[0]);
        if (product.factors.size() != 2 || !about(product.scalar, 0.5)) continue;
        for (const std::size_t i : {std::size_t{0}, std::size_t{1}}) {
            const auto x = product.factors[1 - i];
            const auto* sum = rewrite.source(product.factors[i], Op::add);
            if (sum == nullptr || graph.type(x) != graph.type(node.outputs[0])) continue;
            const auto one = rewrite.with_scalar(*sum);
            if (!one || one->second != 1) continue;
            if (const auto* erf = rewrite.source(one->first, Op::erf);
                erf != nullptr && is_erf_argument(rewrite, erf->inputs[0], x))
                rewrite.replace(node, Op::gelu, NoAttributes{}, {x});
            else if (const auto* tanh = rewrite.source(one->first, Op::tanh);
                     tanh != nullptr && is_tanh_argument(rewrite, tanh->inputs[0], x))
                rewrite.replace(node, Op::gelu_tanh, NoAttributes{}, {x});
            else
                continue;
            ++changes;
            break;
        }
    }
    return changes;
}

}  // namespace valence::ml::real
