// txpool_*: what waits for a block.
#include <fmt/format.h>

#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/render/transaction.hpp"

namespace valence::rpc {

namespace {

using Transactions = std::vector<sequencer::PooledTransaction>;

void write_object(JsonWriter& out, const sequencer::PoolTransaction& transaction) {
    write_pending_transaction(out, transaction);
}

/// geth's one-line summary.
void write_summary(JsonWriter& out, const sequencer::PoolTransaction& pooled) {
    const auto& transaction = pooled.transaction;
    const auto to = transaction.to ? checksummed_address(*transaction.to) : std::string("contract creation");
    out.string(fmt::format("{}: {} wei + {} gas × {} wei", to, transaction.value.to_decimal(),
                           transaction.gas_limit, transaction.max_fee_per_gas.to_decimal()));
}

using WriteOne = void (*)(JsonWriter&, const sequencer::PoolTransaction&);

void write_by_nonce(JsonWriter& out, const Transactions& transactions, WriteOne write) {
    out.begin_object();
    for (const auto& transaction : transactions) {
        out.key(std::to_string(transaction->transaction.nonce));
        write(out, *transaction);
    }
    out.end_object();
}

void write_everybody(JsonWriter& out, const std::map<Address, sequencer::SenderContent>& content,
                     Transactions sequencer::SenderContent::* part, WriteOne write) {
    out.begin_object();
    for (const auto& [sender, transactions] : content) {
        if ((transactions.*part).empty()) continue;
        out.key(checksummed_address(sender));
        write_by_nonce(out, transactions.*part, write);
    }
    out.end_object();
}

Answer<void> write_content(Call& call, WriteOne write) {
    const auto content = call.context.node.pool().content();
    auto& out = call.result;
    out.begin_object();
    out.key("pending");
    write_everybody(out, content, &sequencer::SenderContent::pending, write);
    out.key("queued");
    write_everybody(out, content, &sequencer::SenderContent::queued, write);
    out.end_object();
    return success();
}

}  // namespace

Answer<void> txpool_content(Call& call) { return write_content(call, write_object); }
Answer<void> txpool_inspect(Call& call) { return write_content(call, write_summary); }

Answer<void> txpool_content_from(Call& call) {
    BOOST_OUTCOME_TRY(const auto sender, call.parameters.address(0));
    const auto content = call.context.node.pool().content(sender);
    auto& out = call.result;
    out.begin_object();
    out.key("pending");
    write_by_nonce(out, content.pending, write_object);
    out.key("queued");
    write_by_nonce(out, content.queued, write_object);
    out.end_object();
    return success();
}

Answer<void> txpool_status(Call& call) {
    const auto counts = call.context.node.pool().counts();
    auto& out = call.result;
    out.begin_object();
    out.key("pending").quantity(std::uint64_t{counts.pending});
    out.key("queued").quantity(std::uint64_t{counts.queued});
    out.end_object();
    return success();
}

}  // namespace valence::rpc
