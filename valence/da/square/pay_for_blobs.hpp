// The message by which an account pays for blobs: /celestia.blob.v1.MsgPayForBlobs, the only one of its
// transaction. Source: celestia-app, proto/celestia/blob/v1/tx.proto; cosmos-sdk, proto/cosmos/tx/v1beta1.
#pragma once

#include "valence/da/namespace.hpp"

namespace valence::da {

struct PayForBlobs {
    /// The account's address as text (bech32).
    std::string signer;
    /// Of each blob, in order.
    std::vector<Namespace> names;
    std::vector<std::uint32_t> sizes;
    std::vector<Hash> commitments;
    std::vector<std::uint32_t> versions;

    bool operator==(const PayForBlobs&) const = default;
};

/// Of the signed transaction in a blob transaction; its fee and signatures are not looked at. Errors:
/// bad_message when it is not one, or holds another message or more than one; bad_namespace.
Result<PayForBlobs> parse_pay_for_blobs(BytesView transaction);

/// A transaction with this message, without fee and signature: what the embedded layer puts into squares.
Bytes encode_pay_for_blobs(const PayForBlobs& message);

}  // namespace valence::da
