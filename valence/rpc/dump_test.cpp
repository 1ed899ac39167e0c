// anvil_dumpState and anvil_loadState.
#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "valence/codec/gzip.hpp"
#include "valence/rpc/testing/test_chain.hpp"

namespace valence::rpc {

using testing::TestChain;

namespace {

namespace json = boost::json;

constexpr auto kContract = "0x00000000000000000000000000000000000000cc"_address;
const Bytes kCode{0x60, 0x07, 0x54, 0x00};

std::string quoted(const std::string& text) { return '"' + text + '"'; }
std::string text_of(const Address& address) { return base::to_hex_prefixed(address.bytes); }

/// A dump as a caller receives it: hexadecimal text, quoted.
std::string dump_of(TestChain& chain) { return chain.call("anvil_dumpState"); }

std::string packed(std::string_view text) {
    return quoted(base::to_hex_prefixed(codec::gzip(base::as_bytes(text))));
}

json::object unpacked(const std::string& dump) {
    const auto bytes = base::from_hex(std::string_view(dump).substr(3, dump.size() - 4));
    VALENCE_CHECK(bytes);
    const auto text = codec::gunzip(*bytes, std::size_t{64} << 20);
    VALENCE_CHECK(text);
    return json::parse({reinterpret_cast<const char*>(text.value().data()), text.value().size()}).as_object();
}

/// What is asked of an account, as one text.
std::string account(TestChain& chain, const Address& address) {
    const auto who = quoted(text_of(address));
    return chain.call("eth_getAccountInfo", "[" + who + ",\"latest\"]") +
           chain.call("eth_getStorageAt", "[" + who + R"(,"0x7","latest"])");
}

void fill(TestChain& chain) {
    chain.node().set_code(kContract, kCode);
    chain.node().set_storage(kContract, U256{7}, U256{0x1234});
    chain.call("eth_sendRawTransaction", "[" + quoted(TestChain::call_of(kContract, 0)) + "]");
    chain.node().set_balance(kContract, U256{99});
}

TEST(Dump, has_anvils_fields) {
    TestChain chain;
    fill(chain);
    const auto dump = unpacked(dump_of(chain));
    for (const auto* member : {"block", "accounts", "best_block_number", "blocks", "transactions"})
        EXPECT_TRUE(dump.contains(member)) << member;
    EXPECT_EQ(dump.at("best_block_number").to_number<std::uint64_t>(), 1U);
    EXPECT_EQ(dump.at("block").at("number").as_string(), "0x1");
    const auto& contract = dump.at("accounts").at(text_of(kContract)).as_object();
    EXPECT_EQ(contract.at("nonce").to_number<std::uint64_t>(), 0U);
    EXPECT_EQ(contract.at("balance").as_string(), "0x63");
    EXPECT_EQ(contract.at("code").as_string(), "0x60075400");
    EXPECT_EQ(contract.at("storage").at("0x" + std::string(63, '0') + "7").as_string(),
              "0x" + std::string(60, '0') + "1234");
    const auto& sender = dump.at("accounts").at(text_of(testing::kSender)).as_object();
    EXPECT_EQ(sender.at("nonce").to_number<std::uint64_t>(), 1U);
    EXPECT_TRUE(sender.at("storage").as_object().empty());
}

TEST(Dump, brings_the_accounts_to_another_chain) {
    TestChain from;
    fill(from);
    TestChain to;
    EXPECT_EQ(to.call("anvil_loadState", "[" + dump_of(from) + "]"), "true");
    for (const auto& address : {kContract, testing::kSender, testing::kReceiver})
        EXPECT_EQ(account(to, address), account(from, address));
    // And stays, as part of the next block's state.
    ASSERT_TRUE(to.node().mine());
    EXPECT_EQ(account(to, kContract), account(from, kContract));
    EXPECT_EQ(unpacked(dump_of(to)).at("accounts").at(text_of(kContract)),
              unpacked(dump_of(from)).at("accounts").at(text_of(kContract)));
}

TEST(Dump, is_the_same_for_the_same_state) {
    TestChain chain;
    fill(chain);
    EXPECT_EQ(dump_of(chain), dump_of(chain));
}

TEST(Load, reads_numbers_as_any_version_wrote_them_and_dumps_without_gzip) {
    TestChain chain;
    const std::string text = R"({"accounts":{")" + text_of(kContract) +
                             R"(":{"nonce":"0x5","balance":"1000","code":"0x","storage":{"0x7":"0x9"}}}})";
    EXPECT_EQ(chain.call("anvil_loadState", "[" + packed(text) + "]"), "true");
    EXPECT_NE(account(chain, kContract).find(R"("balance":"0x3e8","nonce":"0x5")"), std::string::npos);
    TestChain other;
    const auto plain = quoted(base::to_hex_prefixed(base::as_bytes(text)));
    EXPECT_EQ(other.call("anvil_loadState", "[" + plain + "]"), "true");
    EXPECT_EQ(account(other, kContract), account(chain, kContract));
}

