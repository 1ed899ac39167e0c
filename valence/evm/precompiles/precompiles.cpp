#include "valence/evm/precompiles/precompiles.hpp"

#include "valence/evm/precompiles/definition.hpp"

namespace valence::evm {
namespace {

using namespace precompiles;

constexpr Precompile row(std::uint64_t number, std::string_view name, Run* run, Revision since) {
    return {base::address_from_number(number), name, run, since};
}

constexpr std::uint64_t kP256VerifyNumber = 0x100;

/// 1 to 0x11 without a gap, then P256VERIFY (EIP-7951): `find_precompile` counts on it.
constexpr std::array kTable = {
    row(0x01, "ECREC", run_ecrecover, Revision::frontier),
    row(0x02, "SHA256", run_sha256, Revision::frontier),
    row(0x03, "RIPEMD160", run_ripemd160, Revision::frontier),
    row(0x04, "ID", run_identity, Revision::frontier),
    row(0x05, "MODEXP", run_modexp, Revision::byzantium),
    row(0x06, "BN254_ADD", run_bn254_add, Revision::byzantium),
    row(0x07, "BN254_MUL", run_bn254_mul, Revision::byzantium),
    row(0x08, "BN254_PAIRING", run_bn254_pairing, Revision::byzantium),
    row(0x09, "BLAKE2F", run_blake2f, Revision::istanbul),
    row(0x0a, "KZG_POINT_EVALUATION", run_kzg_point_evaluation, Revision::cancun),
    row(0x0b, "BLS12_G1ADD", run_bls12_g1_add, Revision::prague),
    row(0x0c, "BLS12_G1MSM", run_bls12_g1_msm, Revision::prague),
    row(0x0d, "BLS12_G2ADD", run_bls12_g2_add, Revision::prague),
    row(0x0e, "BLS12_G2MSM", run_bls12_g2_msm, Revision::prague),
    row(0x0f, "BLS12_PAIRING_CHECK", run_bls12_pairing_check, Revision::prague),
    row(0x10, "BLS12_MAP_FP_TO_G1", run_bls12_map_fp_to_g1, Revision::prague),
    row(0x11, "BLS12_MAP_FP2_TO_G2", run_bls12_map_fp2_to_g2, Revision::prague),
    row(kP256VerifyNumber, "P256VERIFY", run_p256_verify, Revision::osaka),
};

/// The address as a number if it has no more than 16 bits, else 0.
std::uint64_t small_number(const Address& address) {
    std::uint64_t high = 0;
    std::uint64_t middle = 0;
    std::memcpy(&high, address.data(), 8);
    std::memcpy(&middle, address.data() + 8, 8);
    if ((high | middle | address[16] | address[17]) != 0) return 0;
    return static_cast<std::uint64_t>(address[18]) << 8 | address[19];
}

}  // namespace

const Precompile* find_precompile(const Address& address, Revision revision) {
    const auto number = small_number(address);
    if (number == 0) return nullptr;
    const auto index = number == kP256VerifyNumber ? kTable.size() - 1 : number - 1;
    if (index >= kTable.size() || kTable[index].address != address) return nullptr;
    return kTable[index].since <= revision ? &kTable[index] : nullptr;
}

std::span<const Precompile> all_precompiles() { return kTable; }

}  // namespace valence::evm
