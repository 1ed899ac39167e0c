#include "cmd/valence/block_log.hpp"

#include <cstdio>

#include "cmd/valence/function_names.hpp"
#include <fmt/format.h>

#include "valence/codec/abi.hpp"

namespace valence::cmd {
namespace {

/// Of one block, in the log.
constexpr std::size_t kTransactionsShown = 20;
/// Texts waiting for a slow terminal.
constexpr std::size_t kLinesWaiting = 4'096;

std::string_view failure_of(evm::Status status) {
    switch (status) {
        case evm::Status::revert:
            return "reverted";
        case evm::Status::out_of_gas:
            return "out of gas";
        case evm::Status::stack_overflow:
        case evm::Status::stack_underflow:
            return "stack error";
        case evm::Status::invalid_instruction:
        case evm::Status::undefined_instruction:
            return "invalid opcode";
        case evm::Status::bad_jump_destination:
            return "invalid jump destination";
        case evm::Status::code_too_large:
            return "max code size exceeded";
        case evm::Status::address_collision:
            return "contract address collision";
        case evm::Status::code_starts_with_ef:
            return "invalid code: must not begin with 0xef";
        default:
            return "failed";
    }
}

std::string explain(const chain::TransactionResult& result) {
    std::string text(failure_of(result.status));
    if (result.status != evm::Status::revert) return text;
    if (const auto reason = codec::abi_revert_reason(result.output)) return text + ": " + *reason;
    if (const auto known = known_revert(result.output)) return text + ": " + *known;
    if (result.output.empty()) return text;
    constexpr std::size_t kShown = 68;
    const auto shown = BytesView(result.output).first(std::min(result.output.size(), kShown));
    return text + ": " + base::to_hex_prefixed(shown) + (shown.size() < result.output.size() ? "…" : "");
}

std::string what_it_does(const chain::Transaction& transaction, const sequencer::TransactionFacts& facts,
                         const Painter& paint) {
    if (facts.contract_address) return "creates " + paint(Colour::cyan, checksummed(*facts.contract_address));
    const auto to = paint(Colour::cyan, contract_name(*transaction.to));
    if (transaction.data.size() < 4) return "sends " + in_units(transaction.value, 18) + " ETH to " + to;
    const auto value = transaction.value.is_zero() ? "" : " with " + in_units(transaction.value, 18) + " ETH";
    return paint(Colour::magenta, function_name(BytesView(transaction.data).first(4))) + " on " + to + value;
}

std::string console_lines(const std::vector<std::string>& lines, const Painter& paint) {
    std::string out;
    for (const auto& line : lines)
        out += fmt::format("        {} {}\n", paint(Colour::yellow, "console.log"), line);
    return out;
}

std::string describe_transaction(const sequencer::StoredBlock& block, std::size_t i,
                                 const std::map<Hash, ConsoleWatcher::Seen>& seen, const Painter& paint) {
    const auto& facts = block.facts[i];
    const bool succeeded = block.receipts[i].succeeded;
    const auto found = seen.find(facts.hash);
    auto out =
        fmt::format("    {} {}  {}  {} gas", succeeded ? paint(Colour::green, "✓") : paint(Colour::red, "✗"),
                    base::to_hex_prefixed(facts.hash),
                    what_it_does(block.block.transactions[i], facts, paint), grouped(facts.gas_used));
    if (!succeeded) {
        const auto why =
            found != seen.end() && !found->second.failure.empty() ? found->second.failure : "reverted";
        out += "  " + paint(Colour::red, why);
    }
    out += '\n';
    if (found == seen.end()) return out;
    return out + console_lines(found->second.console, paint);
}

}  // namespace

std::optional<LogLevel> log_level_from(std::string_view name) {
    constexpr std::array<std::string_view, 4> kNames{"error", "warn", "info", "debug"};
    for (std::size_t i = 0; i < kNames.size(); ++i) {
        if (kNames[i] == name) return static_cast<LogLevel>(i);
    }
    return std::nullopt;
}

evm::Tracer* ConsoleWatcher::before(const sequencer::PoolTransaction&) {
    if (++count_ > kTransactionsShown) return nullptr;
    tracer_.emplace();
    return &*tracer_;
}

void ConsoleWatcher::after(const sequencer::PoolTransaction& transaction,
                           const chain::TransactionResult& result) {
    if (!tracer_) return;
    Seen seen{tracer_->take_lines(), result.succeeded() ? "" : explain(result)};
    tracer_.reset();
    if (!seen.console.empty() || !seen.failure.empty()) seen_.emplace(transaction.hash, std::move(seen));
}

std::map<Hash, ConsoleWatcher::Seen> ConsoleWatcher::take() {
    count_ = 0;
    return std::exchange(seen_, {});
}

std::string describe_block(const sequencer::StoredBlock& block,
                           const std::map<Hash, ConsoleWatcher::Seen>& seen, LogLevel level,
                           const Painter& paint) {
    const auto& header = block.block.header;
    const auto count = block.facts.size();
    auto out = fmt::format(
        "  {} {}  {}  {} gas", paint(Colour::bold, fmt::format("Block {}", grouped(header.number))),
        paint(Colour::dim, base::to_hex_prefixed(block.hash)),
        count == 1 ? "1 transaction" : grouped(count) + " transactions", grouped(header.gas_used));
    if (header.base_fee) out += fmt::format("  base fee {} gwei", in_units(*header.base_fee, 9));
    out += '\n';
    if (level < LogLevel::info) return out;
    for (std::size_t i = 0; i < std::min(count, kTransactionsShown); ++i) {
        out += describe_transaction(block, i, seen, paint);
    }
    if (count > kTransactionsShown) {
        out += paint(Colour::dim, fmt::format("    … and {} more\n", grouped(count - kTransactionsShown)));
    }
    return out;
}

BlockLog::BlockLog(LogLevel level, Painter paint, std::shared_ptr<ConsoleWatcher> watcher)
    : level_(level), paint_(paint), watcher_(std::move(watcher)), printer_([this] { print_loop(); }) {}

BlockLog::~BlockLog() {
    subscription_ = {};
    {
        const std::lock_guard guard(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    printer_.join();
}

void BlockLog::watch(node::Node& node) {
    subscription_ = node.subscribe([this](const node::Event& event) { on_event(event); });
}

void BlockLog::console(std::string_view method, const std::vector<std::string>& lines) {
    enqueue(fmt::format("  {}\n", method) + console_lines(lines, paint_));
}

void BlockLog::on_event(const node::Event& event) {
    if (const auto* trouble = std::get_if<node::Trouble>(&event)) {
        enqueue("  " + paint_(Colour::red, "error") + " " + trouble->error.message() + "\n");
    } else if (const auto* head = std::get_if<node::NewHead>(&event)) {
        const auto seen = watcher_ ? watcher_->take() : std::map<Hash, ConsoleWatcher::Seen>{};
        if (level_ < LogLevel::warn) return;
        if (head->block->facts.empty() && level_ < LogLevel::debug) return;
        enqueue(describe_block(*head->block, seen, level_, paint_));
    } else if (const auto* unwound = std::get_if<node::Unwound>(&event)) {
        if (level_ < LogLevel::warn) return;
        enqueue(fmt::format("  {} to block {}\n", paint_(Colour::yellow, "Unwound"),
                            grouped(unwound->blocks.back()->number() - 1)));
    } else if (const auto* taken = std::get_if<node::PendingTransactions>(&event)) {
        if (level_ < LogLevel::debug) return;
        for (const auto& transaction : taken->transactions) {
            enqueue(fmt::format("  {} {}\n", paint_(Colour::dim, "pool takes"),
                                base::to_hex_prefixed(transaction->hash)));
        }
    }
}

void BlockLog::enqueue(std::string text) {
    {
        const std::lock_guard guard(mutex_);
        if (lines_.size() >= kLinesWaiting) {
            ++dropped_;
            return;
        }
        lines_.push_back(std::move(text));
    }
    changed_.notify_all();
}

void BlockLog::print_loop() {
    std::unique_lock lock(mutex_);
    for (;;) {
        changed_.wait(lock, [this] { return stopping_ || !lines_.empty(); });
        if (lines_.empty()) return;
        auto lines = std::exchange(lines_, {});
        const auto dropped = std::exchange(dropped_, 0);
        lock.unlock();
        for (const auto& line : lines)
            std::fputs(line.c_str(), stdout);
        if (dropped > 0)
            std::fputs(fmt::format("  … {} log entries left out\n", grouped(dropped)).c_str(), stdout);
        std::fflush(stdout);
        lock.lock();
    }
}

}  // namespace valence::cmd
