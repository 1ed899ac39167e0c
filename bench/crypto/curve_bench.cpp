// Signatures and curves: what a transaction's sender and each curve precompile cost.
#include <random>

#include <benchmark/benchmark.h>

#include "valence/crypto/bn254/bn254.hpp"
#include "valence/crypto/kzg.hpp"
#include "valence/crypto/p256.hpp"
#include "valence/crypto/secp256k1_recover.hpp"

namespace valence::crypto {
namespace {

U256 random_number(std::mt19937_64& random) { return {random(), random(), random(), random()}; }

std::vector<RecoverRequest> signed_digests(std::size_t count) {
    std::mt19937_64 random{1};
    std::vector<RecoverRequest> requests;
    for (std::size_t i = 0; i < count; ++i) {
        const auto digest = random_number(random).to_hash();
        requests.push_back({digest, *sign(digest, (random_number(random) >> 1).to_hash())});
    }
    return requests;
}

void recover_one(benchmark::State& state) {
    const auto requests = signed_digests(64);
    std::size_t i = 0;
    for (auto _ : state) {
        const auto& [digest, signature] = requests[i++ % requests.size()];
        benchmark::DoNotOptimize(recover_address(digest, signature.r, signature.s, signature.y_odd));
    }
}
BENCHMARK(recover_one);

void recover_batch(benchmark::State& state) {
    const auto requests = signed_digests(static_cast<std::size_t>(state.range(0)));
    std::vector<std::optional<Address>> addresses(requests.size());
    for (auto _ : state) {
        recover_addresses(requests, addresses);
        benchmark::DoNotOptimize(addresses.data());
    }
    state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(recover_batch)->Arg(64);

void sign_digest(benchmark::State& state) {
    const auto key = U256{12345}.to_hash();
    Hash digest;
    for (auto _ : state)
        benchmark::DoNotOptimize(digest = sign(digest, key)->r.to_hash());
}
BENCHMARK(sign_digest);

void p256_verify_signature(benchmark::State& state) {
    // RFC 6979, appendix A.2.5, SHA-256 of "sample".
    const auto number = [](std::string_view digits) { return *U256::from_hex(digits); };
    const P256PublicKey key{number("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6"),
                            number("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299")};
    const auto r = number("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716");
    const auto s = number("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
    const auto digest = number("af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf").to_hash();
    if (!p256_verify(digest, r, s, key)) state.SkipWithError("does not verify");
    for (auto _ : state)
        benchmark::DoNotOptimize(p256_verify(digest, r, s, key));
}
BENCHMARK(p256_verify_signature);

std::vector<bn254::G1Point> g1_points(std::size_t count) {
    std::mt19937_64 random{2};
    std::vector<bn254::G1Point> points;
    for (std::size_t i = 0; i < count; ++i)
        points.push_back(*bn254::multiply({1, 2}, random_number(random)));
    return points;
}

void bn254_add(benchmark::State& state) {
    const auto points = g1_points(64);
    std::size_t i = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(bn254::add(points[i % 64], points[(i + 1) % 64]));
        ++i;
    }
}
BENCHMARK(bn254_add);

void bn254_multiply(benchmark::State& state) {
    const auto points = g1_points(64);
    std::mt19937_64 random{3};
    std::vector<U256> scalars;
    for (std::size_t i = 0; i < points.size(); ++i)
        scalars.push_back(random_number(random));
    std::size_t i = 0;
    for (auto _ : state) {
        benchmark::DoNotOptimize(bn254::multiply(points[i % 64], scalars[i % 64]));
        ++i;
    }
}
BENCHMARK(bn254_multiply);

void bn254_pairing(benchmark::State& state) {
    const bn254::G2Point q{
        *U256::from_decimal("10857046999023057135944570762232829481370756359578518086990519993285655852781"),
        *U256::from_decimal("11559732032986387107991004021392285783925812861821192530917403151452391805634"),
        *U256::from_decimal("8495653923123431417604973247489272438418190587263600148770280649306958101930"),
        *U256::from_decimal("4082367875863433681332203403145435568316851327593401208105741076214120093531")};
    std::vector<bn254::Pair> pairs;
    for (const auto& p : g1_points(static_cast<std::size_t>(state.range(0))))
        pairs.push_back({p, q});
    for (auto _ : state)
        benchmark::DoNotOptimize(bn254::pairing_check(pairs));
    state.counters["ns/gas"] =
        benchmark::Counter(1e-9 * static_cast<double>(45'000 + 34'000 * state.range(0)),
                           benchmark::Counter::kIsIterationInvariantRate | benchmark::Counter::kInvert);
}
BENCHMARK(bn254_pairing)->Arg(1)->Arg(2)->Arg(4)->Arg(8);

void kzg_point_evaluation(benchmark::State& state) {
    // The polynomial X at 77: its commitment is [τ]G1, its quotient 1.
    const auto point = [](std::string_view digits) {
        kzg::Point out;
        const auto bytes = *base::from_hex(digits);
        std::copy(bytes.begin(), bytes.end(), out.begin());
        return out;
    };
    const auto tau = point(
        "ad3eb50121139aa34db1d545093ac9374ab7bca2c0f3bf28e27c8dcd8fc7cb42d25926fc0c97b336e9f0fb35e5a04c81");
    const auto one = point(
        "97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb");
    const auto z = *U256::from_hex("6fe3d01c0b5a2c8e9f7d4433221100ffeeddccbbaa99887766554433221100aa");
    if (!kzg::verify_point_evaluation(tau, z, z, one)) state.SkipWithError("does not verify");
    for (auto _ : state)
        benchmark::DoNotOptimize(kzg::verify_point_evaluation(tau, z, z, one));
}
BENCHMARK(kzg_point_evaluation);

}  // namespace
}  // namespace valence::crypto
