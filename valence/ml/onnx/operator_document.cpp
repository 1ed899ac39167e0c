#include "valence/ml/onnx/operator_document.hpp"

#include "valence/ml/onnx/operator_table.hpp"

namespace valence::ml::onnx_import {
namespace {

struct Section {
    Tier tier;
    std::string_view title;
};

constexpr Section kSections[] = {
    {Tier::one, "Tier 1"},
    {Tier::two, "Tier 2"},
    {Tier::folded, "Decided on import"},
};

}  // namespace

std::string operator_document() {
    std::string text;
    for (const auto& [tier, title] : kSections) {
        text += "## " + std::string{title} + "\n\n| operator | from opset |\n|---|---|\n";
        for (const auto& row : operator_table()) {
            if (row.tier != tier) continue;
            const auto domain = row.domain.empty() ? std::string{} : std::string{row.domain} + ".";
            text += "| `" + domain + std::string{row.name} + "` | " + std::to_string(row.since) + " |\n";
        }
        text += "\n";
    }
    return text;
}

}  // namespace valence::ml::onnx_import
