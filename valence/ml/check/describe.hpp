// Check reports as text for people.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "valence/ml/check/check.hpp"

namespace valence::ml {

enum class Emphasis : std::uint8_t { heading, good, warning, error, faint };

/// Puts colours around text, or does not.
using Paint = std::function<std::string(Emphasis, std::string_view)>;

/// The report of `valence model check`: the model, its operators, its cost, its accuracy, then diagnostics
/// with where and what to do, and a last line that says whether it can be used. `more`: lines that others
/// have to say of the graph, after its accuracy.
std::string describe(const CheckReport& report, std::string_view file, const Paint& paint,
                     std::string_view more = {});

/// Inputs and outputs, operations and weights of an integer model.
std::string describe(const Graph& graph);

}  // namespace valence::ml
