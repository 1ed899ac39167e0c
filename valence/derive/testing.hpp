// What the tests of derivation share: blocks that only need to have numbers, and who signs their batches.
#pragma once

#include "valence/chain/beacon.hpp"
#include "valence/derive/derive.hpp"

namespace valence::derive::testing {

inline const Hash kGenesis = "0x4747474747474747474747474747474747474747474747474747474747474747"_hash;

/// Versions of a block differ in their extra data.
inline BatchBlock block(std::uint64_t number, std::uint8_t version = 0) {
    BatchBlock out;
    out.block.header.number = number;
    out.block.header.extra_data = Bytes(32, version);
    return out;
}

inline Bytes batch_of(std::span<const BatchBlock> blocks) { return encode_blocks(blocks).value(); }

inline const crypto::bls::SecretKey& sequencer() { return chain::development_beacon_key(); }
inline crypto::bls::SecretKey somebody() {
    return *crypto::bls::SecretKey::generate(base::as_bytes("somebody else, with 32 bytes of noise"));
}

/// The blobs of a batch with these blocks.
inline std::vector<Bytes> blobs_of(std::span<const BatchBlock> blocks,
                                   const crypto::bls::SecretKey& key = sequencer()) {
    const auto batch = batch_of(blocks);
    const auto head = head_of(batch, BatchKind::blocks, blocks.front().block.header.number,
                              blocks.back().block.header.number);
    return cut(batch, head, kGenesis, key);
}

/// Bytes that do not compress.
inline Bytes noise(std::size_t size) {
    Bytes out(size);
    std::uint64_t state = 0x9e3779b97f4a7c15;
    for (auto& byte : out) {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        byte = static_cast<std::uint8_t>(state);
    }
    return out;
}

}  // namespace valence::derive::testing
