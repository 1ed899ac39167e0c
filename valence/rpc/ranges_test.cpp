// debug_accountRange and debug_storageRangeAt against what the state was filled with.
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "valence/crypto/keccak.hpp"
#include "valence/rpc/testing/test_chain.hpp"

namespace valence::rpc {

using testing::TestChain;

namespace {

namespace json = boost::json;

constexpr auto kContract = "0x00000000000000000000000000000000000000cc"_address;
/// Adds 1 to slot 7: PUSH1 1, PUSH1 7, SLOAD, ADD, PUSH1 7, SSTORE.
const Bytes kCounts{0x60, 0x01, 0x60, 0x07, 0x54, 0x01, 0x60, 0x07, 0x55};

std::string quoted(const std::string& text) { return '"' + text + '"'; }
std::string text_of(const Address& address) { return base::to_hex_prefixed(address.bytes); }
std::string text_of(const Hash& hash) { return base::to_hex_prefixed(hash.bytes); }
std::string text_of(const U256& word) { return text_of(word.to_hash()); }

json::object ask(TestChain& chain, std::string_view method, const std::string& parameters) {
    return json::parse(chain.call(method, "[" + parameters + "]")).as_object();
}

/// The bytes of Go's text for a list of bytes, as hexadecimal, for a hash.
std::string from_base64(std::string_view text) {
    constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    Bytes bytes;
    std::uint32_t bits = 0;
    std::size_t count = 0;
    for (const char digit : text) {
        if (digit == '=') break;
        bits = bits << 6 | static_cast<std::uint32_t>(kDigits.find(digit));
        count += 6;
        if (count < 8) continue;
        count -= 8;
        bytes.push_back(static_cast<std::uint8_t>(bits >> count));
    }
    return base::to_hex_prefixed(bytes);
}

std::string account_range(const std::string& start, const std::string& count, const std::string& rest = "") {
    return R"("latest",)" + quoted(start) + "," + count + rest;
}

std::string storage_range(const std::string& block, const std::string& index, const std::string& start,
                          const std::string& count) {
    return quoted(block) + "," + index + "," + quoted(text_of(kContract)) + "," + quoted(start) + "," + count;
}

/// A contract that counts its calls in slot 7, with 20 other slots; block 1 holds that, blocks 2 and up
/// `blocks` calls a block.
class Ranges : public ::testing::Test {
protected:
    Ranges() {
        chain.node().set_code(kContract, kCounts);
        for (std::uint64_t i = 100; i < 120; ++i)
            chain.node().set_storage(kContract, U256{i}, U256{i * i});
        EXPECT_TRUE(chain.node().mine());
        for (std::uint64_t nonce = 0; nonce < 3; ++nonce)
            chain.call("eth_sendRawTransaction", "[" + quoted(TestChain::call_of(kContract, nonce)) + "]");
        EXPECT_TRUE(chain.node().mine());
    }

