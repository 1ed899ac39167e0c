// Any bytes as a JSON-RPC message to a node in memory: the answer is JSON, or nothing.
#include <boost/json.hpp>

#include "valence/rpc/dispatcher.hpp"
#include "valence/rpc/testing/test_chain.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace valence;
    static rpc::testing::TestChain chain = [] {
        rpc::Limits limits;
        // Inputs are to be quick: nobody waits for receipts, and no call burns much gas.
        limits.sync_send_default = limits.sync_send_longest = std::chrono::milliseconds(1);
        limits.call_gas = 200'000;
        return rpc::testing::TestChain(limits, rpc::Mode::open);
    }();
    const auto answer = chain.ask(base::as_text({data, size}));
    if (!answer.empty()) {
        boost::system::error_code malformed;
        boost::json::parse(answer, malformed, {}, {.max_depth = 256});
        VALENCE_CHECK(!malformed);
    }
    return 0;
}
