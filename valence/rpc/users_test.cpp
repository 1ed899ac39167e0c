// What has hurt users of other nodes, each as a test named after it.
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "valence/rpc/testing/test_chain.hpp"

namespace valence::rpc {

using testing::TestChain;

namespace {

std::string quoted(const std::string& text) { return '"' + text + '"'; }

/// Reverts whenever it is called: PUSH0 PUSH0 REVERT.
constexpr auto kReverter = "0x00000000000000000000000000000000000000bb"_address;

TEST(Users, may_use_the_pending_tag_everywhere) {
    TestChain chain({}, Mode::dev, node::ManualMining{});
    const auto sender = quoted(base::to_hex_prefixed(testing::kSender.bytes));
    chain.call("eth_sendRawTransaction", "[" + quoted(TestChain::transfer(0)) + "]");
    EXPECT_EQ(chain.call("eth_getTransactionCount", "[" + sender + ",\"pending\"]"), "\"0x1\"");
    EXPECT_EQ(chain.call("eth_getTransactionCount", "[" + sender + ",\"latest\"]"), "\"0x0\"");
    EXPECT_EQ(chain.call("eth_getCode", "[" + sender + ",\"pending\"]"), "\"0x\"");
    const auto block = boost::json::parse(chain.call("eth_getBlockByNumber", R"(["pending",false])"));
    EXPECT_EQ(block.at("number").as_string(), "0x1");
    EXPECT_TRUE(block.at("hash").is_null());
    EXPECT_EQ(block.at("transactions").as_array().size(), 1U);
}

TEST(Users, see_result_null_when_there_is_nothing) {
    TestChain chain;
    const auto nothing = quoted("0x" + std::string(64, '1'));
    for (const auto* method :
         {"eth_getTransactionByHash", "eth_getTransactionReceipt", "eth_getBlockByHash"}) {
        EXPECT_EQ(chain.call(method, "[" + nothing + "]"), "null") << method;
    }
    EXPECT_EQ(chain.call("eth_getBlockByNumber", R"(["0x100",false])"), "null");
}

TEST(Users, are_told_how_far_behind_a_node_is_that_follows_another) {
    TestChain chain;
    EXPECT_EQ(chain.call("eth_syncing"), "false");
    std::optional<node::SyncProgress> progress;
    chain.context().syncing = [&] { return progress; };
    EXPECT_EQ(chain.call("eth_syncing"), "false");
    progress = {5, 0x10, 0x200};
    EXPECT_EQ(chain.call("eth_syncing"),
              R"({"startingBlock":"0x5","currentBlock":"0x10","highestBlock":"0x200"})");
}

TEST(Users, find_a_transaction_by_its_sender_and_nonce) {
    TestChain chain;
    const auto find = [&](std::string_view nonce) {
        return chain.call(
            "eth_getTransactionBySenderAndNonce",
            "[\"" + base::to_hex_prefixed(testing::kSender) + "\",\"" + std::string(nonce) + "\"]");
    };
    std::vector<std::string> hashes;
    for (std::uint64_t nonce = 0; nonce < 7; ++nonce) {
        hashes.push_back(chain.call("eth_sendRawTransaction", "[\"" + TestChain::transfer(nonce) + "\"]"));
        ASSERT_TRUE(chain.node().mine(nonce).has_value());
    }
    for (std::size_t nonce = 0; nonce < hashes.size(); ++nonce)
        EXPECT_NE(find("0x" + std::to_string(nonce)).find("\"hash\":" + hashes[nonce]), std::string::npos);
    EXPECT_EQ(find("0x7"), "null");
    chain.node().set_mining(node::ManualMining{});
    const auto waiting = chain.call("eth_sendRawTransaction", "[\"" + TestChain::transfer(7) + "\"]");
    EXPECT_NE(find("0x7").find("\"hash\":" + waiting), std::string::npos);
    EXPECT_NE(find("0x7").find("\"blockHash\":null"), std::string::npos);
}

TEST(Users, replace_the_last_blocks) {
    TestChain chain;
    ASSERT_TRUE(chain.node().mine(4).has_value());
    const auto hashes = [&] {
        std::vector<Hash> out;
        for (std::uint64_t number = 0; number <= chain.node().chain().head_number(); ++number)
            out.push_back(*chain.node().chain().block_hash(number));
        return out;
    };
    const auto before = hashes();
    chain.node().impersonate(testing::kReceiver);
    EXPECT_EQ(
        chain.call("anvil_reorg", "[3,[[\"" + TestChain::transfer(0) + R"(",1],[{"from":")" +
                                      base::to_hex_prefixed(testing::kReceiver) + R"(","to":")" +
                                      base::to_hex_prefixed(testing::kSender) + R"(","value":"0x1"},2]]])"),
        "null");
    const auto after = hashes();
    ASSERT_EQ(after.size(), before.size());
    for (std::size_t number = 0; number < after.size(); ++number)
        EXPECT_EQ(after[number] == before[number], number < 2) << number;
    const auto transactions = [&](std::uint64_t number) {
        return chain.node().chain().block(number)->block.transactions.size();
    };
    EXPECT_EQ(transactions(2), 0U);
    EXPECT_EQ(transactions(3), 1U);
    EXPECT_EQ(transactions(4), 1U);
    EXPECT_EQ(chain.call("anvil_getAutomine"), "true");
    EXPECT_NE(chain.call("anvil_reorg", R"([2,[["0x00",0]]])").find("error"), std::string::npos);
    EXPECT_EQ(chain.node().chain().head_number(), 4U);
    EXPECT_NE(chain.call("anvil_reorg", "[5]").find("Reorg depth must not exceed current chain height"),
              std::string::npos);
    EXPECT_NE(chain.call("anvil_reorg", "[1,[[\"0x\",1]]]").find("must not exceed (depth-1) 0"),
              std::string::npos);
}

