// prestateTracer: the accounts and slots a transaction touched, as they were before it; in diff mode what it
// changed, before and after.
#pragma once

#include <map>
#include <set>

#include "valence/rpc/json_writer.hpp"
#include "valence/rpc/tracers/transaction_tracer.hpp"

namespace valence::rpc::tracers {

class PrestateTracer : public TransactionTracer {
public:
    struct Options {
        bool diff_mode = false;
        bool disable_code = false;
        bool disable_storage = false;
        /// Accounts that did not exist before, too.
        bool include_empty = false;
    };

    explicit PrestateTracer(Options options) : options_(options) {}
    static Answer<std::unique_ptr<TransactionTracer>> from_config(const boost::json::value& config);

    void on_transaction_start(const TransactionStart& start) override;
    void on_transaction_end(std::uint64_t gas_used) override;
    void on_step(const evm::Step& step, evm::Host&) override;
    void on_step_cost(evm::Gas, evm::Status status) override;
    Answer<std::string> result() override;

private:
    /// An account as it is printed: what is absent is left out.
    struct Snapshot {
        std::optional<U256> balance;
        std::optional<Bytes> code;
        std::optional<Hash> code_hash;
        std::uint64_t nonce = 0;
        std::map<U256, U256> storage;
        /// Was not there before the transaction.
        bool empty = false;
    };
    using Snapshots = std::map<Address, Snapshot>;

    /// What the running instruction will touch, read before it runs, kept only if it has the gas for it.
    struct Touch {
        std::vector<std::pair<Address, Snapshot>> accounts;
        std::optional<std::pair<U256, U256>> slot;
        Address contract;
        std::optional<Address> created;
        bool destroys = false;
    };

    Snapshot read(const Address& address);
    void touch(const Address& address);
    void touch_delegate(const Address& address);
    void keep(const Address& address);
    void keep_delegate(const Address& address);
    void find_touched(const evm::Step& step);
    void find_differences();
    static void write(JsonWriter& out, const Snapshots& accounts);

    Options options_;
    evm::Revision revision_ = evm::kLatestRevision;
    state::JournaledState* state_ = nullptr;
    Snapshots before_;
    Snapshots after_;
    std::set<Address> created_;
    std::set<Address> deleted_;
    Touch pending_;
};

}  // namespace valence::rpc::tracers
