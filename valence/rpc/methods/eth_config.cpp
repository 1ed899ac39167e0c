// eth_config (EIP-7910): the fork rules now, next and last.
#include <boost/crc.hpp>

#include "valence/chain/system_contracts.hpp"
#include "valence/evm/precompiles/precompiles.hpp"
#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/handlers.hpp"

namespace valence::rpc {

namespace {

using chain::Fork;

struct SystemContract {
    std::string_view name;
    Fork since;
    Address address;
};

std::vector<SystemContract> system_contracts(const chain::RuleSet& rules) {
    std::vector<SystemContract> out;
    if (rules.beacon_root_call == chain::SystemCalls::made) {
        out.push_back({"BEACON_ROOTS_ADDRESS", Fork::cancun, chain::kBeaconRootsContract});
    }
    if (rules.execution_requests == chain::SystemCalls::made) {
        out.push_back(
            {"CONSOLIDATION_REQUEST_PREDEPLOY_ADDRESS", Fork::prague, chain::kConsolidationRequestsContract});
        out.push_back({"DEPOSIT_CONTRACT_ADDRESS", Fork::prague, rules.deposit_contract});
    }
    out.push_back({"HISTORY_STORAGE_ADDRESS", Fork::prague, chain::kHistoryContract});
    if (rules.execution_requests == chain::SystemCalls::made) {
        out.push_back(
            {"WITHDRAWAL_REQUEST_PREDEPLOY_ADDRESS", Fork::prague, chain::kWithdrawalRequestsContract});
    }
    return out;
}

/// Times at which forks come, without repetition, ascending; those at or before the genesis come with it.
std::vector<std::uint64_t> fork_times(const chain::RuleSet& rules, std::uint64_t genesis_time) {
    std::vector<std::uint64_t> times;
    for (const auto& facts : chain::all_forks()) {
        const auto at = rules.at(facts.fork);
        if (facts.fork >= chain::kFirstTimeFork && at && *at > genesis_time) times.push_back(*at);
    }
    std::sort(times.begin(), times.end());
    times.erase(std::unique(times.begin(), times.end()), times.end());
    return times;
}

std::vector<std::uint64_t> fork_blocks(const chain::RuleSet& rules) {
    std::vector<std::uint64_t> blocks;
    for (const auto& facts : chain::all_forks()) {
        const auto at = rules.at(facts.fork);
        if (facts.fork < chain::kFirstTimeFork && at && *at > 0) blocks.push_back(*at);
    }
    if (rules.merge_netsplit_block && *rules.merge_netsplit_block > 0) {
        blocks.push_back(*rules.merge_netsplit_block);
    }
    std::sort(blocks.begin(), blocks.end());
    blocks.erase(std::unique(blocks.begin(), blocks.end()), blocks.end());
    return blocks;
}

/// EIP-2124, EIP-6122: CRC-32 over the genesis hash and the forks up to `time`.
std::uint32_t fork_id(const chain::RuleSet& rules, const Hash& genesis, std::uint64_t genesis_time,
                      std::uint64_t time) {
    boost::crc_32_type crc;
    crc.process_bytes(genesis.data(), genesis.size());
    const auto add = [&](std::uint64_t fork) {
        std::array<std::uint8_t, 8> bytes{};
        for (std::size_t i = 0; i < 8; ++i)
            bytes[i] = static_cast<std::uint8_t>(fork >> (56 - 8 * i));
        crc.process_bytes(bytes.data(), bytes.size());
    };
    for (const auto block : fork_blocks(rules))
        add(block);
    for (const auto at : fork_times(rules, genesis_time)) {
        if (at <= time) add(at);
    }
    return crc.checksum();
}

void write_config(JsonWriter& out, const chain::RuleSet& rules, const sequencer::StoredBlock& genesis,
                  std::uint64_t number, std::uint64_t time) {
    const auto genesis_time = genesis.block.header.timestamp;
    out.begin_object();
    out.key("activationTime").number(time <= genesis_time ? std::uint64_t{0} : time);
    if (const auto blobs = rules.blobs_at(number, time)) {
        out.key("blobSchedule").begin_object();
        out.key("target").number(blobs->target);
        out.key("max").number(blobs->max);
        out.key("baseFeeUpdateFraction").number(blobs->base_fee_update_fraction);
        out.end_object();
    } else {
        out.key("blobSchedule").null();
    }
    out.key("chainId").quantity(rules.chain_id);
    const auto id = fork_id(rules, genesis.hash, genesis_time, time);
    const std::array<std::uint8_t, 4> id_bytes{
        static_cast<std::uint8_t>(id >> 24), static_cast<std::uint8_t>(id >> 16),
        static_cast<std::uint8_t>(id >> 8), static_cast<std::uint8_t>(id)};
    out.key("forkId").data(id_bytes);
    const auto revision = rules.revision(number, time);
    std::map<std::string_view, Address> precompiles;
    for (const auto& precompile : evm::all_precompiles()) {
        if (precompile.since <= revision) precompiles.emplace(precompile.name, precompile.address);
    }
    out.key("precompiles").begin_object();
    for (const auto& [name, address] : precompiles)
        out.key(name).data(address);
    out.end_object();
    out.key("systemContracts").begin_object();
    for (const auto& contract : system_contracts(rules)) {
        if (rules.is_active(contract.since, number, time)) out.key(contract.name).data(contract.address);
    }
    out.end_object();
    out.end_object();
}

}  // namespace

Answer<void> eth_config(Call& call) {
    const auto& node = call.context.node;
    const auto& rules = node.config().genesis.rules;
    const auto genesis = node.chain().block(0);
    const auto head = node.chain().head().block;
    if (!genesis) return server_error("genesis not found");
    const auto now = head->block.header.timestamp;
    const auto number = head->number();
    std::uint64_t current = 0;
    std::optional<std::uint64_t> next;
    std::optional<std::uint64_t> last;
    for (const auto time : fork_times(rules, genesis->block.header.timestamp)) {
        if (time <= now) {
            current = time;
        } else {
            if (!next) next = time;
            last = time;
        }
    }
    auto& out = call.result;
    out.begin_object();
    out.key("current");
    write_config(out, rules, *genesis, number, current);
    const auto write_or_null = [&](std::string_view name, const std::optional<std::uint64_t>& time) {
        out.key(name);
        if (time) {
            write_config(out, rules, *genesis, number, *time);
        } else {
            out.null();
        }
    };
    write_or_null("next", next);
    write_or_null("last", last);
    out.end_object();
    return success();
}

}  // namespace valence::rpc