TEST(Users, give_an_account_tokens) {
    TestChain chain;
    constexpr auto kToken = "0x00000000000000000000000000000000000000ee"_address;
    // Reads slot 0, then answers the slot that is the hash of the first argument.
    chain.node().set_code(kToken, *base::from_hex("5f54506004355f5260205f20545f5260205ff3"));
    const std::string token = "\"" + base::to_hex_prefixed(kToken) + "\"";
    const std::string account = "\"" + base::to_hex_prefixed(testing::kReceiver) + "\"";
    const auto balance = [&] {
        return chain.call("eth_call", R"([{"to":)" + token +
                                          R"(,"data":"0x70a08231000000000000000000000000)" +
                                          base::to_hex_prefixed(testing::kReceiver).substr(2) + "\"}]");
    };
    const auto word = [](std::string_view last) {
        return "\"0x" + std::string(62, '0') + std::string(last) + "\"";
    };
    EXPECT_EQ(chain.call("anvil_dealERC20", "[" + account + "," + token + ",\"0x2a\"]"), "null");
    EXPECT_EQ(balance(), word("2a"));
    // It is so already: no other slot is taken for the one.
    EXPECT_EQ(chain.call("hardhat_dealERC20", "[" + account + "," + token + ",42]"), "true");
    EXPECT_EQ(chain.call("eth_getStorageAt", "[" + token + R"(,"0x0"])"), word("00"));
    EXPECT_EQ(chain.call("anvil_setERC20Allowance", "[" + account + "," + account + "," + token + ",7]"),
              "null");
    EXPECT_EQ(balance(), word("07"));
    EXPECT_NE(
        chain.call("anvil_setERC20Balance", "[" + account + "," + account + ",1]").find("no slot found"),
        std::string::npos);
}

TEST(Users, find_a_pending_transaction_by_its_hash) {
    TestChain chain({}, Mode::dev, node::ManualMining{});
    const auto hash = chain.call("eth_sendRawTransaction", "[" + quoted(TestChain::transfer(0)) + "]");
    const auto found = boost::json::parse(chain.call("eth_getTransactionByHash", "[" + hash + "]"));
    for (const auto* member : {"blockHash", "blockNumber", "transactionIndex"})
        EXPECT_TRUE(found.at(member).is_null());
    EXPECT_EQ(chain.call("eth_getTransactionReceipt", "[" + hash + "]"), "null");
}

TEST(Users, get_a_receipt_at_once_under_automine) {
    TestChain chain;
    const auto hash = chain.call("eth_sendRawTransaction", "[" + quoted(TestChain::transfer(0)) + "]");
    const auto receipt = boost::json::parse(chain.call("eth_getTransactionReceipt", "[" + hash + "]"));
    EXPECT_EQ(receipt.at("status").as_string(), "0x1");
    EXPECT_TRUE(receipt.at("contractAddress").is_null());
}

TEST(Users, get_the_hash_of_a_transaction_that_reverts) {
    TestChain chain;
    chain.node().set_code(kReverter, Bytes{0x5f, 0x5f, 0xfd});
    const auto hash =
        chain.call("eth_sendRawTransaction", "[" + quoted(TestChain::call_of(kReverter, 0)) + "]");
    const auto receipt = boost::json::parse(chain.call("eth_getTransactionReceipt", "[" + hash + "]"));
    EXPECT_EQ(receipt.at("status").as_string(), "0x0");
}

