// noopTracer: watches nothing and finds {}; for measuring what tracing itself costs.
#pragma once

#include "valence/rpc/tracers/transaction_tracer.hpp"

namespace valence::rpc::tracers {

class NoopTracer : public TransactionTracer {
public:
    static Answer<std::unique_ptr<TransactionTracer>> from_config(const boost::json::value&) {
        return std::make_unique<NoopTracer>();
    }
    Answer<std::string> result() override { return std::string{"{}"}; }
};

}  // namespace valence::rpc::tracers
