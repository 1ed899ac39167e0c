#include "valence/outcome/mode.hpp"

#include <array>

#include "valence/base/base.hpp"

namespace valence::outcome {
namespace {

constexpr std::array<ModeFacts, 6> kModes{{
    {Mode::replay, "REPLAY", Sharing::shared, MayFail::no, Available::yes, "nobody"},
    {Mode::zk, "ZK", Sharing::shared, MayFail::yes, Available::yes, "nobody"},
    {Mode::tee, "TEE", Sharing::each_its_own, MayFail::yes, Available::no, "the hardware's vendor"},
    {Mode::optimistic, "OPTIMISTIC", Sharing::each_its_own, MayFail::yes, Available::no,
     "one honest watcher, and stake"},
    {Mode::quorum, "QUORUM", Sharing::each_its_own, MayFail::yes, Available::no,
     "an honest majority of stake among those drawn"},
    {Mode::operator_signed, "SIGNED", Sharing::each_its_own, MayFail::yes, Available::yes,
     "the operator: the answer itself is unverified"},
}};

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c; }

bool equal_in_either_case(std::string_view a, std::string_view b) {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(),
                      [](char x, char y) { return upper(x) == upper(y); });
}

}  // namespace

std::span<const ModeFacts> all_modes() { return kModes; }

const ModeFacts* find_mode(std::uint8_t number) {
    return number >= 1 && number <= kModes.size() ? &kModes[number - 1] : nullptr;
}

const ModeFacts& facts(Mode mode) {
    const auto* found = find_mode(static_cast<std::uint8_t>(mode));
    VALENCE_CHECK(found != nullptr);
    return *found;
}

std::optional<Mode> mode_from_name(std::string_view name) {
    if (equal_in_either_case(name, mode_name(Mode::automatic))) return Mode::automatic;
    for (const auto& row : kModes)
        if (equal_in_either_case(name, row.name)) return row.mode;
    return std::nullopt;
}

std::string_view mode_name(Mode mode) { return mode == Mode::automatic ? "AUTO" : facts(mode).name; }

}  // namespace valence::outcome
