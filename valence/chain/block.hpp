// Block: header, transactions, ommers, withdrawals, in Ethereum's encoding.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "valence/chain/receipt.hpp"
#include "valence/chain/transaction.hpp"

namespace valence::chain {

/// keccak256(rlp([])): the ommers hash of a block without ommers.
inline constexpr auto kEmptyOmmersHash =
    "0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347"_hash;
/// sha256(""): the requests hash of a block without requests (EIP-7685).
inline constexpr auto kEmptyRequestsHash =
    "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"_hash;

struct Header {
    Hash parent_hash;
    Hash ommers_hash = kEmptyOmmersHash;
    Address coinbase;
    Hash state_root;
    Hash transactions_root;
    Hash receipts_root;
    Bloom logs_bloom;
    U256 difficulty;
    std::uint64_t number = 0;
    std::uint64_t gas_limit = 0;
    std::uint64_t gas_used = 0;
    /// Seconds since the epoch.
    std::uint64_t timestamp = 0;
    Bytes extra_data;
    /// PREVRANDAO since Paris.
    Hash mix_hash;
    std::array<std::uint8_t, 8> nonce{};

    // Each fork's header has all fields of the forks before it.
    /// London (EIP-1559), wei per gas.
    std::optional<U256> base_fee;
    /// Shanghai (EIP-4895)
    std::optional<Hash> withdrawals_root;
    /// Cancun (EIP-4844, EIP-4788)
    std::optional<std::uint64_t> blob_gas_used;
    std::optional<std::uint64_t> excess_blob_gas;
    std::optional<Hash> parent_beacon_block_root;
    /// Prague (EIP-7685)
    std::optional<Hash> requests_hash;

    bool operator==(const Header&) const = default;
};

/// A validator's withdrawal (EIP-4895).
struct Withdrawal {
    std::uint64_t index = 0;
    std::uint64_t validator_index = 0;
    Address address;
    /// Gwei.
    std::uint64_t amount = 0;
    bool operator==(const Withdrawal&) const = default;
};

struct Block {
    Header header;
    std::vector<Transaction> transactions;
    std::vector<Header> ommers;
    /// Since Shanghai.
    std::optional<std::vector<Withdrawal>> withdrawals;
    bool operator==(const Block&) const = default;
};

/// keccak256 of the header's RLP: the block's hash.
Hash header_hash(const Header& header);

void write_header(codec::RlpWriter& to, const Header& header);
Bytes encode_header(const Header& header);
/// From the header's RLP, nothing following it.
Result<Header> decode_header(BytesView bytes);

Bytes encode_block(const Block& block);
/// The same from its transactions' canonical forms, for whoever has them already.
Bytes encode_block(const Block& block, std::span<const BytesView> transactions);
Result<Block> decode_block(BytesView bytes);

/// Roots of the lists a header commits to: tries whose keys are rlp(index).
Hash transactions_root(std::span<const Transaction> transactions);
Hash receipts_root(std::span<const Receipt> receipts);
Hash withdrawals_root(std::span<const Withdrawal> withdrawals);
/// keccak256 of the RLP list of ommers.
Hash ommers_hash(std::span<const Header> ommers);

}  // namespace valence::chain
