#include "valence/chain/genesis.hpp"

#include <boost/json.hpp>

#include "valence/crypto/keccak.hpp"

namespace valence::chain {
namespace {

namespace json = boost::json;

Error malformed(std::string_view key, std::string_view what) {
    return {ChainError::genesis_malformed, std::string{key} + ": " + std::string{what}};
}

std::optional<U256> number_of(const json::value& value) {
    if (value.is_uint64()) return U256{value.get_uint64()};
    if (value.is_int64() && value.get_int64() >= 0)
        return U256{static_cast<std::uint64_t>(value.get_int64())};
    if (!value.is_string()) return std::nullopt;
    const std::string_view text{value.get_string()};
    if (text.starts_with("0x") || text.starts_with("0X")) {
        return text.size() == 2 ? U256{} : U256::from_hex(text.substr(2));
    }
    return U256::from_decimal(text);
}

/// Readers of optional keys of an object: absent or null leaves the value as it is.
struct Reader {
    const json::object& object;

    const json::value* find(std::string_view key) const {
        const auto* value = object.if_contains(key);
        return value != nullptr && !value->is_null() ? value : nullptr;
    }
    Result<std::optional<U256>> number(std::string_view key) const {
        const auto* value = find(key);
        if (value == nullptr) return std::optional<U256>{};
        const auto number = number_of(*value);
        if (!number) return malformed(key, "not a number");
        return number;
    }
    Result<std::optional<std::uint64_t>> u64(std::string_view key) const {
        BOOST_OUTCOME_TRY(const auto value, number(key));
        if (!value) return std::optional<std::uint64_t>{};
        if (!value->fits_u64()) return malformed(key, "more than 64 bits");
        return std::optional{value->low_u64()};
    }
    Result<Bytes> bytes(std::string_view key) const {
        const auto* value = find(key);
        if (value == nullptr) return Bytes{};
        if (!value->is_string()) return malformed(key, "not a string");
        auto decoded = base::from_hex(value->get_string());
        if (!decoded) return malformed(key, "not hexadecimal");
        return std::move(*decoded);
    }
    template <typename T>
    Result<std::optional<T>> fixed(std::string_view key) const {
        BOOST_OUTCOME_TRY(const auto raw, bytes(key));
        if (raw.empty()) return std::optional<T>{};
        if (raw.size() > T::kSize) return malformed(key, "too long");
        return std::optional{base::from_right_aligned<T>(raw)};
    }
    Result<const json::object*> child(std::string_view key) const {
        const auto* value = find(key);
        if (value == nullptr) return nullptr;
        if (!value->is_object()) return malformed(key, "not an object");
        return &value->get_object();
    }
};

Result<void> read_blob_schedule(const Reader& schedule, RuleSet& rules) {
    for (const auto& facts : all_forks()) {
        if (facts.blob_schedule_key.empty()) continue;
        BOOST_OUTCOME_TRY(const auto* entry, schedule.child(facts.blob_schedule_key));
        if (entry == nullptr) continue;
        const Reader reader{*entry};
        BOOST_OUTCOME_TRY(const auto target, reader.u64("target"));
        BOOST_OUTCOME_TRY(const auto max, reader.u64("max"));
        BOOST_OUTCOME_TRY(const auto fraction, reader.u64("baseFeeUpdateFraction"));
        if (!target || !max || !fraction || *fraction == 0) {
            return malformed(facts.blob_schedule_key, "needs target, max and baseFeeUpdateFraction");
        }
        rules.blob_parameters[static_cast<std::size_t>(facts.fork)] = {*target, *max, *fraction};
    }
    return success();
}

/// Without a key the randomness of blocks would be anybody's; so one must be named.
Result<crypto::bls::PublicKey> read_beacon_key(const Reader& reader) {
    BOOST_OUTCOME_TRY(const auto bytes, reader.bytes("beaconKey"));
    if (bytes.empty()) return malformed("beaconKey", "is missing");
    if (bytes.size() != crypto::bls::PublicKey::kSize) return malformed("beaconKey", "not 96 bytes");
    const auto key = base::from_exact<crypto::bls::PublicKey>(bytes);
    if (!crypto::bls::Verifier::of(key)) return malformed("beaconKey", "not a point of the group G2");
    return key;
}

/// The layer that the chain is derived from, and its rules.
Result<LayerRules> read_layer(const Reader& reader) {
    LayerRules layer;
    const auto* name = reader.find("name");
    if (name == nullptr || !name->is_string()) return malformed("dataAvailability", "needs name");
    layer.name = std::string_view{name->get_string()};
    if (!is_layer_name(layer.name)) return malformed("name", "not a layer's");
    BOOST_OUTCOME_TRY(const auto hash, reader.fixed<Hash>("hash"));
    if (!hash) return malformed("dataAvailability", "needs hash");
    layer.start.hash = *hash;
    struct Field {
        std::string_view key;
        std::uint64_t& value;
    };
    for (const auto& [key, value] :
         {Field{"height", layer.start.height}, Field{"time", layer.start.time},
          Field{"maxLag", layer.max_lag}, Field{"drift", layer.drift},
          Field{"sequencingWindow", layer.sequencing_window}, Field{"forcedDelay", layer.forced_delay},
          Field{"forcedGas", layer.forced_gas}}) {
        BOOST_OUTCOME_TRY(const auto number, reader.u64(key));
        if (number) value = *number;
        // Sums of two of them fit.
        if (value > std::uint64_t{1} << 62) return malformed(key, "too large");
    }
    if (layer.start.height == 0) return malformed("dataAvailability", "needs height");
    if (layer.max_lag == 0) return malformed("maxLag", "is 0");
    if (layer.sequencing_window == 0) return malformed("sequencingWindow", "is 0");
    return layer;
}

/// Our chain's own parameters; their presence selects our rules.
Result<RuleSet> read_valence_rules(const Reader& reader) {
    auto rules = valence_rules();
    rules.activation = {};
    rules.terminal_total_difficulty = {};
    BOOST_OUTCOME_TRY(const auto min_base_fee, reader.number("minBaseFee"));
    if (min_base_fee) rules.min_base_fee = *min_base_fee;
    BOOST_OUTCOME_TRY(const auto elasticity, reader.u64("elasticityMultiplier"));
    if (elasticity) rules.elasticity_multiplier = *elasticity;
    BOOST_OUTCOME_TRY(const auto denominator, reader.u64("baseFeeChangeDenominator"));
    if (denominator) rules.base_fee_change_denominator = *denominator;
    BOOST_OUTCOME_TRY(rules.beacon_key, read_beacon_key(reader));
    BOOST_OUTCOME_TRY(const auto* layer, reader.child("dataAvailability"));
    if (layer != nullptr) {
        BOOST_OUTCOME_TRY(rules.system->layer, read_layer(Reader{*layer}));
    }
    if (rules.elasticity_multiplier == 0) return malformed("elasticityMultiplier", "is 0");
    if (rules.base_fee_change_denominator == 0) return malformed("baseFeeChangeDenominator", "is 0");
    return rules;
}

Result<RuleSet> read_rules(const Reader& config) {
    RuleSet rules = rules_of_revision(evm::Revision::frontier);
    rules.name = "genesis file";
    rules.activation = {};
    BOOST_OUTCOME_TRY(const auto* ours, config.child("valence"));
    if (ours != nullptr) {
        BOOST_OUTCOME_TRY(rules, read_valence_rules(Reader{*ours}));
    }
    BOOST_OUTCOME_TRY(const auto chain_id, config.u64("chainId"));
    if (chain_id) rules.chain_id = *chain_id;
    for (const auto& facts : all_forks()) {
        BOOST_OUTCOME_TRY(rules.at(facts.fork), config.u64(facts.config_key));
    }
    // geth splits Spurious Dragon in two keys, which no chain sets apart.
    if (!rules.at(Fork::spurious_dragon)) {
        BOOST_OUTCOME_TRY(rules.at(Fork::spurious_dragon), config.u64("eip155Block"));
    }
    BOOST_OUTCOME_TRY(rules.merge_netsplit_block, config.u64("mergeNetsplitBlock"));
    // Without its own key Petersburg comes with Constantinople.
    if (!rules.at(Fork::petersburg)) rules.at(Fork::petersburg) = rules.at(Fork::constantinople);
    const auto* dao_support = config.find("daoForkSupport");
    if (dao_support != nullptr && dao_support->is_bool() && !dao_support->get_bool())
        rules.at(Fork::dao).reset();
    BOOST_OUTCOME_TRY(rules.terminal_total_difficulty, config.number("terminalTotalDifficulty"));
    BOOST_OUTCOME_TRY(const auto deposit_contract, config.fixed<Address>("depositContractAddress"));
    if (deposit_contract) rules.deposit_contract = *deposit_contract;
    BOOST_OUTCOME_TRY(const auto* schedule, config.child("blobSchedule"));
    if (schedule != nullptr) {
        BOOST_OUTCOME_TRYV(read_blob_schedule(Reader{*schedule}, rules));
    }
    return rules;
}

Result<GenesisAccount> read_account(const Reader& reader) {
    GenesisAccount account;
    BOOST_OUTCOME_TRY(const auto balance, reader.number("balance"));
    account.balance = balance.value_or(U256{});
    BOOST_OUTCOME_TRY(const auto nonce, reader.u64("nonce"));
    account.nonce = nonce.value_or(0);
    BOOST_OUTCOME_TRY(account.code, reader.bytes("code"));
    BOOST_OUTCOME_TRY(const auto* storage, reader.child("storage"));
    if (storage == nullptr) return account;
    for (const auto& [key, value] : *storage) {
        const auto slot = U256::from_hex(key);
        const auto content = number_of(value);
        if (!slot || !content) return malformed("storage", "not a word");
        if (!content->is_zero()) account.storage[*slot] = *content;
    }
    return account;
}

Result<Genesis> read_genesis(const Reader& file) {
    Genesis genesis;
    BOOST_OUTCOME_TRY(const auto* config, file.child("config"));
    if (config == nullptr) return malformed("config", "is missing");
    BOOST_OUTCOME_TRY(genesis.rules, read_rules(Reader{*config}));

    BOOST_OUTCOME_TRY(const auto timestamp, file.u64("timestamp"));
    genesis.timestamp = timestamp.value_or(0);
    BOOST_OUTCOME_TRY(const auto gas_limit, file.u64("gasLimit"));
    genesis.gas_limit = gas_limit.value_or(genesis.gas_limit);
    BOOST_OUTCOME_TRY(const auto difficulty, file.number("difficulty"));
    genesis.difficulty = difficulty.value_or(U256{});
    BOOST_OUTCOME_TRY(genesis.extra_data, file.bytes("extraData"));
    BOOST_OUTCOME_TRY(const auto mix_hash, file.fixed<Hash>("mixHash"));
    genesis.mix_hash = mix_hash.value_or(Hash{});
    BOOST_OUTCOME_TRY(const auto coinbase, file.fixed<Address>("coinbase"));
    genesis.coinbase = coinbase.value_or(Address{});
    BOOST_OUTCOME_TRY(const auto nonce, file.u64("nonce"));
    const auto nonce_word = U256{nonce.value_or(0)}.to_hash();
    std::copy(nonce_word.end() - 8, nonce_word.end(), genesis.nonce.begin());
    BOOST_OUTCOME_TRY(genesis.base_fee, file.number("baseFeePerGas"));
    BOOST_OUTCOME_TRY(genesis.excess_blob_gas, file.u64("excessBlobGas"));
    BOOST_OUTCOME_TRY(genesis.blob_gas_used, file.u64("blobGasUsed"));

    const auto& system = genesis.rules.system;
    if (system && system->layer && genesis.gas_limit < least_gas_limit(*system))
        return malformed("gasLimit", "has no room for forced transactions and deliveries");

    BOOST_OUTCOME_TRY(const auto* accounts, file.child("alloc"));
    if (accounts == nullptr) return malformed("alloc", "is missing");
    for (const auto& [name, value] : *accounts) {
        const auto address = base::fixed_from_hex<Address>(name);
        if (!address || !value.is_object()) return malformed("alloc", std::string_view{name});
        BOOST_OUTCOME_TRY(auto account, read_account(Reader{value.get_object()}));
        genesis.accounts.emplace(*address, std::move(account));
    }
    return genesis;
}

}  // namespace

Result<Genesis> parse_genesis(std::string_view text) {
    boost::system::error_code error;
    const auto root = json::parse(text, error);
    if (error) return malformed("JSON", error.message());
    if (!root.is_object()) return malformed("JSON", "not an object");
    return read_genesis(Reader{root.get_object()});
}

state::StateChanges genesis_changes(const Genesis& genesis) {
    state::StateChanges changes;
    for (const auto& [address, account] : genesis.accounts) {
        auto& change = changes.accounts[address];
        change.account = state::Account{account.nonce, account.balance, crypto::keccak256(account.code)};
        change.storage = account.storage;
        if (!account.code.empty()) {
            changes.code.emplace(change.account->code_hash, std::make_shared<const Bytes>(account.code));
        }
    }
    return changes;
}

Block genesis_block(const Genesis& genesis, const Hash& state_root) {
    Block block;
    auto& header = block.header;
    header.coinbase = genesis.coinbase;
    header.state_root = state_root;
    header.transactions_root = header.receipts_root = state::kEmptyTrieRoot;
    header.difficulty = genesis.difficulty;
    header.gas_limit = genesis.gas_limit;
    header.timestamp = genesis.timestamp;
    header.extra_data = genesis.extra_data;
    header.mix_hash = genesis.mix_hash;
    header.nonce = genesis.nonce;

    const auto active = [&](Fork fork) { return genesis.rules.is_active(fork, 0, genesis.timestamp); };
    if (active(Fork::london)) header.base_fee = genesis.base_fee.value_or(genesis.rules.initial_base_fee);
    if (active(Fork::shanghai)) {
        header.withdrawals_root = state::kEmptyTrieRoot;
        block.withdrawals.emplace();
    }
    if (active(Fork::cancun)) {
        header.blob_gas_used = genesis.blob_gas_used.value_or(0);
        header.excess_blob_gas = genesis.excess_blob_gas.value_or(0);
        header.parent_beacon_block_root = Hash{};
    }
    if (active(Fork::prague)) header.requests_hash = kEmptyRequestsHash;
    return block;
}

}  // namespace valence::chain
