// The seven precompiles of EIP-2537, 0x0b to 0x11 (Prague).
#include "valence/crypto/bls12_381.hpp"

#include "valence/evm/precompiles/definition.hpp"

namespace valence::evm::precompiles {
namespace {

namespace bls = crypto::bls12_381;

/// In thousandths of the price of a single multiplication, for 1, 2, … 128 terms; the last holds beyond.
using Discounts = std::array<std::uint16_t, 128>;

constexpr Discounts kG1Discounts = {
    1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677, 673, 669, 665,
    661,  658, 654, 651, 648, 645, 642, 640, 637, 635, 632, 630, 627, 625, 623, 621, 619, 617, 615,
    613,  611, 609, 608, 606, 604, 603, 601, 599, 598, 596, 595, 593, 592, 591, 589, 588, 586, 585,
    584,  582, 581, 580, 579, 577, 576, 575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563,
    562,  561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545,
    544,  543, 542, 541, 540, 540, 539, 538, 537, 536, 536, 535, 534, 533, 532, 532, 531, 530, 529,
    528,  528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520, 520, 519};

constexpr Discounts kG2Discounts = {
    1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717, 711, 704, 699,
    693,  688,  683, 679, 674, 670, 666, 663, 659, 655, 652, 649, 646, 643, 640, 637, 634, 632, 629,
    627,  624,  622, 620, 618, 615, 613, 611, 609, 607, 606, 604, 602, 600, 598, 597, 595, 593, 592,
    590,  589,  587, 586, 584, 583, 582, 580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567,
    566,  565,  563, 562, 561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548,
    547,  546,  545, 545, 544, 543, 542, 541, 541, 540, 539, 538, 537, 537, 536, 535, 535, 534, 533,
    532,  532,  531, 530, 530, 529, 528, 528, 527, 526, 526, 525, 524, 524};

static_assert(kG1Discounts.back() == 519 && kG2Discounts.back() == 524);

/// k · price · discount(k) / 1000, rounded down, for k whole terms; 0 for none, which then fails.
template <std::size_t term_size, Gas price, const Discounts& discounts>
Gas msm_cost(BytesView input, Revision) {
    const auto terms = input.size() / term_size;
    if (terms == 0) return 0;
    return static_cast<Gas>(terms) * price * discounts[std::min(terms, discounts.size()) - 1] / 1000;
}

Gas pairing_cost(BytesView input, Revision) {
    return 37'700 + 32'600 * static_cast<Gas>(input.size() / (bls::kG1Size + bls::kG2Size));
}

std::optional<Bytes> pairing_check(BytesView input) {
    const auto is_one = bls::pairing_check(input);
    if (!is_one) return std::nullopt;
    return base::to_bytes(U256{*is_one ? 1u : 0u}.to_hash());
}

constexpr auto kG1TermSize = bls::kG1Size + bls::kScalarSize;
constexpr auto kG2TermSize = bls::kG2Size + bls::kScalarSize;

}  // namespace

PrecompileResult run_bls12_g1_add(BytesView input, Gas gas, Revision revision) {
    return charged<fixed_cost<375>, bls::g1_add>(input, gas, revision);
}

PrecompileResult run_bls12_g1_msm(BytesView input, Gas gas, Revision revision) {
    return charged<msm_cost<kG1TermSize, 12'000, kG1Discounts>, bls::g1_msm>(input, gas, revision);
}

PrecompileResult run_bls12_g2_add(BytesView input, Gas gas, Revision revision) {
    return charged<fixed_cost<600>, bls::g2_add>(input, gas, revision);
}

PrecompileResult run_bls12_g2_msm(BytesView input, Gas gas, Revision revision) {
    return charged<msm_cost<kG2TermSize, 22'500, kG2Discounts>, bls::g2_msm>(input, gas, revision);
}

PrecompileResult run_bls12_pairing_check(BytesView input, Gas gas, Revision revision) {
    return charged<pairing_cost, pairing_check>(input, gas, revision);
}

PrecompileResult run_bls12_map_fp_to_g1(BytesView input, Gas gas, Revision revision) {
    return charged<fixed_cost<5500>, bls::map_fp_to_g1>(input, gas, revision);
}

PrecompileResult run_bls12_map_fp2_to_g2(BytesView input, Gas gas, Revision revision) {
    return charged<fixed_cost<23'800>, bls::map_fp2_to_g2>(input, gas, revision);
}

}  // namespace valence::evm::precompiles
