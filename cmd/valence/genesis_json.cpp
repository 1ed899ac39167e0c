#include "cmd/valence/genesis_json.hpp"

#include <vector>

namespace valence::cmd {
namespace {

/// Lines of JSON, indented by what was opened and not closed.
class JsonLines {
public:
    void open(std::string_view key = {}) {
        begin(key);
        text_ += '{';
        ++depth_;
        first_ = true;
    }
    void close() {
        --depth_;
        if (!first_) new_line();
        text_ += '}';
        first_ = false;
    }
    void text(std::string_view key, std::string_view value) {
        begin(key);
        text_ += '"';
        text_ += value;
        text_ += '"';
    }
    void number(std::string_view key, std::uint64_t value) {
        begin(key);
        text_ += std::to_string(value);
    }
    std::string take() { return std::move(text_) + "\n"; }

private:
    void begin(std::string_view key) {
        if (!text_.empty()) {
            if (!first_) text_ += ',';
            new_line();
        }
        first_ = false;
        if (key.empty()) return;
        text_ += '"';
        text_ += key;
        text_ += "\": ";
    }
    void new_line() {
        text_ += '\n';
        text_.append(2 * depth_, ' ');
    }

    std::string text_;
    std::size_t depth_ = 0;
    bool first_ = true;
};

std::string hex_number(std::uint64_t number) { return U256{number}.to_hex(); }

void write_blob_schedule(JsonLines& to, const chain::RuleSet& rules) {
    to.open("blobSchedule");
    for (const auto& facts : chain::all_forks()) {
        const auto& parameters = rules.blob_parameters[static_cast<std::size_t>(facts.fork)];
        if (facts.blob_schedule_key.empty() || !parameters) continue;
        to.open(facts.blob_schedule_key);
        to.number("target", parameters->target);
        to.number("max", parameters->max);
        to.number("baseFeeUpdateFraction", parameters->base_fee_update_fraction);
        to.close();
    }
    to.close();
}

void write_layer(JsonLines& to, const chain::LayerRules& layer) {
    to.open("dataAvailability");
    to.text("name", layer.name);
    to.number("height", layer.start.height);
    to.text("hash", base::to_hex_prefixed(layer.start.hash));
    to.number("time", layer.start.time);
    to.number("maxLag", layer.max_lag);
    to.number("drift", layer.drift);
    to.number("sequencingWindow", layer.sequencing_window);
    to.number("forcedDelay", layer.forced_delay);
    to.number("forcedGas", layer.forced_gas);
    to.close();
}

void write_config(JsonLines& to, const chain::RuleSet& rules) {
    to.open("config");
    to.number("chainId", rules.chain_id);
    for (const auto& facts : chain::all_forks()) {
        const auto& when = rules.at(facts.fork);
        if (when) to.number(facts.config_key, *when);
    }
    if (rules.terminal_total_difficulty) {
        to.text("terminalTotalDifficulty", rules.terminal_total_difficulty->to_hex());
    }
    to.text("depositContractAddress", base::to_hex_prefixed(rules.deposit_contract));
    write_blob_schedule(to, rules);
    // Whatever the size, it is the mark of our rules.
    if (rules.extra_data_size) {
        to.open("valence");
        if (rules.beacon_key) to.text("beaconKey", base::to_hex_prefixed(*rules.beacon_key));
        to.text("minBaseFee", rules.min_base_fee.to_hex());
        to.number("elasticityMultiplier", rules.elasticity_multiplier);
        to.number("baseFeeChangeDenominator", rules.base_fee_change_denominator);
        if (rules.system && rules.system->layer) write_layer(to, *rules.system->layer);
        to.close();
    }
    to.close();
}

void write_account(JsonLines& to, const Address& address, const chain::GenesisAccount& account) {
    to.open(base::to_hex_prefixed(address));
    to.text("balance", account.balance.to_hex());
    if (account.nonce != 0) to.text("nonce", hex_number(account.nonce));
    if (!account.code.empty()) to.text("code", base::to_hex_prefixed(account.code));
    if (!account.storage.empty()) {
        to.open("storage");
        for (const auto& [key, value] : account.storage) {
            to.text(base::to_hex_prefixed(key.to_hash()), base::to_hex_prefixed(value.to_hash()));
        }
        to.close();
    }
    to.close();
}

}  // namespace

std::string genesis_json(const chain::Genesis& genesis) {
    JsonLines to;
    to.open();
    write_config(to, genesis.rules);
    to.text("timestamp", hex_number(genesis.timestamp));
    to.text("gasLimit", hex_number(genesis.gas_limit));
    to.text("difficulty", genesis.difficulty.to_hex());
    to.text("extraData", base::to_hex_prefixed(genesis.extra_data));
    to.text("mixHash", base::to_hex_prefixed(genesis.mix_hash));
    to.text("coinbase", base::to_hex_prefixed(genesis.coinbase));
    to.text("nonce", base::to_hex_prefixed(genesis.nonce));
    if (genesis.base_fee) to.text("baseFeePerGas", genesis.base_fee->to_hex());
    if (genesis.excess_blob_gas) to.text("excessBlobGas", hex_number(*genesis.excess_blob_gas));
    if (genesis.blob_gas_used) to.text("blobGasUsed", hex_number(*genesis.blob_gas_used));
    to.open("alloc");
    for (const auto& [address, account] : genesis.accounts)
        write_account(to, address, account);
    to.close();
    to.close();
    return to.take();
}

}  // namespace valence::cmd
