#include "valence/da/rpc/time_text.hpp"

#include <fmt/format.h>

namespace valence::da {
namespace {

namespace chrono = std::chrono;

/// The digits of [from, from + count); nothing where there are others.
std::optional<int> digits(std::string_view text, std::size_t from, std::size_t count) {
    if (text.size() < from + count) return std::nullopt;
    int value = 0;
    for (const char c : text.substr(from, count)) {
        if (c < '0' || c > '9') return std::nullopt;
        value = 10 * value + (c - '0');
    }
    return value;
}

/// "2023-02-25T12:10:28"
constexpr std::size_t kSecondsSize = 19;
constexpr std::size_t kDecimals = 9;
/// What 64 bits of nanoseconds reach.
constexpr int kFirstYear = 1678;
constexpr int kLastYear = 2261;

}  // namespace

std::string to_time_text(LayerTime time) {
    const auto day = chrono::floor<chrono::days>(time);
    const chrono::year_month_day date(day);
    const chrono::hh_mm_ss clock(time - day);
    auto text = fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}", static_cast<int>(date.year()),
                            static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                            clock.hours().count(), clock.minutes().count(), clock.seconds().count());
    if (const auto part = clock.subseconds().count(); part != 0) {
        auto decimals = fmt::format(".{:09}", part);
        decimals.erase(decimals.find_last_not_of('0') + 1);
        text += decimals;
    }
    return text + "Z";
}

std::optional<LayerTime> from_time_text(std::string_view text) {
    if (text.size() <= kSecondsSize || text.back() != 'Z') return std::nullopt;
    if (text[4] != '-' || text[7] != '-' || text[10] != 'T' || text[13] != ':' || text[16] != ':')
        return std::nullopt;
    const auto year = digits(text, 0, 4);
    const auto month = digits(text, 5, 2);
    const auto day = digits(text, 8, 2);
    const auto hour = digits(text, 11, 2);
    const auto minute = digits(text, 14, 2);
    const auto second = digits(text, 17, 2);
    if (!year || !month || !day || !hour || !minute || !second) return std::nullopt;
    if (*year < kFirstYear || *year > kLastYear || *hour > 23 || *minute > 59 || *second > 59)
        return std::nullopt;
    const chrono::year_month_day date{chrono::year{*year}, chrono::month{static_cast<unsigned>(*month)},
                                      chrono::day{static_cast<unsigned>(*day)}};
    if (!date.ok()) return std::nullopt;
    std::int64_t nanoseconds = 0;
    const auto part = text.substr(kSecondsSize, text.size() - kSecondsSize - 1);
    if (!part.empty()) {
        if (part[0] != '.' || part.size() < 2 || part.size() > kDecimals + 1) return std::nullopt;
        for (std::size_t i = 1; i <= kDecimals; ++i) {
            const char c = i < part.size() ? part[i] : '0';
            if (c < '0' || c > '9') return std::nullopt;
            nanoseconds = 10 * nanoseconds + (c - '0');
        }
    }
    return LayerTime{chrono::sys_days{date}} + chrono::hours{*hour} + chrono::minutes{*minute} +
           chrono::seconds{*second} + chrono::nanoseconds{nanoseconds};
}

}  // namespace valence::da
