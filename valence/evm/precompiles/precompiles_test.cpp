#include "valence/evm/precompiles/precompiles.hpp"

#include <gtest/gtest.h>

namespace valence::evm {
namespace {

constexpr Gas kPlenty = 10'000'000;

PrecompileResult run(std::uint64_t number, BytesView input, Gas gas = kPlenty,
                     Revision revision = kLatestRevision) {
    return find_precompile(base::address_from_number(number), revision)->run(input, gas, revision);
}

/// Gas used under a fork's rules, or nothing when the call fails.
std::optional<Gas> gas_used(std::uint64_t number, BytesView input, Revision revision) {
    const auto result = run(number, input, kPlenty, revision);
    return result.status == Status::success ? std::optional{kPlenty - result.gas_left} : std::nullopt;
}

Bytes words(std::initializer_list<U256> numbers) {
    Bytes out;
    for (const auto& n : numbers)
        base::append(out, n.to_hash());
    return out;
}

TEST(Precompiles, appear_with_the_fork_that_brought_them) {
    const auto count = [](Revision revision) {
        return std::ranges::count_if(all_precompiles(), [&](const Precompile& p) {
            return find_precompile(p.address, revision) == &p;
        });
    };
    EXPECT_EQ(count(Revision::frontier), 4);
    EXPECT_EQ(count(Revision::byzantium), 8);
    EXPECT_EQ(count(Revision::istanbul), 9);
    EXPECT_EQ(count(Revision::shanghai), 9);
    EXPECT_EQ(count(Revision::cancun), 10);
    EXPECT_EQ(count(Revision::prague), 17);
    EXPECT_EQ(count(Revision::osaka), 18);
}

TEST(Precompiles, are_nowhere_else) {
    EXPECT_TRUE(std::ranges::is_sorted(all_precompiles(), {}, &Precompile::address));
    for (const std::uint64_t number : {0ull, 0x12ull, 0xffull, 0x101ull, 0x1001ull, 0x10000ull, 1ull << 40}) {
        EXPECT_EQ(find_precompile(base::address_from_number(number), kLatestRevision), nullptr) << number;
    }
    auto address = base::address_from_number(1);
    address[0] = 1;
    EXPECT_EQ(find_precompile(address, kLatestRevision), nullptr);
}

TEST(Precompiles, charge_by_words_begun) {
    EXPECT_EQ(gas_used(2, {}, kLatestRevision), 60);
    EXPECT_EQ(gas_used(2, Bytes(33), kLatestRevision), 84);
    EXPECT_EQ(gas_used(3, Bytes(32), kLatestRevision), 720);
    EXPECT_EQ(gas_used(4, Bytes(65), kLatestRevision), 24);
}

TEST(Precompiles, run_out_of_gas_one_unit_short) {
    EXPECT_EQ(run(4, Bytes(32), 18).status, Status::success);
    EXPECT_EQ(run(4, Bytes(32), 17).status, Status::out_of_gas);
    EXPECT_EQ(run(1, {}, 2999).status, Status::out_of_gas);
    EXPECT_EQ(run(1, {}, 3000).output, Bytes{});
}

TEST(Precompiles, of_bn254_cost_less_since_istanbul) {
    EXPECT_EQ(gas_used(6, {}, Revision::byzantium), 500);
    EXPECT_EQ(gas_used(6, {}, Revision::istanbul), 150);
    EXPECT_EQ(gas_used(7, {}, Revision::petersburg), 40'000);
    EXPECT_EQ(gas_used(7, {}, Revision::istanbul), 6000);
    EXPECT_EQ(gas_used(8, {}, Revision::petersburg), 100'000);
    EXPECT_EQ(gas_used(8, Bytes(192), Revision::petersburg), 180'000);
    EXPECT_EQ(gas_used(8, Bytes(192), Revision::istanbul), 79'000);
    EXPECT_EQ(gas_used(8, Bytes(191), Revision::istanbul), std::nullopt);
}

TEST(Modexp, prices_hostile_lengths_out_without_allocating) {
    const auto huge = U256::max();
    for (const auto revision : {Revision::byzantium, Revision::berlin, Revision::osaka}) {
        EXPECT_EQ(gas_used(5, words({huge, 0, 1}), revision), std::nullopt);
        EXPECT_EQ(gas_used(5, words({0, 0, huge}), revision), std::nullopt);
        EXPECT_EQ(gas_used(5, words({1, huge, 1}), revision), std::nullopt);
        EXPECT_EQ(gas_used(5, words({huge, huge, huge}), revision), std::nullopt);
    }
    // Nothing but an exponent: free or cheap, however long, and the answer is empty.
    EXPECT_EQ(gas_used(5, words({0, huge, 0}), Revision::byzantium), 0);
    EXPECT_EQ(gas_used(5, words({0, huge, 0}), Revision::berlin), 200);
    EXPECT_EQ(gas_used(5, words({0, huge, 0}), Revision::osaka), std::nullopt);
}

TEST(Modexp, takes_at_most_1024_bytes_since_osaka) {
    EXPECT_NE(gas_used(5, words({1024, 0, 1024}), Revision::osaka), std::nullopt);
    EXPECT_EQ(gas_used(5, words({1025, 0, 1}), Revision::osaka), std::nullopt);
    EXPECT_EQ(gas_used(5, words({1, 1025, 1}), Revision::osaka), std::nullopt);
    EXPECT_EQ(gas_used(5, words({1, 0, 1025}), Revision::osaka), std::nullopt);
    EXPECT_NE(gas_used(5, words({1, 0, 1025}), Revision::prague), std::nullopt);
}

TEST(Modexp, reads_zeros_after_the_end_of_its_input) {
    // 3^(0x0100) mod 0x0500, the last byte of the modulus absent.
    auto input = words({1, 2, 2});
    base::append(input, Bytes{3, 1, 0, 5});
    EXPECT_EQ(run(5, input).output, (Bytes{0x00, 0x01}));
    EXPECT_EQ(run(5, {}).output, Bytes{});
}

}  // namespace
}  // namespace valence::evm
