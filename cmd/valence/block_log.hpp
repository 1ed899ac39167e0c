// BlockLog: what `valence dev` prints while it runs: a line for each block, one for each transaction in it,
// what contracts wrote with console.log, why transactions reverted.
#pragma once

#include <condition_variable>
#include <deque>
#include <map>
#include <memory>
#include <mutex>
#include <thread>

#include "cmd/valence/terminal.hpp"

#include "valence/node/node.hpp"
#include "valence/rpc/tracers/console_log.hpp"

namespace valence::cmd {

/// How much is printed.
enum class LogLevel : std::uint8_t {
    error,
    /// Blocks.
    warn,
    /// Blocks, transactions, console.log.
    info,
    /// Empty blocks and the pool too.
    debug,
};
std::optional<LogLevel> log_level_from(std::string_view name);

/// Collects, while a block is built, what only execution knows. Blocks of many transactions run unwatched: a
/// tracer would slow them down, and nobody reads thousands of lines.
class ConsoleWatcher final : public sequencer::ExecutionWatcher {
public:
    struct Seen {
        std::vector<std::string> console;
        /// Why it failed; empty when it succeeded.
        std::string failure;
    };

    evm::Tracer* before(const sequencer::PoolTransaction& transaction) override;
    void after(const sequencer::PoolTransaction& transaction,
               const chain::TransactionResult& result) override;
    /// What was seen since the last call, by transaction.
    std::map<Hash, Seen> take();

private:
    std::optional<rpc::tracers::ConsoleTracer> tracer_;
    std::map<Hash, Seen> seen_;
    std::size_t count_ = 0;
};

class BlockLog {
public:
    BlockLog(LogLevel level, Painter paint, std::shared_ptr<ConsoleWatcher> watcher);
    /// Prints what is waiting, then ends.
    ~BlockLog();

    void watch(node::Node& node);
    /// What contracts wrote in a run that is in no block. Any thread.
    void console(std::string_view method, const std::vector<std::string>& lines);

private:
    void on_event(const node::Event& event);
    void enqueue(std::string text);
    void print_loop();

    LogLevel level_;
    Painter paint_;
    std::shared_ptr<ConsoleWatcher> watcher_;
    node::Subscription subscription_;

    /// Guards what follows.
    std::mutex mutex_;
    std::condition_variable changed_;
    std::deque<std::string> lines_;
    std::size_t dropped_ = 0;
    bool stopping_ = false;
    std::thread printer_;
};

/// A block as the log shows it.
std::string describe_block(const sequencer::StoredBlock& block,
                           const std::map<Hash, ConsoleWatcher::Seen>& seen, LogLevel level,
                           const Painter& paint);

}  // namespace valence::cmd
