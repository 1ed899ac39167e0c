// Why a namespace, a share, a transaction, a proof or a square is refused.
#pragma once

#include <system_error>

namespace valence::da {

enum class DaError {
    /// A namespace of an unknown version, or one that may not hold blobs.
    bad_namespace = 1,
    /// A share of an unknown version, or whose fields contradict each other.
    bad_share,
    /// Shares that do not make up a sequence: one is missing, or they belong to different namespaces.
    bad_sequence,
    /// A blob without data, too long, or with a signer where its version has none.
    bad_blob,
    /// Bytes that are not the protobuf message they should be.
    bad_message,
    /// Transactions in an order a block may not have.
    bad_order,
    /// More shares than the largest square holds.
    square_full,
    /// A number of shares or roots that no square has.
    bad_size,
    /// Leaves that are not in the order of their namespaces.
    unordered,
    /// A proof that is malformed or does not lead to the root.
    bad_proof,
    /// Too few shares are known to find the others.
    unrepairable,
    /// Shares known do not belong to one codeword, or not to the root of their row or column.
    wrong_encoding,
};
std::error_code make_error_code(DaError);

}  // namespace valence::da

template <>
struct std::is_error_code_enum<valence::da::DaError> : std::true_type {};
