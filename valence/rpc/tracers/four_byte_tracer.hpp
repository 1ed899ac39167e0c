// 4byteTracer: how often each function selector was called, with the size of its arguments.
#pragma once

#include <map>

#include "valence/rpc/tracers/failure_texts.hpp"
#include "valence/rpc/tracers/transaction_tracer.hpp"

namespace valence::rpc::tracers {

class FourByteTracer : public TransactionTracer {
public:
    static Answer<std::unique_ptr<TransactionTracer>> from_config(const boost::json::value& config);

    void on_transaction_start(const TransactionStart& start) override { revision_ = start.revision; }
    void on_enter(const evm::Message& message, evm::Host&) override;
    /// {"0x27dc297e-128":1,…}
    Answer<std::string> result() override;

private:
    evm::Revision revision_ = evm::kLatestRevision;
    std::map<std::string, std::uint64_t> counts_;
};

}  // namespace valence::rpc::tracers