TEST(Users, mine_many_blocks_with_the_same_time_between_all) {
    TestChain chain;
    EXPECT_EQ(chain.call("hardhat_mine", R"(["0xc8","0xa"])"), "true");
    const auto time = [&](std::uint64_t number) {
        return chain.node().chain().header(number).value().timestamp;
    };
    ASSERT_EQ(chain.node().chain().head_number(), 200U);
    for (std::uint64_t number = 2; number <= 200; ++number)
        EXPECT_EQ(time(number), time(number - 1) + 10) << number;
    const auto detailed = boost::json::parse(chain.call("evm_mine_detailed", R"([{"blocks":100}])"));
    ASSERT_EQ(detailed.as_array().size(), 100U);
    EXPECT_EQ(detailed.at(99).at("number").as_string(), "0x12c");
}

TEST(Users, get_receipts_of_whole_blocks) {
    TestChain chain;
    chain.call("eth_sendRawTransaction", "[" + quoted(TestChain::transfer(0)) + "]");
    EXPECT_EQ(boost::json::parse(chain.call("eth_getBlockReceipts", R"(["latest"])")).as_array().size(), 1U);
    EXPECT_EQ(chain.call("eth_getBlockReceipts", R"(["0x0"])"), "[]");
}

TEST(Users, wait_for_a_receipt_with_integer_and_hexadecimal_timeouts) {
    TestChain chain;
    for (const auto* timeout : {"2000", "\"0x7d0\""}) {
        static std::uint64_t nonce = 0;
        const auto answer = chain.call("eth_sendRawTransactionSync",
                                       "[" + quoted(TestChain::transfer(nonce++)) + "," + timeout + "]");
        EXPECT_EQ(boost::json::parse(answer).at("status").as_string(), "0x1") << answer;
    }
}

TEST(Users, are_told_the_hash_when_a_receipt_takes_too_long) {
    TestChain chain({}, Mode::dev, node::ManualMining{});
    const auto answer = boost::json::parse(
        chain.call("eth_sendRawTransactionSync", "[" + quoted(TestChain::transfer(0)) + ",1]"));
    EXPECT_EQ(answer.at("error").at("code").as_int64(), 4);
    EXPECT_EQ(answer.at("error").at("data").as_string().size(), 66U);
}

TEST(Users, read_geths_words_when_a_transaction_is_refused) {
    TestChain chain({}, Mode::dev, node::ManualMining{});
    const auto refused = [&](const std::string& raw) {
        return std::string(boost::json::parse(chain.call("eth_sendRawTransaction", "[" + quoted(raw) + "]"))
                               .at("error")
                               .at("message")
                               .as_string());
    };
    EXPECT_TRUE(refused(TestChain::transfer(0, 5)).starts_with("invalid sender: invalid chain id"))
        << refused(TestChain::transfer(0, 5));
    EXPECT_TRUE(refused(TestChain::transfer(0, testing::kChainId, U256{1} << 200).substr(0))
                    .starts_with("insufficient funds"));
    chain.call("eth_sendRawTransaction", "[" + quoted(TestChain::transfer(0)) + "]");
    EXPECT_TRUE(refused(TestChain::transfer(0)).starts_with("already known"));
    EXPECT_TRUE(refused(TestChain::transfer(0, testing::kChainId, 1'000'000'001))
                    .starts_with("replacement transaction underpriced"));
    chain.call("evm_mine");
    EXPECT_TRUE(refused(TestChain::transfer(0, testing::kChainId, 7)).starts_with("nonce too low"));
}

TEST(Users, have_state_overrides_heeded) {
    TestChain chain;
    const auto answer = chain.call(
        "eth_call", R"([{"to":"0x00000000000000000000000000000000000000cc"},"latest",)"
                    R"({"0x00000000000000000000000000000000000000cc":{"code":"0x60075f5260205ff3"}}])");
    EXPECT_EQ(answer, quoted("0x" + std::string(63, '0') + "7"));
}

TEST(Users, send_batches_of_transactions_that_share_a_block) {
    TestChain chain;
    std::string batch = "[";
    for (std::uint64_t nonce = 0; nonce < 50; ++nonce) {
        batch += (nonce == 0 ? "" : ",") +
                 std::string(R"({"jsonrpc":"2.0","method":"eth_sendRawTransaction","id":)") +
                 std::to_string(nonce) + R"(,"params":[")" + TestChain::transfer(nonce) + "\"]}";
    }
    const auto answers = boost::json::parse(chain.ask(batch + "]")).as_array();
    ASSERT_EQ(answers.size(), 50U);
    for (std::size_t i = 0; i < 50; ++i) {
        EXPECT_EQ(answers[i].at("id").to_number<std::size_t>(), i);
        EXPECT_TRUE(answers[i].as_object().contains("result")) << boost::json::serialize(answers[i]);
    }
    EXPECT_EQ(chain.node().chain().head().block->block.transactions.size(), 50U);
}

}  // namespace

}  // namespace valence::rpc
