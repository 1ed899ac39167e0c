// Difficulty tests: the difficulty formulas of every fork.
#include "networks.hpp"
#include "suites.hpp"
#include <fmt/core.h>

#include "valence/chain/block_fees.hpp"

namespace valence::conformance {
namespace {

using chain::Fork;

std::string check(const chain::RuleSet& rules, const json::value& test) {
    chain::Header parent;
    parent.timestamp = u64_of(member(test, "parentTimestamp"));
    parent.difficulty = number_of(member(test, "parentDifficulty"));
    parent.number = u64_of(member(test, "currentBlockNumber")) - 1;
    if (const auto* ommers = find(test, "parentUncles")) {
        // Their hash, or 0 and 1 for none and some.
        const auto hash = hash_of(*ommers);
        const bool none = hash.is_zero() || hash == chain::kEmptyOmmersHash;
        parent.ommers_hash = none ? chain::kEmptyOmmersHash : hash;
    }
    const auto want = number_of(member(test, "currentDifficulty"));
    const auto have = chain::next_difficulty(rules, parent, u64_of(member(test, "currentTimestamp")));
    return have == want ? "" : fmt::format("expected {}, actual {}", want.to_decimal(), have.to_decimal());
}

/// The schedule that a file of the older format, which names no fork, stands for: known by the file's name
/// alone.
std::optional<chain::RuleSet> rules_of_file(std::string_view stem) {
    chain::RuleSet rules;
    if (stem == "difficulty" || stem.ends_with("MainNetwork")) {
        rules.at(Fork::homestead) = 1'150'000;
        rules.at(Fork::byzantium) = 4'370'000;
        return rules;
    }
    if (stem.ends_with("Ropsten")) {
        rules.at(Fork::homestead) = 0;
        rules.at(Fork::byzantium) = 1'700'000;
        rules.at(Fork::constantinople) = 4'230'000;
        return rules;
    }
    for (const std::string_view prefix : {"difficultyCustom", "difficulty"}) {
        if (stem.starts_with(prefix)) return rules_of_network(stem.substr(prefix.size()));
    }
    return std::nullopt;
}

void run_cases(const std::optional<chain::RuleSet>& rules, std::string_view group, const json::value& cases,
               FileReport& report) {
    for (const auto& [name, test] : object_of(cases)) {
        const auto label = group.empty() ? std::string{std::string_view{name}}
                                         : fmt::format("{}/{}", group, std::string_view{name});
        if (!rules) {
            report.skip(label, "unknown fork or network");
            continue;
        }
        // The formulas differ there between the yellow paper and all clients.
        if (number_of(member(test, "parentDifficulty")) < U256{chain::kMinimumDifficulty}) {
            report.skip(label, "the parent's difficulty is below the minimum, which no chain has");
            continue;
        }
        report.add(label, check(*rules, test));
    }
}

}  // namespace

void run_difficulty_tests(const Fixture& f, FileReport& report) {
    const auto& first = object_of(f.root).begin()->value();
    if (find(first, "currentDifficulty") != nullptr) {
        run_cases(rules_of_file(f.path.stem().string()), "", f.root, report);
        return;
    }
    for (const auto& [name, forks] : object_of(f.root)) {
        for (const auto& [fork, cases] : object_of(forks)) {
            if (fork != "_info") run_cases(rules_of_network(fork), fork, cases, report);
        }
    }
}

}  // namespace valence::conformance
