// The security modes: how a caller wants an answer to be made believable. One table row each.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace valence::outcome {

/// As contracts number them.
enum class Mode : std::uint8_t {
    /// The cheapest of a set the caller gives; resolved before a job exists.
    automatic = 0,
    /// Every full node runs the model.
    replay = 1,
    zk = 2,
    tee = 3,
    optimistic = 4,
    quorum = 5,
    /// One operator's word, whom the caller names; nothing is verified but the signature.
    operator_signed = 6,
};

/// A set of modes: bit m for mode m.
using ModeSet = std::uint16_t;
constexpr ModeSet bit(Mode mode) { return static_cast<ModeSet>(1U << static_cast<unsigned>(mode)); }
constexpr bool contains(ModeSet set, Mode mode) { return (set & bit(mode)) != 0; }

/// Whether equal jobs of a block have one outcome between them.
enum class Sharing : std::uint8_t { shared, each_its_own };
/// Whether a block may say that there is no answer to such a job.
enum class MayFail : std::uint8_t { no, yes };
/// Whether this version of the network has the mode's evidence.
enum class Available : std::uint8_t { no, yes };

/// What is known about a mode.
struct ModeFacts {
    Mode mode;
    /// As users write it.
    std::string_view name;
    Sharing sharing;
    MayFail may_fail;
    Available available;
    /// What a full node trusts, for listings.
    std::string_view trust;
};

/// Every mode but AUTO.
std::span<const ModeFacts> all_modes();
/// Null for AUTO and for numbers that are no mode.
const ModeFacts* find_mode(std::uint8_t number);
const ModeFacts& facts(Mode mode);
/// By name in either case; AUTO included.
std::optional<Mode> mode_from_name(std::string_view name);
/// "AUTO" for AUTO.
std::string_view mode_name(Mode mode);

}  // namespace valence::outcome
