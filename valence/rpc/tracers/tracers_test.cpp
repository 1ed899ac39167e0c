#include <gtest/gtest.h>

#include "valence/rpc/testing/test_chain.hpp"
#include "valence/rpc/testing/traced_code.hpp"
#include "valence/rpc/tracers/trace_options.hpp"

namespace valence::rpc::tracers {

namespace json = boost::json;
using testing::TestChain;
using testing::trace_code;

TEST(call_tracer, names_failures_as_geth_does) {
    const struct {
        const char* code;
        const char* error;
    } cases[] = {
        {"0x60006000fd", "execution reverted"},
        {"0x5b600056", "out of gas"},
        {"0x600356", "invalid jump destination"},
        {"0x01", "stack underflow (0 <=> 2)"},
        {"0xfe", "invalid opcode: INVALID"},
        {"0x0c", "invalid opcode: opcode 0xc not defined"},
        {"0x6001600060003e", "return data out of bounds"},
    };
    for (const auto& c : cases)
        EXPECT_EQ(trace_code("callTracer", "{}", c.code).at("error"), c.error) << c.code;
}

TEST(call_tracer, decodes_the_reason_of_a_revert) {
    // Panic(0x11): the selector and the code, stored and reverted with.
    const auto found =
        trace_code("callTracer", "{}",
                   "0x7f4e487b710000000000000000000000000000000000000000000000000000000060005260116024"
                   "5260246000fd");
    EXPECT_EQ(found.at("error"), "execution reverted");
    EXPECT_EQ(found.at("output").as_string().size(), 2U + 2U * 36U);
}

TEST(call_tracer, tells_a_static_call_from_a_call) {
    // STATICCALL to the identity precompile, which CALLs nothing.
    const auto found = trace_code("callTracer", "{}", "0x6000600060006000600461fffffa00");
    const auto& call = found.at("calls").at(0);
    EXPECT_EQ(call.at("type"), "STATICCALL");
    EXPECT_FALSE(call.as_object().contains("value"));
}

TEST(call_tracer, records_logs_and_the_top_call_alone_when_asked) {
    const auto logged = trace_code("callTracer", R"({"withLog":true})", "0x60006000a000");
    EXPECT_EQ(logged.at("logs").at(0).at("position"), "0x0");
    const auto top = trace_code("callTracer", R"({"onlyTopCall":true})", "0x6000600060006000600461fffffa00");
    EXPECT_FALSE(top.as_object().contains("calls"));
}

TEST(four_byte_tracer, counts_selectors_with_the_size_of_their_arguments) {
    const auto found = trace_code("4byteTracer", "null", "0x00", "0x12345678abcd");
    EXPECT_EQ(json::serialize(found), R"({"0x12345678-2":1})");
}

TEST(noop_tracer, finds_nothing) {
    EXPECT_EQ(json::serialize(trace_code("noopTracer", "null", "0x00")), "{}");
}

TEST(mux_tracer, runs_several_tracers_at_once) {
    const auto found =
        trace_code("muxTracer", R"({"callTracer":{},"4byteTracer":null})", "0x00", "0x12345678");
    EXPECT_EQ(found.at("callTracer").at("type"), "CALL");
    EXPECT_EQ(found.at("4byteTracer").at("0x12345678-0").to_number<int>(), 1);
}

TEST(tracers, complain_about_names_and_options_as_geth_does) {
    const auto error = [](std::string_view tracer, std::string_view config) {
        return std::string{trace_code(tracer, config, "0x00").at("requestError").as_string()};
    };
    EXPECT_TRUE(error("nonsense", "{}").starts_with("tracer \"nonsense\" not found"));
    EXPECT_TRUE(error("{step: function() {}}", "{}").starts_with("tracers written in JavaScript"));
    EXPECT_EQ(error("callTracer", R"({"onlyTopCall":"yes"})"),
              "json: cannot unmarshal string into Go struct field callTracerConfig.onlyTopCall of type bool");
    EXPECT_EQ(error("prestateTracer", R"({"diffMode":true,"includeEmpty":true})"),
              "cannot use diffMode with includeEmpty");
}

namespace {

/// What debug_traceCall answers about a call of this code with this much gas.
std::string trace_of(TestChain& chain, const std::string& code, const std::string& gas,
                     const std::string& options) {
    const std::string address = "\"0x00000000000000000000000000000000000000aa\"";
    return chain.call("debug_traceCall", "[{\"to\":" + address + ",\"gas\":\"" + gas + "\"},\"latest\",{" +
                                             options + ",\"stateOverrides\":{" + address + ":{\"code\":\"" +
                                             code + "\"}}}]");
}

constexpr auto kForever = "0x5b5f56";

}  // namespace

TEST(tracers, end_the_run_when_their_time_is_over) {
    Limits limits;
    // Enough gas for years.
    limits.call_gas = std::uint64_t{1} << 60;
    TestChain chain(limits);
    for (const auto* tracer : {"callTracer", "prestateTracer", "noopTracer", "muxTracer"}) {
        EXPECT_NE(trace_of(chain, kForever, "0xfffffffffffffff",
                           R"("timeout":"1ms","tracer":")" + std::string(tracer) + '"')
                      .find("execution timeout"),
                  std::string::npos)
            << tracer;
    }
}

TEST(tracers, end_a_run_that_gives_them_too_much_to_remember) {
    Limits limits;
    limits.call_gas = std::uint64_t{1} << 60;
    limits.message_time = std::chrono::minutes(10);
    TestChain chain(limits);
    // Calls an account without code for ever, each time with the same two megabytes.
    const auto* const loud = "0x6001621fffff535b5f5f622000005f5f61123461fffff150600756";
    for (const auto* tracer : {"callTracer", "flatCallTracer", "erc7562Tracer", "structLogger"}) {
        EXPECT_NE(trace_of(chain, loud, "0xfffffffffffffff",
                           R"("timeout":"10m","tracer":")" + std::string(tracer) + '"')
                      .find("the trace is longer than 128 MiB"),
                  std::string::npos)
            << tracer;
    }
}

TEST(trace_options, read_lengths_of_time_as_go_writes_them) {
    using std::chrono::milliseconds;
    EXPECT_EQ(parse_duration("300ms"), milliseconds{300});
    EXPECT_EQ(parse_duration("1m30s"), milliseconds{90'000});
    EXPECT_EQ(parse_duration("1.5h"), milliseconds{5'400'000});
    for (const auto* bad : {"", "5", "s", "-1s", "1d", "1s!", "999999h"})
        EXPECT_EQ(parse_duration(bad), std::nullopt) << bad;
}

}  // namespace valence::rpc::tracers
