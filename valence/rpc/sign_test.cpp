// Signatures of the dev accounts, against those that Foundry's cast makes with the same key.
#include <gtest/gtest.h>

#include "valence/rpc/testing/test_chain.hpp"

namespace valence::rpc {

using testing::TestChain;

namespace {

constexpr std::string_view kAccount = "\"0xf39fd6e51aad88f6f4ce6ab8827279cfffb92266\"";

TEST(Sign, messages_as_personal_sign_does) {
    TestChain chain;
    constexpr std::string_view kSignature =
        "\"0xf16ea9a3478698f695fd1401bfe27e9e4a7e8e3da94aa72b021125e31fa899cc"
        "573c48ea3fe1d4ab61a9db10c19032026e3ed2dbccba5a178235ac27f94504311c\"";
    EXPECT_EQ(chain.call("personal_sign", "[\"0x68656c6c6f\"," + std::string(kAccount) + "]"), kSignature);
    EXPECT_EQ(chain.call("eth_sign", "[" + std::string(kAccount) + ",\"0x68656c6c6f\"]"), kSignature);
}

TEST(Sign, typed_data_as_eip_712_has_it) {
    TestChain chain;
    // The example of EIP-712.
    constexpr std::string_view kMail =
        R"({"types":{"EIP712Domain":[{"name":"name","type":"string"},{"name":"version","type":"string"},)"
        R"({"name":"chainId","type":"uint256"},{"name":"verifyingContract","type":"address"}],)"
        R"("Person":[{"name":"name","type":"string"},{"name":"wallet","type":"address"}],)"
        R"("Mail":[{"name":"from","type":"Person"},{"name":"to","type":"Person"},{"name":"contents","type":"string"}]},)"
        R"("primaryType":"Mail","domain":{"name":"Ether Mail","version":"1","chainId":1,)"
        R"("verifyingContract":"0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC"},)"
        R"("message":{"from":{"name":"Cow","wallet":"0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826"},)"
        R"("to":{"name":"Bob","wallet":"0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB"},"contents":"Hello, Bob!"}})";
    EXPECT_EQ(
        chain.call("eth_signTypedData_v4", "[" + std::string(kAccount) + "," + std::string(kMail) + "]"),
        "\"0x6ea8bb309a3401225701f3565e32519f94a0ea91a5910ce9229fe488e773584c"
        "0390416a2190d9560219dab757ecca2029e63fa9d1c2aebf676cc25b9f03126a1b\"");
}

TEST(Sign, no_typed_data_whose_types_multiply_it) {
    TestChain chain;
    std::string members;
    for (int i = 0; i < 1'001; ++i)
        members += (i == 0 ? "" : ",") + (R"({"name":"m)" + std::to_string(i)) + R"(","type":"Empty"})";
    std::string items;
    for (int i = 0; i < 1'000; ++i)
        items += i == 0 ? "{}" : ",{}";
    const auto data = R"({"types":{"EIP712Domain":[],"Empty":[],"Wide":[)" + members +
                      R"(],"List":[{"name":"items","type":"Wide[]"}]},"primaryType":"List","domain":{},)" +
                      R"("message":{"items":[)" + items + "]}}";
    EXPECT_NE(chain.call("eth_signTypedData_v4", "[" + std::string(kAccount) + "," + data + "]")
                  .find("typed data is too large"),
              std::string::npos);
}

TEST(Sign, nothing_for_accounts_without_a_key) {
    TestChain chain;
    EXPECT_NE(chain.call("eth_sign", R"(["0x70997970c51812dc3a010c7d01b50e0d17dc79c8","0x00"])")
                  .find("unknown account"),
              std::string::npos);
    TestChain open({}, Mode::open);
    EXPECT_NE(open.call("eth_sign", "[" + std::string(kAccount) + ",\"0x00\"]").find("unknown account"),
              std::string::npos);
}

}  // namespace

}  // namespace valence::rpc
