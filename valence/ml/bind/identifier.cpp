#include "valence/ml/bind/identifier.hpp"

#include <algorithm>

#include <fmt/format.h>

namespace valence::ml {
namespace {

constexpr std::size_t kMaxComment = 120;

/// Between spaces: keywords of Solidity (reserved ones too) and of TypeScript, their global names, and what
/// generated code declares itself.
constexpr std::string_view kTaken =
    " abi abstract address after alias anonymous answer any apply arguments as assembly assert async "
    "at auto await bigint block blockhash bool boolean break byte bytes call callbackGas calldata "
    "case catch class codehash const constant constructor continue contract copyof deadline debugger "
    "declare decode decodeOutput default define delete do ecrecover else emit encode encodeInput "
    "enum Error error ether eval event export extends external fallback false final finally fixed "
    "for from fromWad function gasleft get gwei hex i if immutable implements import in indexed "
    "infer inferAuto inferCall Inference inline Input input INPUT_LENGTH inputLength instanceof int "
    "interface internal is keccak256 layout let library list macro mapping mask match memory Mode "
    "mode MODEL model modifier msg mutable namespace NaN never new now null Number number numbers "
    "Object object of operatedBy inferSigned Output output OUTPUT_LENGTH outputLength "
    "override package Panic parseAbi "
    "partial payable pragma private promise protected public pure RangeError receive reference "
    "relocatable request require return returns revert sealed selfdestruct set sha256 sizeof static "
    "storage string struct suicide super supports switch symbol this throw toWad transient true try "
    "tx type typedef typeof ufixed uint unchecked undefined unicode unknown using value valueAtRisk "
    "values var view virtual void while with WrongLength yield ";

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

/// int8, uint256, bytes32, fixed128x18 and their like.
bool is_sized_type(std::string_view text) {
    for (const std::string_view stem : {"uint", "int", "bytes", "ufixed", "fixed"}) {
        if (!text.starts_with(stem)) continue;
        const auto rest = text.substr(stem.size());
        return std::ranges::all_of(rest, [](char c) { return is_digit(c) || c == 'x'; });
    }
    return false;
}

bool is_taken(std::string_view text) {
    return kTaken.find(fmt::format(" {} ", text)) != std::string_view::npos || is_sized_type(text);
}

/// Letters, digits and '_' as they are; what comes after anything else begins with a capital.
std::string words_joined(std::string_view name) {
    std::string result;
    bool starts_word = false;
    for (const char c : name) {
        if (result.size() == kMaxIdentifier) break;
        if (!is_letter(c) && !is_digit(c) && c != '_') {
            starts_word = !result.empty();
            continue;
        }
        result += starts_word ? upper(c) : c;
        starts_word = false;
    }
    return result;
}

}  // namespace

std::string Identifiers::unused(std::string candidate) {
    if (is_taken(candidate)) candidate += '_';
    std::string result = candidate;
    for (std::size_t number = 2; is_taken(result) || !used_.insert(result).second; ++number)
        result = candidate + std::to_string(number);
    return result;
}

std::string Identifiers::variable(std::string_view name, std::string_view fallback) {
    std::string result = words_joined(name);
    const bool has_letter = std::ranges::any_of(result, is_letter);
    if (!has_letter || is_digit(result[0])) result = std::string(fallback) + result;
    return unused(std::move(result));
}

std::string Identifiers::type(std::string_view name, std::string_view fallback) {
    std::string result = words_joined(name);
    std::erase(result, '_');
    const bool has_letter = std::ranges::any_of(result, is_letter);
    if (!has_letter || is_digit(result[0])) result = std::string(fallback) + result;
    result[0] = upper(result[0]);
    return unused(std::move(result));
}

std::string comment_text(std::string_view text) {
    std::string result;
    for (const char c : text.substr(0, kMaxComment))
        result += c >= ' ' && c <= '~' ? c : '?';
    if (text.size() > kMaxComment) result += "...";
    return result;
}

}  // namespace valence::ml
