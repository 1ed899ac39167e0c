#include "valence/ml/onnx/operator_table.hpp"

#include <algorithm>
#include <tuple>

namespace valence::ml::onnx_import {
namespace {

auto key(const OnnxOperator& row) { return std::tuple{row.domain, row.name}; }

std::vector<OnnxOperator> collect() {
    std::vector<OnnxOperator> rows;
    for (const auto family :
         {elementwise_operators(), product_operators(), window_operators(), reduce_operators(),
          norm_operators(), shape_operators(), index_operators(), constant_operators(), resize_operators(),
          recurrent_operators(), transformer_operators(), quantised_operators(),
          quantised_product_operators(), quantised_elementwise_operators(), classical_operators(),
          tree_operators(), vector_machine_operators()})
        rows.insert(rows.end(), family.begin(), family.end());
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return key(a) < key(b); });
    return rows;
}

}  // namespace

const std::vector<OnnxOperator>& operator_table() {
    static const std::vector<OnnxOperator> table = collect();
    return table;
}

const OnnxOperator* find_operator(std::string_view domain, std::string_view name) {
    const auto& table = operator_table();
    const auto wanted = std::tuple{domain, name};
    const auto row = std::lower_bound(table.begin(), table.end(), wanted,
                                      [](const OnnxOperator& r, const auto& w) { return key(r) < w; });
    return row != table.end() && key(*row) == wanted ? &*row : nullptr;
}

}  // namespace valence::ml::onnx_import
