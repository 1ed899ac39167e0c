// Rules by which derived vectors make their data: "byte j of shard i = (131*i + 17*j + 7) mod 256".
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "../fixture.hpp"

namespace valence::conformance {

/// What stands behind the last "=" of a text: sums and products of numbers and names, brackets, "mod".
class ByteRule {
public:
    /// Throws BadFixture when there is no "=".
    explicit ByteRule(std::string_view text);

    /// Throws BadFixture for what is not such an expression, or a name that has no value.
    std::uint8_t operator()(const std::map<std::string, std::uint64_t, std::less<>>& names) const;

private:
    std::string expression_;
};

}  // namespace valence::conformance
