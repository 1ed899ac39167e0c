// How wide a blob's subtrees are, and of which sizes.
#include <charconv>

#include "da_suites.hpp"
#include "da_values.hpp"
#include <fmt/ranges.h>

namespace valence::conformance {
namespace {

constexpr std::string_view kWidths = "subtree_width_threshold_";

std::uint64_t decimal(std::string_view text) {
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        throw BadFixture("not a number: " + std::string{text});
    return value;
}

std::string check_sizes(const json::value& test) {
    std::vector<std::size_t> want;
    for (const auto& size : array_of(member(test, "sizes")))
        want.push_back(u64_of(size));
    const auto have = da::mountain_sizes(u64_of(member(test, "total")), u64_of(member(test, "max")));
    return have == want ? ""
                        : fmt::format("expected {}, actual {}", fmt::join(want, " "), fmt::join(have, " "));
}

}  // namespace

void run_da_layout(const Fixture& f, FileReport& report) {
    for (const auto& [key, value] : object_of(f.root)) {
        const std::string_view name = key;
        if (name == "mmr_sizes") {
            for (const auto& test : array_of(value))
                report.add(fmt::format("{} shares", u64_of(member(test, "total"))), check_sizes(test));
        } else if (name.starts_with(kWidths)) {
            const auto threshold = decimal(name.substr(kWidths.size()));
            for (const auto& [shares, width] : object_of(value)) {
                const auto have = da::subtree_width(decimal(shares), threshold);
                report.add(
                    fmt::format("width for {} shares", std::string_view{shares}),
                    have == u64_of(width) ? "" : fmt::format("expected {}, actual {}", u64_of(width), have));
            }
        }
    }
}

}  // namespace valence::conformance
