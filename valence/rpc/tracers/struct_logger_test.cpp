#include <gtest/gtest.h>

#include "valence/rpc/testing/traced_code.hpp"

namespace valence::rpc::tracers {

namespace json = boost::json;
using testing::trace_code;

namespace {

json::value steps(std::string_view config, std::string_view code) {
    return trace_code("structLogger", config, code).at("structLogs");
}

}  // namespace

TEST(struct_logger, writes_the_fields_of_geth) {
    // PUSH1 5, PUSH1 0, SSTORE, STOP
    const auto found = trace_code("structLogger", "{}", "0x600560005500");
    EXPECT_EQ(found.at("failed"), false);
    EXPECT_EQ(found.at("returnValue"), "0x");
    EXPECT_EQ(found.at("gas").to_number<int>(), 21'000 + 3 + 3 + 22'100);
    const auto& logs = found.at("structLogs").as_array();
    ASSERT_EQ(logs.size(), 4U);
    EXPECT_EQ(json::serialize(logs[0]),
              R"({"pc":0,"op":"PUSH1","gas":79000,"gasCost":3,"depth":1,"stack":[]})");
    EXPECT_EQ(logs[2].at("op"), "SSTORE");
    EXPECT_EQ(logs[2].at("gasCost").to_number<int>(), 22'100);
    EXPECT_EQ(json::serialize(logs[2].at("stack")), R"(["0x5","0x0"])");
    const std::string zero = "0x" + std::string(64, '0');
    EXPECT_EQ(logs[2].at("storage").at(zero), json::value("0x" + std::string(63, '0') + "5"));
    EXPECT_FALSE(logs[3].as_object().contains("storage"));
}

TEST(struct_logger, shows_storage_where_it_is_accessed_and_accumulates_it) {
    // SLOAD of slot 1, then of slot 2.
    const auto logs = steps("{}", "0x600154506002545000");
    EXPECT_EQ(logs.at(1).at("storage").as_object().size(), 1U);
    EXPECT_EQ(logs.at(4).at("storage").as_object().size(), 2U);
}

TEST(struct_logger, shows_memory_as_words_before_the_instruction) {
    // PUSH1 1, PUSH1 0, MSTORE, STOP
    const auto logs = steps(R"({"enableMemory":true})", "0x600160005200");
    EXPECT_FALSE(logs.at(2).as_object().contains("memory"));
    EXPECT_EQ(logs.at(3).at("memory").at(0), json::value("0x" + std::string(63, '0') + "1"));
}

TEST(struct_logger, leaves_out_what_is_disabled) {
    const auto logs = steps(R"({"disableStack":true,"disableStorage":true})", "0x60015400");
    for (const auto& entry : logs.as_array()) {
        EXPECT_FALSE(entry.as_object().contains("stack"));
        EXPECT_FALSE(entry.as_object().contains("storage"));
    }
}

TEST(struct_logger, tells_why_an_instruction_could_not_run) {
    // POP on an empty stack.
    const auto found = trace_code("structLogger", "{}", "0x50");
    EXPECT_EQ(found.at("failed"), true);
    EXPECT_EQ(found.at("structLogs").at(0).at("error"), "stack underflow (0 <=> 1)");
}

TEST(struct_logger, shows_the_data_of_a_revert) {
    // MSTORE8 0xab at 0, REVERT(0, 1)
    const auto found = trace_code("structLogger", "{}", "0x60ab60005360016000fd");
    EXPECT_EQ(found.at("failed"), true);
    EXPECT_EQ(found.at("returnValue"), "0xab");
}

TEST(struct_logger, counts_gas_handed_to_a_call_but_not_to_a_creation) {
    // CREATE of empty code: 32,000, whatever it hands on.
    const auto logs = steps("{}", "0x600060006000f000");
    EXPECT_EQ(logs.at(3).at("gasCost").to_number<int>(), 32'000);
}

TEST(struct_logger, stops_recording_at_its_limit) {
    const auto all = steps("{}", "0x6001600160016001600100").as_array().size();
    EXPECT_EQ(all, 6U);
    EXPECT_LT(steps(R"({"limit":100})", "0x6001600160016001600100").as_array().size(), all);
}

}  // namespace valence::rpc::tracers
