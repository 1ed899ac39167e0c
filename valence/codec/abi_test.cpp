#include "valence/codec/abi.hpp"

#include <gtest/gtest.h>

namespace valence::codec {
namespace {

AbiType type(std::string_view name) { return AbiType::parse(name).value(); }
AbiValue text(std::string_view t) { return base::to_bytes(base::as_bytes(t)); }

TEST(Abi, TypesParseToTheirCanonicalName) {
    for (const auto* name : {"uint256", "int8", "bytes32[2][]", "(address,(bool,string)[],bytes)", "()"}) {
        EXPECT_EQ(type(name).name(), name);
    }
    for (const auto* name : {"", "uint7", "uint264", "bytes33", "uint256[", "(bool", "(bool,)", "bool)",
                             "int0", "uint256[0]", "float"}) {
        EXPECT_FALSE(AbiType::parse(name).has_value()) << name;
    }
}

// The examples of the specification.
TEST(Abi, SpecificationExampleRoundTrips) {
    const auto t = type("(uint256,uint32[],bytes10,bytes)");
    const AbiValue value{std::vector<AbiValue>{U256{0x123}, std::vector<AbiValue>{U256{0x456}, U256{0x789}},
                                               text("1234567890"), text("Hello, world!")}};
    const auto encoded = abi_encode(t, value).value();
    EXPECT_EQ(base::to_hex(encoded),
              "0000000000000000000000000000000000000000000000000000000000000123"
              "0000000000000000000000000000000000000000000000000000000000000080"
              "3132333435363738393000000000000000000000000000000000000000000000"
              "00000000000000000000000000000000000000000000000000000000000000e0"
              "0000000000000000000000000000000000000000000000000000000000000002"
              "0000000000000000000000000000000000000000000000000000000000000456"
              "0000000000000000000000000000000000000000000000000000000000000789"
              "000000000000000000000000000000000000000000000000000000000000000d"
              "48656c6c6f2c20776f726c642100000000000000000000000000000000000000");
    EXPECT_EQ(abi_decode(t, encoded).value(), value);
}

TEST(Abi, NestedDynamicTypesRoundTrip) {
    const auto t = type("(string[],(bytes,int16)[2])");
    const AbiValue value{
        std::vector<AbiValue>{std::vector<AbiValue>{text("one"), text(""), text(std::string(70, 'x'))},
                              std::vector<AbiValue>{std::vector<AbiValue>{text("ab"), AbiValue{-U256{5}}},
                                                    std::vector<AbiValue>{text("cd"), U256{7}}}}};
    EXPECT_EQ(abi_decode(t, abi_encode(t, value).value()).value(), value);
}

TEST(Abi, ValuesOutsideTheirTypeAreRefused) {
    EXPECT_EQ(abi_encode(type("uint8"), U256{256}).error(), Error{AbiError::mismatch});
    EXPECT_EQ(abi_encode(type("int8"), U256{128}).error(), Error{AbiError::mismatch});
    EXPECT_TRUE(abi_encode(type("int8"), -U256{128}).has_value());
    EXPECT_EQ(abi_decode(type("bool"), U256{2}.to_hash()).error(), Error{AbiError::bad_padding});
    EXPECT_EQ(abi_decode(type("bytes"), U256{2}.to_hash()).error(), Error{AbiError::out_of_bounds});
}

TEST(Abi, OverlappingOffsetsCannotMultiplyTheWork) {
    // Read as an offset every word leads to the next word; read as a length it is 32.
    Bytes data;
    for (int i = 0; i < 200; ++i)
        base::append(data, U256{32}.to_hash());
    EXPECT_EQ(abi_decode(type("(uint256[][][][])"), data).error(), Error{AbiError::too_large});
    EXPECT_EQ(abi_decode(type("(bytes[][][][])"), data).error(), Error{AbiError::too_large});
}

TEST(Abi, RevertReasonsReadAsGethPrintsThem) {
    Bytes data = base::from_hex("08c379a0").value();
    base::append(data, abi_encode(type("(string)"), std::vector<AbiValue>{text("out of funds")}).value());
    EXPECT_EQ(abi_revert_reason(data), "out of funds");
    data = base::from_hex("4e487b71").value();
    base::append(data, U256{0x11}.to_hash());
    EXPECT_EQ(abi_revert_reason(data), "arithmetic underflow or overflow");
    EXPECT_EQ(abi_revert_reason(base::from_hex("08c379a0ff").value()), std::nullopt);
}

}  // namespace
}  // namespace valence::codec
