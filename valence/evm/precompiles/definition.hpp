// How a precompile's own file describes it, and how that becomes a row of the table. Private to this folder.
//
// A precompile is two functions: what it costs on an input, known before it runs, and what it computes. Its
// file exports one `charged<cost, compute>` instance.
#pragma once

#include <limits>
#include <optional>

#include "valence/evm/precompiles/precompiles.hpp"

namespace valence::evm::precompiles {

/// The answer of a cost function when no frame can pay.
inline constexpr Gas kUnaffordable = std::numeric_limits<Gas>::max();

/// `cost(input, revision)` answers gas; `compute(input)` the output, or nothing when the input is invalid and
/// the call fails, taking all its gas.
template <Gas (*cost)(BytesView, Revision), std::optional<Bytes> (*compute)(BytesView)>
PrecompileResult charged(BytesView input, Gas gas, Revision revision) {
    const auto price = cost(input, revision);
    if (price > gas || price == kUnaffordable) return {Status::out_of_gas, 0, {}};
    auto output = compute(input);
    if (!output) return {Status::precompile_failure, 0, {}};
    return {Status::success, gas - price, std::move(*output)};
}

template <Gas price>
Gas fixed_cost(BytesView, Revision) {
    return price;
}

/// `base` plus `per_word` for every 32 bytes begun.
template <Gas base, Gas per_word>
Gas cost_by_words(BytesView input, Revision) {
    return base + per_word * static_cast<Gas>((input.size() + 31) / 32);
}

/// The bytes [offset, offset + size) of the input, which is read as if zeros followed it without end.
template <std::size_t size>
std::array<std::uint8_t, size> padded_part(BytesView input, std::size_t offset = 0) {
    std::array<std::uint8_t, size> part{};
    if (offset < input.size()) {
        const auto present = input.subspan(offset, std::min(size, input.size() - offset));
        std::copy(present.begin(), present.end(), part.begin());
    }
    return part;
}

inline U256 padded_word(BytesView input, std::size_t offset) {
    return U256::from_be32(padded_part<32>(input, offset).data());
}

using Run = PrecompileResult(BytesView, Gas, Revision);

Run run_ecrecover;
Run run_sha256;
Run run_ripemd160;
Run run_identity;
Run run_modexp;
Run run_bn254_add;
Run run_bn254_mul;
Run run_bn254_pairing;
Run run_blake2f;
Run run_kzg_point_evaluation;
Run run_bls12_g1_add;
Run run_bls12_g1_msm;
Run run_bls12_g2_add;
Run run_bls12_g2_msm;
Run run_bls12_pairing_check;
Run run_bls12_map_fp_to_g1;
Run run_bls12_map_fp2_to_g2;
Run run_p256_verify;

}  // namespace valence::evm::precompiles
