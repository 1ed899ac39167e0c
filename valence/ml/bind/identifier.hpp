// Identifiers of Solidity and TypeScript from names that a model's author chose: any text at all.
#pragma once

#include <set>
#include <string>
#include <string_view>

namespace valence::ml {

/// Longer identifiers are cut.
inline constexpr std::size_t kMaxIdentifier = 48;

/// Names given out within one scope: no two are equal, none is a word of Solidity or TypeScript, none one
/// that the generated code uses itself.
class Identifiers {
public:
    /// An identifier like `name`: itself where it is one, else its letters and digits, the first of each
    /// later part in upper case ("input ids.1" becomes inputIds1). `fallback` (an identifier) where nothing
    /// is left.
    std::string variable(std::string_view name, std::string_view fallback);
    /// The same with a capital first letter ("volatility-mlp" becomes VolatilityMlp).
    std::string type(std::string_view name, std::string_view fallback);

private:
    std::string unused(std::string candidate);

    std::set<std::string> used_;
};

/// A text for a line comment: printable ASCII, everything else (line ends of any kind, controls, directional
/// marks) replaced by '?', and not long.
std::string comment_text(std::string_view text);

}  // namespace valence::ml
