#include "valence/chain/rule_set.hpp"

#include "valence/chain/beacon.hpp"

namespace valence::chain {
namespace {

using evm::Revision;

constexpr std::array<ForkFacts, kForkCount> kForks{{
    {Fork::homestead, "Homestead", "homesteadBlock", "", Revision::homestead},
    {Fork::dao, "DAO Fork", "daoForkBlock", "", {}},
    {Fork::tangerine_whistle, "Tangerine Whistle", "eip150Block", "", Revision::tangerine_whistle},
    {Fork::spurious_dragon, "Spurious Dragon", "eip158Block", "", Revision::spurious_dragon},
    {Fork::byzantium, "Byzantium", "byzantiumBlock", "", Revision::byzantium},
    {Fork::constantinople, "Constantinople", "constantinopleBlock", "", Revision::constantinople},
    {Fork::petersburg, "Petersburg", "petersburgBlock", "", Revision::petersburg},
    {Fork::istanbul, "Istanbul", "istanbulBlock", "", Revision::istanbul},
    {Fork::muir_glacier, "Muir Glacier", "muirGlacierBlock", "", {}},
    {Fork::berlin, "Berlin", "berlinBlock", "", Revision::berlin},
    {Fork::london, "London", "londonBlock", "", Revision::london},
    {Fork::arrow_glacier, "Arrow Glacier", "arrowGlacierBlock", "", {}},
    {Fork::gray_glacier, "Gray Glacier", "grayGlacierBlock", "", {}},
    {Fork::shanghai, "Shanghai", "shanghaiTime", "", Revision::shanghai},
    {Fork::cancun, "Cancun", "cancunTime", "cancun", Revision::cancun},
    {Fork::prague, "Prague", "pragueTime", "prague", Revision::prague},
    {Fork::osaka, "Osaka", "osakaTime", "osaka", Revision::osaka},
    {Fork::bpo1, "BPO1", "bpo1Time", "bpo1", {}},
    {Fork::bpo2, "BPO2", "bpo2Time", "bpo2", {}},
    {Fork::bpo3, "BPO3", "bpo3Time", "bpo3", {}},
    {Fork::bpo4, "BPO4", "bpo4Time", "bpo4", {}},
    {Fork::bpo5, "BPO5", "bpo5Time", "bpo5", {}},
}};

constexpr std::size_t index_of(Fork fork) { return static_cast<std::size_t>(fork); }

/// Ethereum's blob parameters (EIP-4844, EIP-7691, EIP-7892's first two changes).
void set_ethereum_blob_parameters(RuleSet& rules) {
    rules.blob_parameters[index_of(Fork::cancun)] = {3, 6, 3'338'477};
    rules.blob_parameters[index_of(Fork::prague)] = {6, 9, 5'007'716};
    rules.blob_parameters[index_of(Fork::osaka)] = {6, 9, 5'007'716};
    rules.blob_parameters[index_of(Fork::bpo1)] = {10, 15, 8'346'193};
    rules.blob_parameters[index_of(Fork::bpo2)] = {14, 21, 11'684'671};
}

}  // namespace

std::span<const ForkFacts, kForkCount> all_forks() { return kForks; }

bool RuleSet::is_active(Fork fork, std::uint64_t number, std::uint64_t timestamp) const {
    const auto& when = at(fork);
    return when && (fork < kFirstTimeFork ? number : timestamp) >= *when;
}

Consensus RuleSet::consensus(const Header& header) const {
    if (!terminal_total_difficulty) return Consensus::proof_of_work;
    if (terminal_total_difficulty->is_zero() && header.number > 0) return Consensus::merged;
    return header.difficulty.is_zero() ? Consensus::merged : Consensus::proof_of_work;
}

Revision RuleSet::revision(std::uint64_t number, std::uint64_t timestamp, Consensus consensus) const {
    auto result = Revision::frontier;
    for (const auto& facts : kForks) {
        if (facts.fork == kFirstTimeFork) {
            if (consensus != Consensus::merged) return result;
            result = Revision::paris;
        }
        if (facts.revision && is_active(facts.fork, number, timestamp)) result = *facts.revision;
    }
    return result;
}

Revision RuleSet::revision(const Header& header) const {
    return revision(header.number, header.timestamp, consensus(header));
}

Revision RuleSet::revision(std::uint64_t number, std::uint64_t timestamp) const {
    return revision(number, timestamp,
                    terminal_total_difficulty ? Consensus::merged : Consensus::proof_of_work);
}

std::optional<BlobParameters> RuleSet::blobs_at(std::uint64_t number, std::uint64_t timestamp) const {
    std::optional<BlobParameters> result;
    for (auto i = index_of(Fork::cancun); i < kForkCount; ++i) {
        if (is_active(static_cast<Fork>(i), number, timestamp) && blob_parameters[i])
            result = blob_parameters[i];
    }
    return result;
}

RuleSet rules_of_revision(Revision revision) {
    RuleSet rules;
    rules.name = revision_name(revision);
    set_ethereum_blob_parameters(rules);
    for (const auto& facts : kForks) {
        if (facts.revision && *facts.revision <= revision) rules.at(facts.fork) = 0;
    }
    if (revision >= Revision::istanbul) rules.at(Fork::muir_glacier) = 0;
    if (revision >= Revision::paris) {
        rules.at(Fork::arrow_glacier) = 0;
        rules.at(Fork::gray_glacier) = 0;
        rules.terminal_total_difficulty = U256{};
    }
    return rules;
}

RuleSet ethereum_mainnet() {
    RuleSet rules;
    rules.name = "Ethereum mainnet";
    set_ethereum_blob_parameters(rules);
    rules.at(Fork::homestead) = 1'150'000;
    rules.at(Fork::dao) = 1'920'000;
    rules.at(Fork::tangerine_whistle) = 2'463'000;
    rules.at(Fork::spurious_dragon) = 2'675'000;
    rules.at(Fork::byzantium) = 4'370'000;
    rules.at(Fork::constantinople) = 7'280'000;
    rules.at(Fork::petersburg) = 7'280'000;
    rules.at(Fork::istanbul) = 9'069'000;
    rules.at(Fork::muir_glacier) = 9'200'000;
    rules.at(Fork::berlin) = 12'244'000;
    rules.at(Fork::london) = 12'965'000;
    rules.at(Fork::arrow_glacier) = 13'773'000;
    rules.at(Fork::gray_glacier) = 15'050'000;
    rules.terminal_total_difficulty = U256::from_decimal("58750000000000000000000").value();
    rules.at(Fork::shanghai) = 1'681'338'455;
    rules.at(Fork::cancun) = 1'710'338'135;
    rules.at(Fork::prague) = 1'746'612'311;
    rules.at(Fork::osaka) = 1'764'798'551;
    rules.at(Fork::bpo1) = 1'765'290'071;
    rules.at(Fork::bpo2) = 1'767'747'671;
    return rules;
}

RuleSet valence_rules(std::uint64_t chain_id) {
    auto rules = rules_of_revision(Revision::osaka);
    rules.name = "Valence";
    rules.chain_id = chain_id;
    rules.min_base_fee = 1'000'000;
    rules.extra_data_size = 32;
    rules.timestamp_rule = TimestampRule::not_before_parent;
    rules.gas_limit_rule = GasLimitRule::free;
    rules.beacon_root_call = SystemCalls::skipped;
    rules.execution_requests = SystemCalls::skipped;
    rules.blob_transactions = BlobTransactions::refused;
    static const auto development_key = development_beacon_key().public_key();
    rules.beacon_key = development_key;
    rules.inference.emplace();
    rules.system.emplace();
    return rules;
}

std::string_view revision_name(Revision revision) {
    if (revision == Revision::frontier) return "Frontier";
    if (revision == Revision::paris) return "Paris";
    for (const auto& facts : kForks) {
        if (facts.revision == revision) return facts.name;
    }
    return "unknown";
}

}  // namespace valence::chain
