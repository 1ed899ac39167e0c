#include "valence/rpc/tracers/trace_options.hpp"

#include <charconv>

#include <fmt/format.h>

#include "valence/rpc/simulation/object_reader.hpp"
#include "valence/rpc/tracers/registry.hpp"
#include "valence/rpc/tracers/timed_tracer.hpp"

namespace valence::rpc::tracers {

namespace json = boost::json;

namespace {

struct Unit {
    std::string_view name;
    double milliseconds;
};

constexpr Unit kUnits[] = {{"ns", 1e-6}, {"us", 1e-3}, {"ms", 1}, {"s", 1e3}, {"m", 6e4}, {"h", 3.6e6}};
constexpr double kLongest = 8.64e7;

}  // namespace

std::optional<std::chrono::milliseconds> parse_duration(std::string_view text) {
    if (text.empty()) return std::nullopt;
    double total = 0;
    while (!text.empty()) {
        double number = 0;
        const auto [rest, error] =
            std::from_chars(text.data(), text.data() + text.size(), number, std::chars_format::fixed);
        if (error != std::errc{} || number < 0) return std::nullopt;
        text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
        const auto name = text.substr(0, text.find_first_not_of("nusmh"));
        const auto* unit =
            std::find_if(std::begin(kUnits), std::end(kUnits), [&](const Unit& u) { return u.name == name; });
        if (unit == std::end(kUnits)) return std::nullopt;
        text.remove_prefix(name.size());
        total += number * unit->milliseconds;
        if (total > kLongest) return std::nullopt;
    }
    return std::chrono::milliseconds{static_cast<std::int64_t>(total)};
}

Decoded<TraceOptions> decode_trace_options(const json::value& value) {
    BOOST_OUTCOME_TRY(const auto fields, simulation::ObjectReader::of(value, "TraceConfig"));
    TraceOptions out;
    std::optional<std::string> tracer;
    std::optional<std::string> timeout;
    std::optional<simulation::StateOverrides> state;
    std::optional<simulation::BlockOverrides> block;
    BOOST_OUTCOME_TRY(fields.read("tracer", tracer, decode_string));
    BOOST_OUTCOME_TRY(fields.read("timeout", timeout, decode_string));
    BOOST_OUTCOME_TRY(fields.read("stateOverrides", state, simulation::decode_state_overrides));
    BOOST_OUTCOME_TRY(fields.read("blockOverrides", block, simulation::decode_block_overrides));
    BOOST_OUTCOME_TRY(fields.read("txIndex", out.transaction_index));
    if (timeout) {
        const auto duration = parse_duration(*timeout);
        if (!duration)
            return DecodeError{fmt::format("time: invalid duration \"{}\"", timeout->substr(0, 64)), {}};
        out.timeout = *duration;
    }
    out.overrides = {std::move(state).value_or(simulation::StateOverrides{}),
                     std::move(block).value_or(simulation::BlockOverrides{})};
    if (!tracer || tracer->empty()) {
        out.config = value;
        return out;
    }
    out.tracer = std::move(*tracer);
    if (const auto* config = fields.find("tracerConfig")) out.config = *config;
    return out;
}

Answer<std::unique_ptr<TransactionTracer>> make_tracer(const TraceOptions& options, const Deadline& request) {
    BOOST_OUTCOME_TRY(auto tracer, make_tracer(options.tracer, options.config));
    // A wish for no time at all is over at once.
    const auto deadline = request.within(std::max(options.timeout, std::chrono::milliseconds{1}));
    return std::make_unique<TimedTracer>(std::move(tracer), deadline);
}

}  // namespace valence::rpc::tracers
