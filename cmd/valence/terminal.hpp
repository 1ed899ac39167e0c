// How things are written for people: colours on a terminal only, numbers in groups, addresses with their
// checksum.
#pragma once

#include <string>
#include <string_view>

#include "valence/base/base.hpp"

namespace valence::cmd {

enum class Colour : std::uint8_t { none, bold, dim, red, green, yellow, blue, magenta, cyan };

/// Whether a descriptor takes colours: a terminal, NO_COLOR unset.
bool has_colour(int descriptor);
/// Whether standard output does.
bool terminal_has_colour();
/// Characters in a line of standard output: the terminal's, or what COLUMNS says; 100 elsewhere.
std::size_t terminal_width();

/// Puts colour around text, or leaves it alone.
class Painter {
public:
    enum class Use : std::uint8_t { plain, coloured };
    explicit Painter(Use use) : use_(use) {}
    std::string operator()(Colour colour, std::string_view text) const;

private:
    Use use_;
};

/// 1234567 → 1,234,567
std::string grouped(std::string_view digits);
std::string grouped(std::uint64_t number);
/// Wei as a decimal number of units with `decimals` places, trailing zeros left out: 1500000000, 9 → 1.5
std::string in_units(const U256& wei, unsigned decimals);
/// With EIP-55's checksum in the case of the letters.
std::string checksummed(const Address& address);

}  // namespace valence::cmd
