#include "valence/zk/protocol/proof_format.hpp"

#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {

std::vector<TableShape> opened_tables(const Circuit& circuit) {
    std::vector<TableShape> shapes{witness_shape_of(circuit.witness_cells)};
    for (const std::uint64_t cells : circuit.weight_cells) {
        if (cells != 0) shapes.push_back(weight_shape_of(cells));
    }
    return shapes;
}

Result<SecurityProfile> profile_of(std::uint8_t byte) {
    if (byte == profile_byte(kProfile100)) return kProfile100;
    if (byte == profile_byte(kProfile128)) return kProfile128;
    return Error{ProofError::bad_parameters, "profile " + std::to_string(byte)};
}

std::uint8_t profile_byte(const SecurityProfile& profile) {
    return static_cast<std::uint8_t>(profile.target_bits);
}

}  // namespace valence::zk
