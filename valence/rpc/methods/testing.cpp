// testing_buildBlockV1 (execution-apis): what the next block would be with these transactions, built beside
// the chain and thrown away.
#include <boost/json.hpp>

#include "valence/chain/block_fees.hpp"
#include "valence/chain/execute_block.hpp"
#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/methods/simulation_base.hpp"
#include "valence/rpc/render/block.hpp"
#include "valence/rpc/simulation/object_reader.hpp"
#include "valence/rpc/simulation/overrides.hpp"

namespace valence::rpc {

namespace json = boost::json;

namespace {

struct Attributes {
    std::uint64_t timestamp = 0;
    Hash prev_randao;
    Address fee_recipient;
    std::optional<Hash> beacon_root;
    std::optional<std::vector<chain::Withdrawal>> withdrawals;
};

Decoded<Attributes> decode_attributes(const json::value& value) {
    BOOST_OUTCOME_TRY(const auto fields, simulation::ObjectReader::of(value, "PayloadAttributes"));
    Attributes out;
    std::optional<std::uint64_t> timestamp;
    std::optional<Address> fee_recipient;
    BOOST_OUTCOME_TRY(fields.read("timestamp", timestamp));
    BOOST_OUTCOME_TRY(fields.read("suggestedFeeRecipient", fee_recipient));
    BOOST_OUTCOME_TRY(fields.read("parentBeaconBlockRoot", out.beacon_root));
    // Its other fields have the names of block overrides.
    BOOST_OUTCOME_TRY(const auto overrides, simulation::decode_block_overrides(value));
    if (!timestamp) return DecodeError{"missing required field 'timestamp' for PayloadAttributes", {}};
    out.timestamp = *timestamp;
    out.fee_recipient = fee_recipient.value_or(Address{});
    out.prev_randao = overrides.prev_randao.value_or(Hash{});
    out.withdrawals = overrides.withdrawals;
    return out;
}

struct Candidate {
    chain::Transaction transaction;
    Address sender;
};

struct Candidates {
    std::vector<Candidate> list;
    /// Those of the pool may fail to fit; those a caller names may not.
    bool may_fail = false;
};

Answer<Candidates> candidates_parameter(const Call& call, std::size_t index) {
    Candidates out;
    const auto* value = call.parameters.find(index);
    if (value == nullptr) {
        out.may_fail = true;
        for (const auto& [sender, content] : call.context.node.pool().content()) {
            for (const auto& pooled : content.pending)
                out.list.push_back({pooled->transaction, sender});
        }
        return out;
    }
    const auto* list = value->if_array();
    if (list == nullptr)
        return invalid_argument(index,
                                DecodeError{std::string(kind_name(*value)), "[]hexutil.Bytes"}.message());
    for (const auto& item : *list) {
        auto bytes = decode_data(item);
        if (bytes.has_error()) return invalid_argument(index, bytes.error().message());
        auto decoded = sequencer::decode_pool_transaction(bytes.value());
        if (decoded.has_error()) return from_error(decoded.error());
        out.list.push_back({std::move(decoded.value().transaction), decoded.value().sender});
    }
    return out;
}

chain::Header next_header(const node::Node& node, const sequencer::StoredBlock& parent,
                          const Attributes& attributes) {
    const auto& rules = node.config().genesis.rules;
    const auto& before = parent.block.header;
    chain::Header header;
    header.parent_hash = parent.hash;
    header.number = before.number + 1;
    header.timestamp = attributes.timestamp;
    header.coinbase = attributes.fee_recipient;
    header.mix_hash = attributes.prev_randao;
    header.gas_limit = node.next_block().gas_limit;
    if (rules.is_active(chain::Fork::london, header.number, header.timestamp)) {
        header.base_fee = chain::next_base_fee(rules, before);
    }
    if (rules.is_active(chain::Fork::cancun, header.number, header.timestamp)) {
        header.excess_blob_gas = chain::next_excess_blob_gas(rules, before, header.timestamp);
        header.blob_gas_used = 0;
        header.parent_beacon_block_root = attributes.beacon_root.value_or(Hash{});
    }
    header.extra_data = Bytes(rules.extra_data_size.value_or(0), 0);
    return header;
}

struct Built {
    chain::Block block;
    std::vector<Bytes> requests;
    /// Wei the fee recipient gets.
    U256 value;
};

Answer<Built> build(const node::Node& node, const node::HeadView& head, const Candidates& candidates,
                    chain::Header header, const std::optional<std::vector<chain::Withdrawal>>& withdrawals) {
    const auto& rules = node.config().genesis.rules;
    Built out;
    out.block.header = std::move(header);
    if (rules.is_active(chain::Fork::shanghai, out.block.header.number, out.block.header.timestamp)) {
        out.block.withdrawals = withdrawals.value_or(std::vector<chain::Withdrawal>{});
    }
    const CanonicalHashes hashes(node.chain());
    state::JournaledState journal(*head.state);
    chain::BlockExecution execution(rules, out.block.header, journal, hashes);
    execution.begin();
    const auto base_fee = out.block.header.base_fee.value_or(U256{});
    for (const auto& [transaction, sender] : candidates.list) {
        const auto done = execution.execute(transaction, sender);
        if (done.has_error()) {
            if (candidates.may_fail) continue;
            return from_error(done.error());
        }
        const auto tip = chain::effective_gas_price(transaction, base_fee) - base_fee;
        out.value += tip * U256{done.value().gas_used};
        out.block.transactions.push_back(transaction);
    }
    auto finished = execution.finish(out.block);
    if (finished.has_error()) return from_error(finished.error());
    const auto& result = finished.value();
    const auto root = node.chain().state_root_after(head.block->number(), journal.changes());
    if (root.has_error()) return from_error(root.error());

    auto& sealed = out.block.header;
    sealed.state_root = root.value();
    sealed.gas_used = result.gas_used;
    sealed.logs_bloom = result.logs_bloom;
    sealed.receipts_root = chain::receipts_root(result.receipts);
    sealed.transactions_root = chain::transactions_root(out.block.transactions);
    if (out.block.withdrawals) sealed.withdrawals_root = chain::withdrawals_root(*out.block.withdrawals);
    if (sealed.blob_gas_used) sealed.blob_gas_used = result.blob_gas_used;
    if (result.requests) {
        sealed.requests_hash = chain::requests_hash(*result.requests);
        out.requests = *result.requests;
    }
    return out;
}

void write_payload(JsonWriter& out, const chain::Block& block) {
    const auto& header = block.header;
    out.begin_object();
    out.key("parentHash").data(header.parent_hash);
    out.key("feeRecipient").data(header.coinbase);
    out.key("stateRoot").data(header.state_root);
    out.key("receiptsRoot").data(header.receipts_root);
    out.key("logsBloom").data(BytesView{header.logs_bloom.bytes});
    out.key("prevRandao").data(header.mix_hash);
    out.key("blockNumber").quantity(header.number);
    out.key("gasLimit").quantity(header.gas_limit);
    out.key("gasUsed").quantity(header.gas_used);
    out.key("timestamp").quantity(header.timestamp);
    out.key("extraData").data(header.extra_data);
    out.key("baseFeePerGas").quantity(header.base_fee.value_or(U256{}));
    out.key("blockHash").data(chain::header_hash(header));
    out.key("transactions").begin_array();
    for (const auto& transaction : block.transactions)
        out.data(chain::encode_transaction(transaction));
    out.end_array();
    if (block.withdrawals) {
        out.key("withdrawals");
        write_withdrawals(out, *block.withdrawals);
    }
    if (header.blob_gas_used) out.key("blobGasUsed").quantity(*header.blob_gas_used);
    if (header.excess_blob_gas) out.key("excessBlobGas").quantity(*header.excess_blob_gas);
    out.end_object();
}

}  // namespace

Answer<void> testing_build_block(Call& call) {
    if (call.context.node.config().genesis.rules.system)
        return server_error("blocks of this chain begin with system transactions, which only its nodes make");
    BOOST_OUTCOME_TRY(const auto parent, call.parameters.hash(0));
    BOOST_OUTCOME_TRY(const auto attributes, call.parameters.decode(1, decode_attributes));
    BOOST_OUTCOME_TRY(const auto candidates, candidates_parameter(call, 2));
    const auto head = call.context.node.chain().head();
    if (head.block->hash != parent) return server_error("the parent is not the head of the chain");
    auto header = next_header(call.context.node, *head.block, attributes);
    if (call.parameters.given(3)) {
        BOOST_OUTCOME_TRY(header.extra_data, call.parameters.data(3));
    }
    BOOST_OUTCOME_TRY(const auto built,
                      build(call.context.node, head, candidates, std::move(header), attributes.withdrawals));
    auto& out = call.result;
    out.begin_object();
    out.key("executionPayload");
    write_payload(out, built.block);
    out.key("blockValue").quantity(built.value);
    out.key("blobsBundle").raw(R"({"commitments":[],"proofs":[],"blobs":[]})");
    out.key("executionRequests").begin_array();
    for (const auto& request : built.requests)
        out.data(request);
    out.end_array();
    out.key("shouldOverrideBuilder").boolean(false);
    out.end_object();
    return success();
}

}  // namespace valence::rpc
