#include "valence/crypto/secp256k1_recover.hpp"

#include <random>

#include <gtest/gtest.h>
#include <secp256k1_recovery.h>

#include "valence/crypto/keccak.hpp"
#include "valence/crypto/secp256k1_field.hpp"

namespace valence::crypto {
namespace {

/// The same, by libsecp256k1.
std::optional<Address> reference(const RecoverRequest& request) {
    static const auto* const context = secp256k1_context_create(SECP256K1_CONTEXT_VERIFY);
    std::array<std::uint8_t, 64> compact;
    request.signature.r.store_be32(compact.data());
    request.signature.s.store_be32(compact.data() + 32);
    secp256k1_ecdsa_recoverable_signature signature;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(context, &signature, compact.data(),
                                                            request.signature.y_odd ? 1 : 0) != 1) {
        return std::nullopt;
    }
    secp256k1_pubkey key;
    if (secp256k1_ecdsa_recover(context, &key, &signature, request.digest.data()) != 1) return std::nullopt;
    std::array<std::uint8_t, 65> bytes;
    auto size = bytes.size();
    secp256k1_ec_pubkey_serialize(context, bytes.data(), &size, &key, SECP256K1_EC_UNCOMPRESSED);
    // As libsecp256k1 does; a zero s has no inverse but would still recover, which ECDSA excludes.
    if (request.signature.r.is_zero() || request.signature.s.is_zero()) return std::nullopt;
    return base::from_right_aligned<Address>(keccak256(BytesView{bytes}.subspan(1)));
}

U256 random_number(std::mt19937_64& random) { return {random(), random(), random(), random()}; }

/// Numbers around every border that could matter.
std::vector<U256> special_numbers() {
    const auto n = kSecp256k1Order;
    std::vector<U256> numbers;
    for (const U256& center : {U256{0}, n, kSecp256k1HalfOrder, secp256k1::kFieldPrime, U256::max(),
                               U256{1} << 128, U256{1} << 255}) {
        for (std::uint64_t offset = 0; offset < 4; ++offset) {
            numbers.push_back(center + offset);
            numbers.push_back(center - offset);
        }
    }
    return numbers;
}

void expect_same(const std::vector<RecoverRequest>& requests) {
    std::vector<std::optional<Address>> batch(requests.size());
    recover_addresses(requests, batch);
    for (std::size_t i = 0; i < requests.size(); ++i) {
        const auto& [digest, signature] = requests[i];
        const auto expected = reference(requests[i]);
        ASSERT_EQ(recover_address(digest, signature.r, signature.s, signature.y_odd), expected)
            << signature.r.to_hex() << " " << signature.s.to_hex();
        ASSERT_EQ(batch[i], expected);
    }
}

TEST(Recover, agrees_with_libsecp256k1_on_signatures) {
    std::mt19937_64 random{11};
    std::vector<RecoverRequest> requests;
    for (int i = 0; i < 300; ++i) {
        const auto digest = random_number(random).to_hash();
        auto signature = *sign(digest, (random_number(random) >> 1).to_hash());
        if (i % 3 == 1) signature.s = kSecp256k1Order - signature.s;
        if (i % 3 == 2) signature.y_odd = !signature.y_odd;
        requests.push_back({digest, signature});
    }
    expect_same(requests);
}

TEST(Recover, agrees_with_libsecp256k1_on_arbitrary_numbers) {
    std::mt19937_64 random{12};
    std::vector<RecoverRequest> requests;
    for (int i = 0; i < 500; ++i) {
        const auto number = [&] { return random_number(random) >> (i % 2 == 0 ? 0 : random() % 256); };
        requests.push_back({number().to_hash(), {number(), number(), random() % 2 == 0}});
    }
    expect_same(requests);
}

TEST(Recover, agrees_with_libsecp256k1_on_numbers_at_the_borders) {
    const auto numbers = special_numbers();
    std::vector<RecoverRequest> requests;
    for (const auto& r : numbers) {
        for (const auto& s : numbers)
            requests.push_back({keccak256({}), {r, s, r < s}});
    }
    for (const auto& digest : numbers) {
        for (const auto& s : numbers)
            requests.push_back({digest.to_hash(), {1, s, true}});
    }
    expect_same(requests);
}

TEST(Recover, finds_no_key_where_it_would_be_infinity) {
    // With R = k·G and s = z / k, the key s·R − z·G vanishes. For k = 1, R = G and s = z.
    const auto gx = *U256::from_hex("79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798");
    std::vector<RecoverRequest> requests;
    for (const std::uint64_t z : {1ull, 2ull, 77ull}) {
        for (const bool y_odd : {false, true}) {
            requests.push_back({U256{z}.to_hash(), {gx, z, y_odd}});
            requests.push_back({U256{z}.to_hash(), {gx, kSecp256k1Order - z, y_odd}});
        }
    }
    expect_same(requests);
    // The y of G is even.
    EXPECT_FALSE(recover_address(U256{77}.to_hash(), gx, 77, false));
    EXPECT_TRUE(recover_address(U256{77}.to_hash(), gx, 77, true));
}

TEST(Recover, of_a_batch_keeps_places) {
    std::vector<RecoverRequest> requests(130);
    const auto key = U256{5}.to_hash();
    for (std::size_t i = 0; i < requests.size(); i += 3) {
        requests[i].digest = U256{i}.to_hash();
        requests[i].signature = *sign(requests[i].digest, key);
    }
    std::vector<std::optional<Address>> addresses(requests.size(), Address{});
    recover_addresses(requests, addresses);
    for (std::size_t i = 0; i < requests.size(); ++i) {
        EXPECT_EQ(addresses[i], i % 3 == 0 ? address_of(key) : std::nullopt) << i;
    }
    recover_addresses({}, {});
}

TEST(Secp256k1Field, inverts_and_takes_roots) {
    using secp256k1::Fe;
    std::mt19937_64 random{13};
    for (int i = 0; i < 100; ++i) {
        const auto a = Fe::from(random_number(random));
        EXPECT_EQ(a * a.inverse(), Fe::one());
        const auto root = square_root_candidate(square(a));
        EXPECT_TRUE(root == a || root == -a);
    }
    EXPECT_TRUE(Fe::from(secp256k1::kFieldPrime).is_zero());
    EXPECT_EQ(Fe::from(U256::max()) + Fe::from(U256::max()), Fe::from(2 * (secp256k1::kFold - 1)));
    EXPECT_EQ(Fe::from(0) - Fe::from(U256::max()), -Fe::from(secp256k1::kFold - 1));
}

}  // namespace
}  // namespace valence::crypto
