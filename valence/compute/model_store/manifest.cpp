#include "valence/compute/model_store/manifest.hpp"

#include <fmt/format.h>

#include "valence/compute/model_store/store_error.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::compute {
namespace {

constexpr std::size_t kLengthBytes = 8;

}  // namespace

Manifest make_manifest(BytesView file) {
    Manifest manifest{file.size(), {}};
    for (std::uint64_t i = 0; i < transport_chunks(file.size()); ++i)
        manifest.chunks.push_back(
            crypto::keccak256(file.subspan(i * kTransportChunk, manifest.chunk_bytes(i))));
    return manifest;
}

Result<void> check_manifest(const Manifest& manifest, std::uint64_t largest) {
    if (manifest.length > largest)
        return Error{StoreError::too_large,
                     fmt::format("a file of {} bytes, above {}", manifest.length, largest)};
    if (manifest.length == 0 || manifest.chunks.size() != transport_chunks(manifest.length))
        return Error{StoreError::bad_manifest, fmt::format("{} chunks for a file of {} bytes",
                                                           manifest.chunks.size(), manifest.length)};
    return success();
}

Hash manifest_root(const Manifest& manifest) { return crypto::keccak256(encode_manifest(manifest)); }

Bytes encode_manifest(const Manifest& manifest) {
    Bytes bytes;
    bytes.reserve(kLengthBytes + manifest.chunks.size() * Hash::kSize);
    for (std::size_t i = 0; i < kLengthBytes; ++i)
        bytes.push_back(static_cast<std::uint8_t>(manifest.length >> (8 * i)));
    for (const Hash& chunk : manifest.chunks)
        base::append(bytes, chunk);
    return bytes;
}

Result<Manifest> decode_manifest(BytesView bytes) {
    if (bytes.size() < kLengthBytes || (bytes.size() - kLengthBytes) % Hash::kSize != 0)
        return Error{StoreError::bad_manifest, fmt::format("{} bytes", bytes.size())};
    Manifest manifest;
    for (std::size_t i = 0; i < kLengthBytes; ++i)
        manifest.length |= std::uint64_t{bytes[i]} << (8 * i);
    for (std::size_t at = kLengthBytes; at < bytes.size(); at += Hash::kSize)
        manifest.chunks.push_back(base::from_exact<Hash>(bytes.subspan(at, Hash::kSize)));
    BOOST_OUTCOME_TRY(check_manifest(manifest, manifest.length));
    return manifest;
}

}  // namespace valence::compute
