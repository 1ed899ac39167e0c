#include "valence/rpc/tracers/console_log.hpp"

#include <gtest/gtest.h>

#include "valence/codec/abi.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::rpc::tracers {

namespace {

using codec::AbiValue;

AbiValue text(std::string_view value) { return base::to_bytes(base::as_bytes(value)); }

Bytes call(std::string_view signature, std::string_view types, std::vector<AbiValue> values) {
    Bytes data = base::to_bytes(BytesView{crypto::keccak256(base::as_bytes(signature)).bytes}.first(4));
    base::append(
        data, codec::abi_encode(codec::AbiType::parse(types).value(), AbiValue{std::move(values)}).value());
    return data;
}

struct Case {
    const char* signature;
    const char* types;
    std::vector<AbiValue> values;
    const char* line;
};

}  // namespace

TEST(console_log, prints_every_kind_of_argument) {
    const auto address = U256::from_address("0x5aaeb6053f3e94c9b9a09f33669435e7ef1beaed"_address);
    const Case cases[] = {
        {"log()", "()", {}, ""},
        {"log(string)", "(string)", {text("hello")}, "hello"},
        {"log(uint256)", "(uint256)", {U256{42}}, "42"},
        {"log(uint)", "(uint256)", {U256{42}}, "42"},
        {"log(int256)", "(int256)", {U256::max()}, "-1"},
        {"logInt(int256)", "(int256)", {U256::max()}, "-1"},
        {"logInt(int)", "(int256)", {U256{5}}, "5"},
        {"log(bool)", "(bool)", {U256{1}}, "true"},
        {"log(address)", "(address)", {address}, "0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed"},
        {"logBytes(bytes)", "(bytes)", {Bytes{0xab, 0xcd}}, "0xabcd"},
        {"logBytes2(bytes2)", "(bytes2)", {Bytes{0xab, 0xcd}}, "0xabcd"},
        {"log(string,uint256)", "(string,uint256)", {text("n"), U256{7}}, "n 7"},
        {"log(string,uint)", "(string,uint256)", {text("n"), U256{7}}, "n 7"},
        {"log(bool,address,uint256,string)",
         "(bool,address,uint256,string)",
         {U256{}, address, U256{9}, text("x")},
         "false 0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed 9 x"},
    };
    for (const auto& c : cases)
        EXPECT_EQ(console_line(call(c.signature, c.types, c.values)), c.line) << c.signature;
}

TEST(console_log, fills_a_format_and_appends_what_is_left) {
    const auto data = call("log(string,uint256,bool,uint256)", "(string,uint256,bool,uint256)",
                           {text("%d%% of %s,"), U256{50}, U256{1}, U256{3}});
    EXPECT_EQ(console_line(data), "50% of true, 3");
}

TEST(console_log, is_silent_about_other_data) {
    EXPECT_EQ(console_line({}), std::nullopt);
    EXPECT_EQ(console_line(Bytes(4, 0)), std::nullopt);
    auto truncated = call("log(string)", "(string)", {text("hello")});
    truncated.resize(20);
    EXPECT_EQ(console_line(truncated), std::nullopt);
}

}  // namespace valence::rpc::tracers
