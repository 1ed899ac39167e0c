// eth_*: what gas costs and has cost.
#include <boost/json.hpp>
#include <fmt/format.h>

#include "valence/chain/block_fees.hpp"
#include "valence/rpc/context.hpp"
#include "valence/rpc/lookup.hpp"
#include "valence/rpc/methods/fees.hpp"
#include "valence/rpc/methods/handlers.hpp"

namespace valence::rpc {

namespace json = boost::json;

namespace {

constexpr std::uint64_t kTipBlocks = 20;
constexpr std::size_t kTipsPerBlock = 3;
constexpr unsigned kTipPercentile = 60;
const U256 kDefaultTip = 1'000'000'000;
const U256 kHighestTip = 500'000'000'000;

/// What each transaction paid above the base fee, wei per gas, with its gas, cheapest first.
std::vector<std::pair<U256, std::uint64_t>> tips_of(const sequencer::StoredBlock& block) {
    const auto base_fee = block.block.header.base_fee.value_or(U256{});
    std::vector<std::pair<U256, std::uint64_t>> tips;
    tips.reserve(block.facts.size());
    for (std::size_t i = 0; i < block.facts.size(); ++i) {
        // The system's pay none.
        if (block.block.transactions[i].is_system()) continue;
        const auto& facts = block.facts[i];
        const auto price = facts.effective_gas_price;
        tips.emplace_back(price > base_fee ? price - base_fee : U256{}, facts.gas_used);
    }
    std::sort(tips.begin(), tips.end());
    return tips;
}

Answer<std::vector<double>> percentiles_parameter(const Call& call, std::size_t index) {
    std::vector<double> percentiles;
    const auto* value = call.parameters.find(index);
    if (value == nullptr) return percentiles;
    const auto* list = value->if_array();
    if (list == nullptr) {
        return invalid_argument(index, DecodeError{std::string(kind_name(*value)), "[]float64"}.message());
    }
    if (list->size() > call.context.limits.fee_history_percentiles) {
        return server_error(fmt::format("invalid reward percentile: over the query limit {}",
                                        call.context.limits.fee_history_percentiles));
    }
    for (const auto& item : *list) {
        if (!item.is_number()) {
            return invalid_argument(index, DecodeError{std::string(kind_name(item)), "float64"}.message());
        }
        const auto percentile = item.to_number<double>();
        if (!(percentile >= 0 && percentile <= 100)) {
            return server_error(fmt::format("invalid reward percentile: {:f}", percentile));
        }
        if (!percentiles.empty() && percentile <= percentiles.back()) {
            return server_error(fmt::format("invalid reward percentile: #{}:{:f} >= #{}:{:f}",
                                            percentiles.size() - 1, percentiles.back(), percentiles.size(),
                                            percentile));
        }
        percentiles.push_back(percentile);
    }
    return percentiles;
}

void write_rewards(JsonWriter& out, const sequencer::StoredBlock& block,
                   const std::vector<double>& percentiles) {
    const auto tips = tips_of(block);
    out.begin_array();
    std::size_t at = 0;
    auto sum = tips.empty() ? 0 : tips[0].second;
    for (const auto percentile : percentiles) {
        if (tips.empty()) {
            out.quantity(std::uint64_t{0});
            continue;
        }
        const auto threshold =
            static_cast<std::uint64_t>(static_cast<double>(block.block.header.gas_used) * percentile / 100);
        while (sum < threshold && at + 1 < tips.size())
            sum += tips[++at].second;
        out.quantity(tips[at].first);
    }
    out.end_array();
}

/// The parameter as geth takes it: a quantity, decimal text or a number.
Answer<std::uint64_t> block_count_parameter(const Call& call) {
    BOOST_OUTCOME_TRY(const auto count, call.parameters.lenient_u64(0));
    return count;
}

/// Of the block after `block`, wei per unit of blob gas; 0 before Cancun.
U256 blob_base_fee_after(const node::Node& node, const chain::Header& header) {
    const auto& rules = node.config().genesis.rules;
    if (const auto next = node.chain().header(header.number + 1)) return chain::blob_base_fee(rules, *next);
    const auto next = node.next_block();
    const auto blobs = rules.blobs_at(next.number, next.timestamp);
    if (!blobs) return {};
    return chain::blob_base_fee(chain::next_excess_blob_gas(rules, header, next.timestamp), *blobs);
}

/// The blocks of a history; bodies are read one at a time and only for rewards.
struct History {
    std::vector<chain::Header> headers;
    std::vector<double> percentiles;
};

Answer<void> write_all_rewards(JsonWriter& out, const node::Node& node, const History& history,
                               const Deadline& deadline) {
    out.key("reward").begin_array();
    for (const auto& header : history.headers) {
        if (deadline.over()) return timed_out();
        const auto block = node.chain().block(header.number);
        if (!block) return server_error("header not found");
        write_rewards(out, *block, history.percentiles);
    }
    out.end_array();
    return success();
}

Answer<void> write_history(JsonWriter& out, const node::Node& node, const History& history,
                           const Deadline& deadline) {
    const auto& rules = node.config().genesis.rules;
    const auto& headers = history.headers;
    out.begin_object();
    out.key("oldestBlock").quantity(headers.empty() ? 0 : headers.front().number);
    if (!history.percentiles.empty() && !headers.empty()) {
        BOOST_OUTCOME_TRY(write_all_rewards(out, node, history, deadline));
    }
    if (headers.empty()) {
        out.key("gasUsedRatio").null();
        out.end_object();
        return success();
    }
    out.key("baseFeePerGas").begin_array();
    for (const auto& header : headers)
        out.quantity(header.base_fee.value_or(U256{}));
    out.quantity(base_fee_after(node, headers.back().number));
    out.end_array();
    out.key("gasUsedRatio").begin_array();
    for (const auto& header : headers) {
        out.number(header.gas_limit == 0
                       ? 0.0
                       : static_cast<double>(header.gas_used) / static_cast<double>(header.gas_limit));
    }
    out.end_array();
    out.key("baseFeePerBlobGas").begin_array();
    for (const auto& header : headers)
        out.quantity(chain::blob_base_fee(rules, header));
    out.quantity(blob_base_fee_after(node, headers.back()));
    out.end_array();
    out.key("blobGasUsedRatio").begin_array();
    for (const auto& header : headers) {
        const auto blobs = rules.blobs_at(header.number, header.timestamp);
        const auto most = blobs ? blobs->max * chain::kGasPerBlob : 0;
        out.number(most == 0
                       ? 0.0
                       : static_cast<double>(header.blob_gas_used.value_or(0)) / static_cast<double>(most));
    }
    out.end_array();
    out.end_object();
    return success();
}

}  // namespace

U256 suggested_tip(const node::Node& node) {
    std::vector<U256> samples;
    const auto head = node.chain().head_number();
    for (auto number = head; number > 0 && head - number < kTipBlocks; --number) {
        const auto block = node.chain().block(number);
        if (!block) break;
        const auto tips = tips_of(*block);
        for (std::size_t i = 0; i < std::min(kTipsPerBlock, tips.size()); ++i)
            samples.push_back(tips[i].first);
    }
    if (samples.empty()) return kDefaultTip;
    std::sort(samples.begin(), samples.end());
    return std::min(samples[(samples.size() - 1) * kTipPercentile / 100], kHighestTip);
}

U256 base_fee_after(const node::Node& node, std::uint64_t number) {
    if (const auto next = node.chain().header(number + 1)) return next->base_fee.value_or(U256{});
    return node.next_block().base_fee;
}

Answer<void> eth_gas_price(Call& call) {
    call.result.quantity(suggested_tip(call.context.node) + call.context.node.next_block().base_fee);
    return success();
}

Answer<void> eth_max_priority_fee_per_gas(Call& call) {
    call.result.quantity(suggested_tip(call.context.node));
    return success();
}

/// Of the next block.
Answer<void> eth_base_fee(Call& call) {
    call.result.quantity(call.context.node.next_block().base_fee);
    return success();
}

/// Of the next block.
Answer<void> eth_blob_base_fee(Call& call) {
    const auto& node = call.context.node;
    call.result.quantity(blob_base_fee_after(node, node.chain().head().block->block.header));
    return success();
}

Answer<void> eth_fee_history(Call& call) {
    const auto& node = call.context.node;
    BOOST_OUTCOME_TRY(auto count, block_count_parameter(call));
    BOOST_OUTCOME_TRY(const auto id, call.parameters.block_number(1));
    History history;
    BOOST_OUTCOME_TRY(history.percentiles, percentiles_parameter(call, 2));
    const auto head = node.chain().head_number();
    const auto named = block_number_of(node, id);
    if (!named) return server_error("header not found");
    auto last = *named;
    // The pending block's fees are those of the next entry: the history ends with the head.
    if (std::holds_alternative<BlockTag>(id)) last = std::min(last, head);
    if (last > head)
        return server_error(fmt::format("request beyond head block: requested {}, head {}", last, head));
    count = std::min({count, call.context.limits.fee_history_blocks, last + 1});
    for (auto number = last + 1 - count; number <= last; ++number) {
        auto header = node.chain().header(number);
        if (!header) return server_error("header not found");
        history.headers.push_back(*std::move(header));
    }
    return write_history(call.result, node, history, call.deadline);
}

}  // namespace valence::rpc
