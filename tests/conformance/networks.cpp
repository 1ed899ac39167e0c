#include "networks.hpp"

#include <charconv>

namespace valence::conformance {
namespace {

using chain::Fork;
using chain::RuleSet;
using evm::Revision;

/// A fork's names, its revision, and what is active besides what the revision implies.
struct Network {
    std::string_view name;
    Revision revision;
    std::optional<Fork> also;
};
constexpr Network kNetworks[] = {
    {"Frontier", Revision::frontier, {}},
    {"Homestead", Revision::homestead, {}},
    {"EIP150", Revision::tangerine_whistle, {}},
    {"TangerineWhistle", Revision::tangerine_whistle, {}},
    {"EIP158", Revision::spurious_dragon, {}},
    {"SpuriousDragon", Revision::spurious_dragon, {}},
    {"Byzantium", Revision::byzantium, {}},
    {"Constantinople", Revision::constantinople, {}},
    {"ConstantinopleFix", Revision::petersburg, {}},
    {"Petersburg", Revision::petersburg, {}},
    {"Istanbul", Revision::istanbul, {}},
    {"MuirGlacier", Revision::istanbul, Fork::muir_glacier},
    {"Berlin", Revision::berlin, {}},
    {"London", Revision::london, {}},
    {"ArrowGlacier", Revision::london, Fork::arrow_glacier},
    {"GrayGlacier", Revision::london, Fork::gray_glacier},
    {"Merge", Revision::paris, {}},
    {"Paris", Revision::paris, {}},
    {"Shanghai", Revision::shanghai, {}},
    {"Cancun", Revision::cancun, {}},
    {"Prague", Revision::prague, {}},
    {"Osaka", Revision::osaka, {}},
    {"BPO1", Revision::osaka, Fork::bpo1},
    {"BPO2", Revision::osaka, Fork::bpo2},
};

std::optional<RuleSet> single_fork(std::string_view name) {
    for (const auto& network : kNetworks) {
        if (network.name != name) continue;
        auto rules = chain::rules_of_revision(network.revision);
        rules.name = name;
        // A glacier or a change of blob parameters comes after its siblings.
        if (network.also) {
            const auto first = *network.also >= Fork::bpo1            ? Fork::bpo1
                               : *network.also >= Fork::arrow_glacier ? Fork::arrow_glacier
                                                                      : *network.also;
            for (auto i = static_cast<std::size_t>(first); i <= static_cast<std::size_t>(*network.also);
                 ++i) {
                rules.activation[i] = 0;
            }
        }
        return rules;
    }
    return std::nullopt;
}

/// "5", "Time15k", "DiffC0000": when the second network of a transition begins.
struct Moment {
    enum class Unit { block, time, difficulty } unit = Unit::block;
    std::uint64_t value = 0;
};

std::optional<Moment> parse_moment(std::string_view text) {
    Moment moment;
    int number_base = 10;
    std::uint64_t factor = 1;
    if (text.starts_with("Time")) {
        moment.unit = Moment::Unit::time;
        text.remove_prefix(4);
        if (text.ends_with('k')) {
            factor = 1'000;
            text.remove_suffix(1);
        }
    } else if (text.starts_with("Diff")) {
        moment.unit = Moment::Unit::difficulty;
        text.remove_prefix(4);
        number_base = 16;
    }
    const auto* end = text.data() + text.size();
    const auto parsed = std::from_chars(text.data(), end, moment.value, number_base);
    if (parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
    moment.value *= factor;
    return moment;
}

std::optional<RuleSet> transition(std::string_view name) {
    const auto at = name.rfind("At");
    if (at == std::string_view::npos) return std::nullopt;
    const auto moment = parse_moment(name.substr(at + 2));
    if (!moment) return std::nullopt;
    const auto networks = name.substr(0, at);
    for (auto to = networks.find("To"); to != std::string_view::npos; to = networks.find("To", to + 1)) {
        auto rules = single_fork(networks.substr(0, to));
        if (!rules) continue;
        rules->name = name;
        const auto second = networks.substr(to + 2);
        if (second == "Dao") {
            rules->at(Fork::dao) = moment->value;
            return rules;
        }
        const auto target = single_fork(second);
        if (!target) continue;
        for (std::size_t i = 0; i < chain::kForkCount; ++i) {
            if (rules->activation[i] || !target->activation[i]) continue;
            rules->activation[i] = moment->unit == Moment::Unit::difficulty ? 0 : moment->value;
        }
        if (!rules->terminal_total_difficulty && target->terminal_total_difficulty) {
            rules->terminal_total_difficulty = moment->unit == Moment::Unit::difficulty ? moment->value : 0;
        }
        return rules;
    }
    return std::nullopt;
}

}  // namespace

std::optional<RuleSet> rules_of_network(std::string_view name) {
    auto rules = single_fork(name);
    return rules ? rules : transition(name);
}

std::optional<RuleSet> rules_of_network(std::string_view name, const json::value* config) {
    auto rules = rules_of_network(name);
    if (!rules || config == nullptr) return rules;
    if (const auto* id = find(*config, "chainid")) rules->chain_id = u64_of(*id);
    const auto* schedule = find(*config, "blobSchedule");
    if (schedule == nullptr) return rules;
    for (const auto& facts : chain::all_forks()) {
        const auto* entry = find(*schedule, facts.name);
        if (entry == nullptr) continue;
        rules->blob_parameters[static_cast<std::size_t>(facts.fork)] = {
            u64_of(member(*entry, "target")), u64_of(member(*entry, "max")),
            u64_of(member(*entry, "baseFeeUpdateFraction"))};
    }
    return rules;
}

}  // namespace valence::conformance
