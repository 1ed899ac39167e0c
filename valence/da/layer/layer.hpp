// Layer: a data-availability layer, as whoever posts to it or reads from it sees it. Two of them:
// EmbeddedLayer in this process, and LayerClient (rpc/layer_client.hpp) for one behind celestia-node's API.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <vector>

#include "valence/da/extended/sample.hpp"
#include "valence/da/inclusion/commitment_proof.hpp"
#include "valence/da/layer/extended_header.hpp"
#include "valence/da/square/blob.hpp"

namespace valence::da {

enum class LayerError {
    /// The layer has no block of that height yet.
    no_such_height = 1,
    /// No such blob, or none in that namespace.
    not_found,
    /// The layer takes no more now: try again later.
    busy,
    /// More than one block of the layer holds.
    too_large,
    /// The layer cannot be reached, or not in time.
    unreachable,
    /// It answered an error, whose text this carries.
    refused,
    /// It answered what is no answer, or what contradicts itself.
    malformed,
    /// The folder cannot be read or written, or it is another layer's.
    io,
};
std::error_code make_error_code(LayerError);

/// A blob as a block of the layer holds it.
struct LayerBlob {
    Blob blob;
    Hash commitment;
    /// Of its first share, counted along the rows of the extended square.
    std::uint64_t index = 0;

    bool operator==(const LayerBlob&) const = default;
};

/// A row's shares of a namespace, with the proof that they are all of it there, or that there are none.
struct NamespaceRow {
    std::vector<Share> shares;
    NamespacedProof proof;
};

/// Thread-safe. Every function may wait for I/O.
class Layer {
public:
    virtual ~Layer() = default;

    /// Puts the blobs into one block; answers its height once it is durable there. Errors: busy, too_large,
    /// unreachable (then nobody knows whether they are in), refused.
    virtual Result<std::uint64_t> submit(std::span<const Blob> blobs) = 0;
    /// All blobs of a namespace in a block, in the order of its square; none is no error. Errors:
    /// no_such_height, unreachable, refused, malformed.
    virtual Result<std::vector<LayerBlob>> blobs(std::uint64_t height, const Namespace& name) = 0;
    /// Errors: no_such_height, unreachable, refused, malformed.
    virtual Result<ExtendedHeader> header(std::uint64_t height) = 0;
    /// The newest block's.
    virtual Result<ExtendedHeader> head() = 0;
    /// The header of a block that may still come, waiting so long for it. Errors: no_such_height when it did
    /// not come, those of `header`.
    virtual Result<ExtendedHeader> wait_for(std::uint64_t height, std::chrono::milliseconds patience) = 0;
    /// That a block holds the blob of a commitment: to be verified against the header's data hash. Errors:
    /// not_found, no_such_height, unreachable, refused, malformed.
    virtual Result<CommitmentProof> prove(std::uint64_t height, const Namespace& name,
                                          const Hash& commitment) = 0;
    /// The shares at these cells (1,024 at most) of a block's extended square, in their order, with proofs
    /// that are to be verified against its roots: all or none. Errors: not_found when they are not to be had,
    /// no_such_height, unreachable, refused, malformed.
    virtual Result<std::vector<Sample>> samples(std::uint64_t height, std::span<const Cell> cells) = 0;
    /// Of each row of a block whose range of namespaces includes this one, in their order; to be verified
    /// against its roots (sampling/recovery.hpp). Errors: no_such_height, unreachable, refused,
    /// malformed.
    virtual Result<std::vector<NamespaceRow>> namespace_rows(std::uint64_t height, const Namespace& name) = 0;
};

}  // namespace valence::da

template <>
struct std::is_error_code_enum<valence::da::LayerError> : std::true_type {};