    TestChain chain{{}, Mode::dev, node::ManualMining{}};
};

TEST_F(Ranges, accounts_have_geths_fields) {
    const auto dump = ask(chain, "debug_accountRange", account_range("0x", "256"));
    const auto block = json::parse(chain.call("eth_getBlockByNumber", R"(["latest",false])")).as_object();
    EXPECT_EQ("0x" + std::string(dump.at("root").as_string()), block.at("stateRoot").as_string());
    EXPECT_FALSE(dump.contains("next"));
    const auto& contract = dump.at("accounts").at(checksummed_address(kContract)).as_object();
    EXPECT_EQ(contract.at("balance").as_string(), "3");
    EXPECT_EQ(contract.at("nonce").to_number<std::uint64_t>(), 0U);
    EXPECT_EQ(contract.at("code").as_string(), base::to_hex_prefixed(kCounts));
    EXPECT_EQ(contract.at("codeHash").as_string(), text_of(crypto::keccak256(kCounts)));
    EXPECT_EQ(contract.at("address").as_string(), text_of(kContract));
    EXPECT_EQ(contract.at("key").as_string(), text_of(crypto::keccak256(kContract)));
    EXPECT_EQ(contract.at("storage").at(text_of(U256{7})).as_string(), "03");
    EXPECT_EQ(contract.at("storage").at(text_of(U256{100})).as_string(), "2710");
    EXPECT_EQ(contract.at("storage").as_object().size(), 21U);
    const auto proof =
        ask(chain, "eth_getProof", quoted(text_of(kContract)) + R"(,[],"latest")").at("storageHash");
    EXPECT_EQ(contract.at("root"), proof);
    const auto& sender = dump.at("accounts").at(checksummed_address(testing::kSender)).as_object();
    EXPECT_EQ(sender.at("nonce").to_number<std::uint64_t>(), 3U);
    EXPECT_FALSE(sender.contains("code"));
    EXPECT_FALSE(sender.contains("storage"));
}

TEST_F(Ranges, accounts_without_code_and_storage_where_the_caller_wants_none) {
    const auto dump = ask(chain, "debug_accountRange", account_range("0x", "256", ",true,true,false"));
    const auto& contract = dump.at("accounts").at(checksummed_address(kContract)).as_object();
    EXPECT_FALSE(contract.contains("code"));
    EXPECT_FALSE(contract.contains("storage"));
}

TEST_F(Ranges, accounts_page_after_page_are_all_accounts) {
    const auto whole = ask(chain, "debug_accountRange", account_range("0x", "-1")).at("accounts").as_object();
    json::object joined;
    std::string start = "0x";
    std::string last_key;
    for (;;) {
        const auto page = ask(chain, "debug_accountRange", account_range(start, "1"));
        const auto& accounts = page.at("accounts").as_object();
        ASSERT_EQ(accounts.size(), 1U);
        const std::string key(accounts.begin()->value().at("key").as_string());
        EXPECT_LT(last_key, key);
        last_key = key;
        joined.insert(accounts.begin(), accounts.end());
        if (!page.contains("next")) break;
        start = from_base64(page.at("next").as_string());
    }
    EXPECT_GT(whole.size(), 3U);
    EXPECT_EQ(joined, whole);
}

TEST_F(Ranges, accounts_as_they_were_after_an_earlier_block) {
    const auto dump = ask(chain, "debug_accountRange", R"("0x1","0x",256)");
    const auto& contract = dump.at("accounts").at(checksummed_address(kContract)).as_object();
    EXPECT_EQ(contract.at("storage").as_object().size(), 20U);
    EXPECT_EQ(contract.at("balance").as_string(), "0");
}

TEST_F(Ranges, storage_before_each_transaction_of_a_block) {
    const auto hashed = text_of(crypto::keccak256(U256{7}.to_hash()));
    for (std::uint64_t index = 0; index < 3; ++index) {
        const auto range =
            ask(chain, "debug_storageRangeAt", storage_range("0x2", std::to_string(index), "0x", "1000"));
        EXPECT_TRUE(range.at("nextKey").is_null());
        const auto& storage = range.at("storage").as_object();
        EXPECT_EQ(storage.size(), index == 0 ? 20U : 21U);
        if (index == 0) continue;
        EXPECT_EQ(storage.at(hashed).at("key").as_string(), text_of(U256{7}));
        EXPECT_EQ(storage.at(hashed).at("value").as_string(), text_of(U256{index}));
    }
}

TEST_F(Ranges, storage_page_after_page_is_all_of_it) {
    const auto whole = ask(chain, "debug_storageRangeAt", storage_range("0x2", "1", "0x", "1000"));
    json::object joined;
    std::string start = "0x00";
    for (;;) {
        const auto page = ask(chain, "debug_storageRangeAt", storage_range("0x2", "1", start, "4"));
        const auto& storage = page.at("storage").as_object();
        EXPECT_LE(storage.size(), 4U);
        for (const auto& [key, value] : storage)
            EXPECT_TRUE(joined.emplace(key, value).second);
        if (page.at("nextKey").is_null()) break;
        start = page.at("nextKey").as_string();
    }
    EXPECT_EQ(joined, whole.at("storage").as_object());
}

/// As geth answers: the next page is where the search would begin.
TEST_F(Ranges, storage_of_no_slots_names_the_first) {
    const auto range = ask(chain, "debug_storageRangeAt", storage_range("0x2", "0", "0x", "0"));
    EXPECT_TRUE(range.at("storage").as_object().empty());
    EXPECT_TRUE(range.at("nextKey").is_string());
}

TEST_F(Ranges, say_what_is_wrong_with_a_request) {
    const auto error = [&](std::string_view method, const std::string& parameters) {
        return std::string(ask(chain, method, parameters).at("error").at("message").as_string());
    };
    EXPECT_EQ(error("debug_storageRangeAt", storage_range("0x0", "0", "0x", "1")),
              "no transaction in genesis");
    EXPECT_TRUE(error("debug_storageRangeAt", storage_range("0x2", "3", "0x", "1"))
                    .starts_with("transaction index 3 out of range for block 0x"));
    EXPECT_EQ(error("debug_storageRangeAt", storage_range("0x9", "0", "0x", "1")), "header not found");
    const auto too_long = "0x" + std::string(66, '0');
    EXPECT_EQ(error("debug_storageRangeAt", storage_range("0x2", "0", too_long, "1")),
              "invalid argument 3: more than 32 bytes");
    EXPECT_EQ(error("debug_accountRange", R"("pending","0x",1)"), "pending state is not available");
    EXPECT_EQ(error("debug_accountRange", R"("latest","0x")"), "missing value for required argument 2");
}

}  // namespace

}  // namespace valence::rpc
