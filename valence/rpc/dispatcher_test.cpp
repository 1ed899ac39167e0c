#include "valence/rpc/dispatcher.hpp"

#include <gtest/gtest.h>

#include "valence/rpc/method_table.hpp"
#include "valence/rpc/peer.hpp"
#include "valence/rpc/testing/test_chain.hpp"

namespace valence::rpc {

using testing::TestChain;

namespace {

std::string error(std::string_view id, int code, std::string_view message) {
    return R"({"jsonrpc":"2.0","id":)" + std::string(id) + R"(,"error":{"code":)" + std::to_string(code) +
           R"(,"message":")" + std::string(message) + "\"}}";
}

struct FramingCase {
    std::string_view rule;
    std::string_view request;
    std::string answer;
};

class Framing : public ::testing::TestWithParam<FramingCase> {};

TEST_P(Framing, answers_as_geth_does) {
    TestChain chain;
    EXPECT_EQ(chain.ask(GetParam().request), GetParam().answer) << GetParam().rule;
}

const FramingCase kFraming[] = {
    {"a request", R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId"})",
     R"({"jsonrpc":"2.0","id":1,"result":"0x7c2"})"},
    {"params may be null", R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":null})",
     R"({"jsonrpc":"2.0","id":1,"result":"0x7c2"})"},
    {"text ids are echoed", R"({"jsonrpc":"2.0","id":"a\"b","method":"eth_chainId"})",
     R"({"jsonrpc":"2.0","id":"a\"b","result":"0x7c2"})"},
    {"a null id is an id", R"({"jsonrpc":"2.0","id":null,"method":"eth_chainId"})",
     R"({"jsonrpc":"2.0","id":null,"result":"0x7c2"})"},
    {"large ids are echoed", R"({"jsonrpc":"2.0","id":18446744073709551615,"method":"eth_chainId"})",
     R"({"jsonrpc":"2.0","id":18446744073709551615,"result":"0x7c2"})"},
    {"fractions are ids", R"({"jsonrpc":"2.0","id":1.5,"method":"eth_chainId"})",
     R"({"jsonrpc":"2.0","id":1.5,"result":"0x7c2"})"},
    {"notifications are not answered", R"({"jsonrpc":"2.0","method":"eth_chainId"})", ""},
    {"an empty message is not answered", " \n", ""},
    {"not JSON", "{", error("null", -32700, "parse error")},
    {"two values", R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId"} 1)",
     error("null", -32700, "parse error")},
    {"invalid UTF-8", "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"eth_\xff\"}",
     error("null", -32700, "parse error")},
    {"not an object", "1", error("null", -32600, "invalid request")},
    {"no version", R"({"id":1,"method":"eth_chainId"})", error("1", -32600, "invalid request")},
    {"no method", R"({"jsonrpc":"2.0","id":1})", error("1", -32600, "invalid request")},
    {"an object as id", R"({"jsonrpc":"2.0","id":{},"method":"eth_chainId"})",
     error("null", -32600, "invalid request")},
    {"unknown method", R"({"jsonrpc":"2.0","id":1,"method":"eth_nothing"})",
     error("1", -32601, "the method eth_nothing does not exist/is not available")},
    {"params by name", R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":{}})",
     error("1", -32602, "non-array args")},
    {"missing argument", R"({"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":[]})",
     error("1", -32602, "missing value for required argument 0")},
    {"too many arguments", R"({"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":[1,2,3]})",
     error("1", -32602, "too many arguments, want at most 2")},
    {"empty batch", "[]", error("null", -32600, "empty batch")},
    {"batch",
     R"([{"jsonrpc":"2.0","id":1,"method":"eth_chainId"},{"jsonrpc":"2.0","method":"eth_chainId"},1])",
     R"([{"jsonrpc":"2.0","id":1,"result":"0x7c2"},)" + error("null", -32600, "invalid request") + "]"},
    {"batch of notifications", R"([{"jsonrpc":"2.0","method":"eth_chainId"}])", ""},
};

INSTANTIATE_TEST_SUITE_P(All, Framing, ::testing::ValuesIn(kFraming));

