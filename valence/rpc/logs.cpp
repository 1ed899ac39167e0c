#include "valence/rpc/logs.hpp"

#include <fmt/format.h>

#include "valence/rpc/lookup.hpp"
#include "valence/rpc/render/receipt.hpp"

namespace valence::rpc {

namespace {

struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    bool empty = false;
};

/// "pending" counts as the head: logs of a block that is not sealed are not served.
Answer<std::uint64_t> bound(const node::Node& node, const BlockId& id) {
    if (const auto* tag = std::get_if<BlockTag>(&id); tag != nullptr && *tag == BlockTag::pending) {
        return node.chain().head_number();
    }
    const auto number = block_number_of(node, id);
    if (!number) return server_error("header not found");
    return *number;
}

Answer<Range> range_of(const node::Node& node, const LogFilter& filter, const Limits& limits) {
    const auto head = node.chain().head_number();
    Range range{head, head};
    if (filter.from) {
        BOOST_OUTCOME_TRY(range.first, bound(node, *filter.from));
    }
    if (filter.to) {
        BOOST_OUTCOME_TRY(range.last, bound(node, *filter.to));
    }
    const bool last_is_number = filter.to && std::holds_alternative<std::uint64_t>(*filter.to);
    if (range.first > range.last) {
        if (last_is_number) return invalid_params("invalid block range params");
        // A poller that asks from the block after the head on: nothing yet.
        range.empty = true;
        return range;
    }
    if (range.last > head) return invalid_params("block range extends beyond current head block");
    if (range.last - range.first >= limits.log_range_blocks) {
        return RpcError{code::kLimitExceeded,
                        fmt::format("block range of {} is larger than {}", range.last - range.first + 1,
                                    limits.log_range_blocks)};
    }
    return range;
}

}  // namespace

bool scan_block(const sequencer::StoredBlock& block, const LogFilter& filter, const LogSink& sink) {
    if (!filter.may_match(block.block.header.logs_bloom)) return true;
    for (std::size_t i = 0; i < block.receipts.size(); ++i) {
        const auto& receipt = block.receipts[i];
        if (!filter.may_match(receipt.bloom)) continue;
        auto index = block.facts[i].first_log_index;
        for (const auto& log : receipt.logs) {
            if (filter.matches(log) && !sink(block, i, log, index)) return false;
            ++index;
        }
    }
    return true;
}

Answer<bool> scan_blocks(const node::ChainReader& chain, std::uint64_t first, std::uint64_t last,
                         const LogFilter& filter, const Deadline& deadline, const LogSink& sink) {
    constexpr std::uint64_t kBlocksBetweenLooks = 64;
    for (auto number = first; number <= last; ++number) {
        if ((number - first) % kBlocksBetweenLooks == 0 && deadline.over()) return timed_out();
        const auto header = chain.header(number);
        // Either is missing past the head; or before what a chain that began with a snapshot has, where there
        // may be logs.
        const auto not_kept = [&]() -> Answer<bool> {
            if (number > chain.head_number()) return true;
            return server_error(fmt::format("block {} is not kept by this node", number));
        };
        if (!header) return not_kept();
        if (!filter.may_match(header->logs_bloom)) continue;
        const auto block = chain.block(number);
        if (!block) return not_kept();
        if (!scan_block(*block, filter, sink)) return false;
    }
    return true;
}

Answer<void> write_logs(JsonWriter& out, const node::Node& node, const LogFilter& filter,
                        const Limits& limits, const Deadline& deadline) {
    std::size_t count = 0;
    const LogSink sink = [&](const auto& block, std::size_t transaction, const evm::Log& log,
                             std::uint64_t index) {
        if (++count > limits.log_results) return false;
        write_log(out, block, transaction, log, index);
        return !out.overflowed();
    };
    bool complete = true;
    out.begin_array();
    if (filter.block_hash) {
        const auto block = node.chain().block(*filter.block_hash);
        if (!block) return server_error("unknown block");
        complete = scan_block(*block, filter, sink);
    } else {
        BOOST_OUTCOME_TRY(const auto range, range_of(node, filter, limits));
        if (!range.empty) {
            BOOST_OUTCOME_TRY(complete,
                              scan_blocks(node.chain(), range.first, range.last, filter, deadline, sink));
        }
    }
    out.end_array();
    if (!complete && !out.overflowed()) {
        return RpcError{code::kLimitExceeded, fmt::format("query returned more than {} results",
                                                          std::min(count, limits.log_results))};
    }
    return success();
}

}  // namespace valence::rpc
