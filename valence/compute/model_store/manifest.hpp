// Manifest: a file as it travels, cut into chunks of 256 KiB that are named by their hash. It covers the
// whole file, so that whoever receives it in any order and from anybody can check each piece as it comes;
// that the file is a model, and which, only its contents say (front.hpp).
//
//     root = keccak256(length, 8 bytes little endian ‖ keccak256 of each chunk)
#pragma once

#include <vector>

#include "valence/base/base.hpp"

namespace valence::compute {

inline constexpr std::size_t kTransportChunk = std::size_t{256} * 1024;

struct Manifest {
    /// Bytes of the file; at least 1.
    std::uint64_t length = 0;
    /// keccak256 of each chunk; all chunks but the last are kTransportChunk long.
    std::vector<Hash> chunks;
    bool operator==(const Manifest&) const = default;

    /// Bytes of chunk `index`.
    std::uint64_t chunk_bytes(std::uint64_t index) const {
        return std::min<std::uint64_t>(kTransportChunk, length - index * kTransportChunk);
    }
};

/// How many chunks a file has.
constexpr std::uint64_t transport_chunks(std::uint64_t length) {
    return (length + kTransportChunk - 1) / kTransportChunk;
}

Manifest make_manifest(BytesView file);

/// That there are as many chunks as the length says, and at most `largest` bytes: bad_manifest, too_large.
Result<void> check_manifest(const Manifest& manifest, std::uint64_t largest);

/// What names a file: an upload goes by it.
Hash manifest_root(const Manifest& manifest);

/// The bytes the root is the hash of, and back; bad_manifest for anything else.
Bytes encode_manifest(const Manifest& manifest);
Result<Manifest> decode_manifest(BytesView bytes);

}  // namespace valence::compute
