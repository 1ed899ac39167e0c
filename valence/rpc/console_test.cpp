// What contracts print with console.log in runs that end up in no block.
#include <gtest/gtest.h>

#include "valence/rpc/testing/test_chain.hpp"

namespace valence::rpc {

using testing::TestChain;

namespace {

constexpr auto kPrinter = "0x00000000000000000000000000000000000000dd"_address;

/// Calls the console's address with log(uint256) of 42, then goes on with `rest`.
Bytes printer(std::string_view rest) {
    const auto code = base::from_hex(
        "63f82c50f160e01b5f52"  // mstore(0, the selector)
        "602a600452"            // mstore(4, 42)
        "5f5f60245f6a636f6e736f6c652e6c6f675afa" +
        std::string(rest));
    VALENCE_CHECK(code);
    return *code;
}

class Console : public ::testing::Test {
protected:
    Console() {
        chain.context().console = [this](std::string_view method, const std::vector<std::string>& lines) {
            heard.emplace_back(method, lines);
        };
    }

    std::string run(std::string_view method) {
        return chain.call(method, R"([{"to":")" + base::to_hex_prefixed(kPrinter.bytes) + R"("},"latest"])");
    }

    using Heard = std::pair<std::string, std::vector<std::string>>;
    std::vector<Heard> heard;
    TestChain chain;
};

TEST_F(Console, prints_during_a_call) {
    chain.node().set_code(kPrinter, printer("00"));
    EXPECT_EQ(run("eth_call"), "\"0x\"");
    EXPECT_EQ(heard, (std::vector<Heard>{{"eth_call", {"42"}}}));
}

TEST_F(Console, prints_during_a_call_that_reverts) {
    chain.node().set_code(kPrinter, printer("5f5ffd"));
    EXPECT_NE(run("eth_call").find("execution reverted"), std::string::npos);
    EXPECT_EQ(heard, (std::vector<Heard>{{"eth_call", {"42"}}}));
}

TEST_F(Console, prints_once_however_often_an_estimate_runs) {
    chain.node().set_code(kPrinter, printer("5f5ffd"));
    EXPECT_NE(run("eth_estimateGas").find("execution reverted"), std::string::npos);
    EXPECT_EQ(heard, (std::vector<Heard>{{"eth_estimateGas", {"42"}}}));
}

TEST_F(Console, is_silent_where_nothing_is_printed) {
    chain.node().set_code(kPrinter, Bytes{0x00});
    EXPECT_EQ(run("eth_call"), "\"0x\"");
    EXPECT_TRUE(heard.empty());
}

TEST_F(Console, changes_no_answer) {
    chain.node().set_code(kPrinter, printer("00"));
    const auto call = run("eth_call");
    const auto estimate = run("eth_estimateGas");
    chain.context().console = nullptr;
    EXPECT_EQ(run("eth_call"), call);
    EXPECT_EQ(run("eth_estimateGas"), estimate);
}

}  // namespace

}  // namespace valence::rpc