struct ParameterCase {
    std::string_view method;
    std::string_view parameters;
    std::string_view message;
};

class BadParameters : public ::testing::TestWithParam<ParameterCase> {};

TEST_P(BadParameters, are_named_in_geths_words) {
    TestChain chain;
    const auto& [method, parameters, message] = GetParam();
    EXPECT_EQ(chain.call(method, parameters), error("1", -32602, message));
}

constexpr ParameterCase kParameters[] = {
    {"eth_getBalance", R"(["0x12"])",
     "invalid argument 0: hex string has length 2, want 40 for common.Address"},
    {"eth_getBalance", R"(["12"])",
     "invalid argument 0: json: cannot unmarshal hex string without 0x prefix into Go value of type "
     "common.Address"},
    {"eth_getBalance", "[7]",
     "invalid argument 0: json: cannot unmarshal non-string into Go value of type common.Address"},
    {"eth_getBalance", R"(["0x70997970c51812dc3a010c7d01b50e0d17dc79c8","newest"])",
     "invalid argument 1: hex string without 0x prefix"},
    {"eth_getBlockByNumber", R"(["0x01",false])", "invalid argument 0: hex number with leading zero digits"},
    {"eth_getBlockByNumber", R"(["0x",false])", R"(invalid argument 0: hex string \"0x\")"},
    {"eth_getBlockByNumber", R"(["0x1",1])",
     "invalid argument 1: json: cannot unmarshal number into Go value of type bool"},
    {"eth_sendRawTransaction", R"(["0x123"])",
     "invalid argument 0: json: cannot unmarshal hex string of odd length into Go value of type "
     "hexutil.Bytes"},
};

INSTANTIATE_TEST_SUITE_P(All, BadParameters, ::testing::ValuesIn(kParameters));