TEST(Load, never_lowers_a_nonce_and_keeps_other_slots) {
    TestChain chain;
    chain.node().set_nonce(kContract, 9);
    chain.node().set_storage(kContract, U256{8}, U256{1});
    const std::string text = R"({"accounts":{")" + text_of(kContract) +
                             R"(":{"nonce":5,"balance":"0x1","code":"0x","storage":{"0x7":"0x9"}}}})";
    chain.call("anvil_loadState", "[" + packed(text) + "]");
    const auto dump = unpacked(dump_of(chain));
    const auto& loaded = dump.at("accounts").at(text_of(kContract)).as_object();
    EXPECT_EQ(loaded.at("nonce").to_number<std::uint64_t>(), 9U);
    EXPECT_EQ(loaded.at("storage").as_object().size(), 2U);
}

TEST(Load, leaves_out_accounts_that_would_be_empty) {
    TestChain chain;
    const std::string text = R"({"accounts":{")" + text_of(kContract) +
                             R"(":{"nonce":0,"balance":"0x0","code":"0x","storage":{}}}})";
    EXPECT_EQ(chain.call("anvil_loadState", "[" + packed(text) + "]"), "true");
    EXPECT_FALSE(unpacked(dump_of(chain)).at("accounts").as_object().contains(text_of(kContract)));
}

TEST(Load, refuses_what_is_no_dump) {
    TestChain chain;
    const auto before = dump_of(chain);
    const auto error = [&](const std::string& parameter) {
        const auto answer = json::parse(chain.call("anvil_loadState", "[" + parameter + "]"));
        EXPECT_EQ(answer.at("error").at("code").to_number<int>(), code::kInvalidParams);
        return std::string(answer.at("error").at("message").as_string());
    };
    const auto with_account = [](std::string_view fields) {
        return packed(R"({"accounts":{")" + text_of(kContract) + R"(":)" + std::string(fields) + "}}");
    };
    const std::string prefix = "failed to decode state dump: ";
    EXPECT_EQ(error(R"("0x1f8b08")"), prefix + "the gzip data is cut short");
    EXPECT_EQ(error(R"("0x")"), prefix + "incomplete JSON");
    EXPECT_EQ(error(packed("[]")), prefix + "it has no object \"accounts\"");
    EXPECT_EQ(error(packed(R"({"accounts":{"0x12":{}}})")).find(prefix + "account 0x12: "), 0U);
    EXPECT_NE(error(with_account("7")).find("not an object"), std::string::npos);
    EXPECT_NE(error(with_account(R"({"nonce":1})")).find("missing field balance"), std::string::npos);
    EXPECT_NE(
        error(with_account(R"({"nonce":-1,"balance":0,"code":"0x","storage":{}})")).find("expected a number"),
        std::string::npos);
    EXPECT_NE(error(with_account(R"({"nonce":1,"balance":0,"code":"0x0","storage":{}})")).find("odd length"),
              std::string::npos);
    EXPECT_NE(error(with_account(R"({"nonce":1,"balance":0,"code":"0x","storage":{"0xzz":"0x1"}})"))
                  .find("invalid hex"),
              std::string::npos);
    EXPECT_EQ(dump_of(chain), before);
}

/// 64 MiB of zeros and a little more, in some 65 KB.
TEST(Load, refuses_a_dump_that_unpacks_to_too_much) {
    TestChain chain;
    const auto bomb = packed(std::string((std::size_t{64} << 20) + 1, ' '));
    EXPECT_NE(chain.call("anvil_loadState", "[" + bomb + "]").find("more than is allowed"),
              std::string::npos);
}

TEST(Dump, is_for_dev_chains_only) {
    TestChain chain({}, Mode::open);
    for (const auto* method : {"anvil_dumpState", "anvil_loadState"})
        EXPECT_NE(chain.call(method).find("-32601"), std::string::npos);
}

}  // namespace

}  // namespace valence::rpc
