#include "cmd/valence/terminal.hpp"

#include <algorithm>
#include <charconv>
#include <cstdlib>
#include <cstring>

#include <sys/ioctl.h>
#include <unistd.h>

#include "valence/crypto/keccak.hpp"

namespace valence::cmd {
namespace {

constexpr std::array<std::string_view, 9> kCodes{"",         "\x1b[1m",  "\x1b[2m",  "\x1b[31m", "\x1b[32m",
                                                 "\x1b[33m", "\x1b[34m", "\x1b[35m", "\x1b[36m"};

constexpr std::size_t kUsualWidth = 100;
constexpr std::size_t kLeastWidth = 60;
/// Longer lines are hard to read.
constexpr std::size_t kMostWidth = 120;

}  // namespace

bool has_colour(int descriptor) {
    const char* refused = std::getenv("NO_COLOR");
    return isatty(descriptor) == 1 && (refused == nullptr || *refused == '\0');
}

bool terminal_has_colour() { return has_colour(STDOUT_FILENO); }

std::size_t terminal_width() {
    std::size_t width = 0;
    if (const char* columns = std::getenv("COLUMNS"); columns != nullptr)
        std::from_chars(columns, columns + std::strlen(columns), width);
    winsize size{};
    if (width == 0 && ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0) width = size.ws_col;
    return std::clamp<std::size_t>(width == 0 ? kUsualWidth : width, kLeastWidth, kMostWidth);
}

std::string Painter::operator()(Colour colour, std::string_view text) const {
    if (use_ == Use::plain || colour == Colour::none) return std::string(text);
    std::string out(kCodes[static_cast<std::size_t>(colour)]);
    out += text;
    out += "\x1b[0m";
    return out;
}

std::string grouped(std::string_view digits) {
    std::string out;
    for (std::size_t i = 0; i < digits.size(); ++i) {
        if (i > 0 && (digits.size() - i) % 3 == 0) out += ',';
        out += digits[i];
    }
    return out;
}

std::string grouped(std::uint64_t number) { return grouped(std::to_string(number)); }

std::string in_units(const U256& wei, unsigned decimals) {
    auto digits = wei.to_decimal();
    if (digits.size() <= decimals) digits.insert(0, decimals + 1 - digits.size(), '0');
    const auto point = digits.size() - decimals;
    auto fraction = digits.substr(point);
    while (!fraction.empty() && fraction.back() == '0')
        fraction.pop_back();
    auto out = grouped(std::string_view(digits).substr(0, point));
    return fraction.empty() ? out : out + "." + fraction;
}

std::string checksummed(const Address& address) {
    auto text = base::to_hex(address);
    const auto hash = crypto::keccak256(base::as_bytes(text));
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto nibble = i % 2 == 0 ? hash[i / 2] >> 4 : hash[i / 2] & 15;
        if (nibble >= 8 && text[i] >= 'a') text[i] = static_cast<char>(text[i] - 'a' + 'A');
    }
    return "0x" + text;
}

}  // namespace valence::cmd