TEST(Dispatcher, refuses_nesting_deeper_than_the_limit) {
    Limits limits;
    limits.json_depth = 8;
    TestChain chain(limits);
    EXPECT_EQ(chain.ask(std::string(100'000, '[')), error("null", -32700, "parse error"));
    EXPECT_EQ(chain.ask(R"({"jsonrpc":"2.0","id":1,"method":"eth_getLogs","params":[[[[[[[[[]]]]]]]]]})"),
              error("null", -32700, "parse error"));
}

TEST(Dispatcher, refuses_batches_larger_than_the_limit) {
    Limits limits;
    limits.batch_items = 2;
    TestChain chain(limits);
    const std::string one = R"({"jsonrpc":"2.0","id":7,"method":"eth_chainId"})";
    EXPECT_EQ(chain.ask("[" + one + "," + one + "," + one + "]"),
              "[" + error("7", -32600, "batch too large") + "]");
}

TEST(Dispatcher, stops_answering_a_batch_whose_answers_are_too_large) {
    Limits limits;
    limits.batch_response_bytes = 10;
    TestChain chain(limits);
    const std::string one = R"({"jsonrpc":"2.0","id":7,"method":"eth_chainId"})";
    EXPECT_EQ(chain.ask("[" + one + "," + one + "]"), R"([{"jsonrpc":"2.0","id":7,"result":"0x7c2"},)" +
                                                          error("7", -32003, "response too large") + "]");
}

TEST(Dispatcher, refuses_an_answer_larger_than_the_limit) {
    Limits limits;
    limits.response_bytes = 200;
    TestChain chain(limits);
    EXPECT_EQ(chain.call("eth_getBlockByNumber", R"(["0x0",false])"),
              error("1", -32003, "response too large"));
    EXPECT_EQ(chain.call("eth_chainId"), "\"0x7c2\"");
}

TEST(Dispatcher, answers_the_rest_of_a_batch_whose_time_is_over_with_a_timeout) {
    Limits limits;
    // Long enough that the first is begun within it on any machine.
    limits.message_time = std::chrono::milliseconds(300);
    limits.call_gas = 1'000'000'000'000'000;
    TestChain chain(limits);
    // Calls itself until its gas is used up, which takes much longer.
    const std::string slow =
        R"({"jsonrpc":"2.0","id":1,"method":"eth_call","params":[{"to":"0x00000000000000000000000000000000000000aa"},)"
        R"("latest",{"0x00000000000000000000000000000000000000aa":{"code":"0x5b5f5f5f5f5f61123461fffff1505f56"}}]})";
    const std::string quick = R"({"jsonrpc":"2.0","id":2,"method":"eth_chainId"})";
    EXPECT_EQ(chain.ask("[" + slow + "," + quick + "]"),
              "[" + error("1", -32000, "execution aborted (timeout = 300ms)") + "," +
                  error("2", -32002, "request timed out") + "]");
}

TEST(Dispatcher, limits_the_values_of_a_message) {
    Limits limits;
    limits.json_values = 20;
    TestChain chain(limits);
    const auto request = [](std::string_view rest) {
        return R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId","more":[)" + std::string(rest) + "]}";
    };
    // The four keys, three values, the list and the object itself are nine.
    EXPECT_EQ(chain.ask(request("1,null,true,\"\",2.5,[],{},18446744073709551615,9,10,11")),
              R"({"jsonrpc":"2.0","id":1,"result":"0x7c2"})");
    EXPECT_EQ(chain.ask(request("1,null,true,\"\",2.5,[],{},18446744073709551615,9,10,11,12")),
              error("null", -32600, "request of too many values"));
    EXPECT_EQ(chain.ask("[1,2"), error("null", -32700, "parse error"));
}

TEST(Dispatcher, limits_the_members_of_an_object) {
    // Whoever chooses the keys can have each of them compared with all others.
    TestChain chain;
    const auto request = [](std::size_t objects, std::size_t members) {
        std::string object;
        for (std::size_t i = 0; i < members; ++i)
            object += (i == 0 ? "{\"" : ",\"") + std::to_string(i) + "\":0";
        std::string out = R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId","more":[)";
        for (std::size_t i = 0; i < objects; ++i)
            out += (i == 0 ? "" : ",") + object + "}";
        return out + "]}";
    };
    const auto answer = R"({"jsonrpc":"2.0","id":1,"result":"0x7c2"})";
    const auto refusal = error("null", -32600, "request of too many values");
    EXPECT_EQ(chain.ask(request(1, 10'000)), answer);
    EXPECT_EQ(chain.ask(request(1, 10'001)), refusal);
    EXPECT_EQ(chain.ask(request(100, 1'000)), answer);
    EXPECT_EQ(chain.ask(request(101, 1'000)), refusal);
    EXPECT_EQ(chain.ask(request(10'000, 10)), answer);
}

TEST(Dispatcher, limits_the_keys_of_an_object) {
    // Long ones that end differently take as long to compare as they are.
    TestChain chain;
    const auto request = [](std::size_t bytes) {
        return R"({"jsonrpc":"2.0","id":1,"method":"eth_chainId",")" + std::string(bytes, 'k') + R"(":0})";
    };
    EXPECT_EQ(chain.ask(request(256)), R"({"jsonrpc":"2.0","id":1,"result":"0x7c2"})");
    EXPECT_EQ(chain.ask(request(257)), error("null", -32600, "request of too many values"));
}

TEST(Dispatcher, leaves_what_may_take_long) {
    TestChain chain;
    const auto is_brief = [&](std::string_view message) {
        std::string out;
        const bool answered = dispatch_brief(chain.context(), nullptr, message, out, Deadline{}).has_value();
        EXPECT_EQ(answered, !out.empty()) << message;
        return answered;
    };
    const auto request = [](std::string_view method) {
        return R"({"jsonrpc":"2.0","id":1,"method":")" + std::string(method) + R"(","params":["0x"]})";
    };
    const auto batch = [&](std::size_t count, std::string_view method, std::string_view last) {
        std::string out = "[";
        for (std::size_t i = 1; i < count; ++i)
            out += request(method) + ',';
        return out + request(last) + ']';
    };
    EXPECT_TRUE(is_brief(request("eth_chainId")));
    EXPECT_FALSE(is_brief(request("eth_call")));
    EXPECT_FALSE(is_brief(request("debug_traceBlockByNumber")));
    EXPECT_TRUE(is_brief(batch(100, "eth_chainId", "eth_chainId")));
    EXPECT_FALSE(is_brief(batch(101, "eth_chainId", "eth_chainId")));
    EXPECT_FALSE(is_brief(batch(3, "eth_chainId", "eth_call")));
    EXPECT_TRUE(is_brief(batch(500, "eth_sendRawTransaction", "eth_sendRawTransaction")));
    EXPECT_FALSE(is_brief(batch(500, "eth_sendRawTransaction", "eth_chainId")));
    EXPECT_TRUE(is_brief("{"));
    EXPECT_TRUE(is_brief(request("eth_nothing")));
}

TEST(Dispatcher, does_nothing_whose_time_was_over_before_its_turn) {
    TestChain chain;
    const auto late = [&](std::string_view message) {
        std::string out;
        dispatch(chain.context(), nullptr, message, out, Deadline(std::chrono::milliseconds(-1)));
        return out;
    };
    const auto send = [](std::string_view id) {
        return R"({"jsonrpc":"2.0",)" + std::string(id) + R"("method":"eth_sendRawTransaction","params":[")" +
               TestChain::transfer(0) + R"("]})";
    };
    EXPECT_EQ(late(send(R"("id":7,)")), error("7", -32002, "request timed out"));
    EXPECT_EQ(late(send("")), "");
    EXPECT_EQ(late("[" + send(R"("id":7,)") + "," + send("") + "]"),
              "[" + error("7", -32002, "request timed out") + "]");
    EXPECT_EQ(chain.node().next_nonce(testing::kSender), 0U);
}

TEST(Dispatcher, limits_how_many_wait_for_receipts) {
    Limits limits;
    limits.sync_sends = 0;
    TestChain chain(limits);
    EXPECT_NE(chain.call("eth_sendRawTransactionSync", "[\"" + TestChain::transfer(0) + "\"]").find("-32005"),
              std::string::npos);
    EXPECT_EQ(chain.node().next_nonce(testing::kSender), 0U);
}

TEST(Dispatcher, limits_the_rate_of_a_connection) {
    TestChain chain;
    const auto peer = std::make_shared<Peer>(1);
    const std::string one = R"({"jsonrpc":"2.0","id":7,"method":"eth_chainId"})";
    const auto good = chain.ask(one, peer);
    EXPECT_EQ(good, R"({"jsonrpc":"2.0","id":7,"result":"0x7c2"})");
    // By its own clock, an hour later: what may be saved up is two, and however long this test takes, nothing
    // is saved up after it.
    const auto later = TokenBucket::Clock::now() + std::chrono::hours(1);
    EXPECT_FALSE(peer->bucket.take(3, later));
    EXPECT_TRUE(peer->bucket.take(2, later));
    EXPECT_FALSE(peer->bucket.take(1, later));
    EXPECT_EQ(chain.ask(one, peer), error("7", -32005, "rate limit exceeded"));
}

TEST(Dispatcher, hides_dev_methods_outside_dev_mode) {
    TestChain chain({}, Mode::open);
    EXPECT_EQ(chain.call("evm_mine"),
              error("1", -32601, "the method evm_mine does not exist/is not available"));
    EXPECT_EQ(
        chain.call("rpc_modules"),
        R"({"debug":"1.0","eth":"1.0","net":"1.0","personal":"1.0","rpc":"1.0","txpool":"1.0","valence":"1.0","web3":"1.0"})");
}

TEST(Dispatcher, survives_any_parameters_of_any_method) {
    TestChain chain;
    for (const auto& method : methods()) {
        for (const auto* parameters : {"[]", "[null]", "[1,2,3]", R"([{},{},{}])", R"(["0x",true,[]])",
                                       R"([[],[[]],{"a":{}}])", R"(["0x1","0x1","0x1"])"}) {
            if (method.name.find("mine") != std::string_view::npos ||
                method.name == "eth_sendRawTransactionSync")
                continue;
            EXPECT_FALSE(chain.call(method.name, parameters).empty()) << method.name << parameters;
        }
    }
}

}  // namespace

}  // namespace valence::rpc
