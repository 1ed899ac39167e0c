// RuleSet: which rules hold at which block of a chain, and everything in which our chain differs from
// Ethereum. Code asks the rule set; nothing else in the project knows what chain it runs on.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "valence/chain/block.hpp"
#include "valence/chain/inference/inference_rules.hpp"
#include "valence/chain/system/system_rules.hpp"
#include "valence/crypto/bls_signature.hpp"
#include "valence/evm/revision.hpp"
#include "valence/evm/vm.hpp"

namespace valence::chain {

/// Ethereum's forks in order. Those to gray_glacier come at a block number, the later ones at a timestamp;
/// Paris, in between, comes with the terminal total difficulty.
enum class Fork : std::uint8_t {
    homestead,
    dao,
    tangerine_whistle,
    spurious_dragon,
    byzantium,
    constantinople,
    petersburg,
    istanbul,
    muir_glacier,
    berlin,
    london,
    arrow_glacier,
    gray_glacier,
    shanghai,
    cancun,
    prague,
    osaka,
    bpo1,
    bpo2,
    bpo3,
    bpo4,
    bpo5,
};
inline constexpr std::size_t kForkCount = 22;
inline constexpr auto kFirstTimeFork = Fork::shanghai;

/// What is known about a fork.
struct ForkFacts {
    Fork fork;
    std::string_view name;
    /// Its key in the "config" of a geth genesis file, and in that file's "blobSchedule" (empty: none there).
    std::string_view config_key;
    std::string_view blob_schedule_key;
    /// The machine's rules from here on; nothing when they stay as they were.
    std::optional<evm::Revision> revision;
};
std::span<const ForkFacts, kForkCount> all_forks();

/// Blob gas parameters (EIP-4844, EIP-7691, EIP-7892).
struct BlobParameters {
    /// Blobs in a block.
    std::uint64_t target = 0;
    std::uint64_t max = 0;
    std::uint64_t base_fee_update_fraction = 0;
    bool operator==(const BlobParameters&) const = default;
};

/// Ethereum's before The Merge or after.
enum class Consensus : std::uint8_t { proof_of_work, merged };

/// How a block's timestamp relates to its parent's.
enum class TimestampRule : std::uint8_t { after_parent, not_before_parent };
/// Whether a block's gas limit must lie within 1/1024 of its parent's.
enum class GasLimitRule : std::uint8_t { bounded_by_parent, free };
/// Whether the system contract calls around a block's transactions are made.
enum class SystemCalls : std::uint8_t { made, skipped };
/// Whether transactions with blobs (EIP-4844) can be in a block.
enum class BlobTransactions : std::uint8_t { accepted, refused };

struct RuleSet {
    std::string name = "custom";
    std::uint64_t chain_id = 1;

    /// Block number or timestamp of each fork, by its position in Fork; nothing: never.
    std::array<std::optional<std::uint64_t>, kForkCount> activation{};
    /// Paris; 0: from genesis on; nothing: never.
    std::optional<U256> terminal_total_difficulty;
    /// Where peers of before and after Paris parted; changes no rule, but belongs to the fork id (EIP-2124).
    std::optional<std::uint64_t> merge_netsplit_block;
    /// Blob parameters a fork brings, by its position; inherited from the fork before where there is nothing.
    std::array<std::optional<BlobParameters>, kForkCount> blob_parameters{};

    // ---- Fees (EIP-1559)
    U256 initial_base_fee = 1'000'000'000;
    std::uint64_t base_fee_change_denominator = 8;
    std::uint64_t elasticity_multiplier = 2;
    /// Wei per gas: the base fee never falls below. 0 on Ethereum.
    U256 min_base_fee;

    /// Whose logs are deposit requests (EIP-6110).
    Address deposit_contract = "0x00000000219ab540356cbb839cbe05303d7705fa"_address;

    /// Sizes of code (EIP-170, EIP-3860).
    evm::Limits limits;

    // ---- Where our chain differs from Ethereum
    /// Exact size of a header's extra data; nothing: at most 32 bytes.
    std::optional<std::size_t> extra_data_size;
    TimestampRule timestamp_rule = TimestampRule::after_parent;
    GasLimitRule gas_limit_rule = GasLimitRule::bounded_by_parent;
    /// EIP-4788
    SystemCalls beacon_root_call = SystemCalls::made;
    /// EIP-7002, EIP-7251 and the deposits of EIP-6110
    SystemCalls execution_requests = SystemCalls::made;
    BlobTransactions blob_transactions = BlobTransactions::accepted;
    /// Whose signature on its number each block carries (beacon.hpp); nothing: the mix hash is free.
    std::optional<crypto::bls::PublicKey> beacon_key;
    /// Contracts can call models; nothing: they cannot.
    std::optional<InferenceRules> inference;
    /// Blocks begin with system transactions; nothing: there are none.
    std::optional<SystemRules> system;

    std::optional<std::uint64_t>& at(Fork fork) { return activation[static_cast<std::size_t>(fork)]; }
    const std::optional<std::uint64_t>& at(Fork fork) const {
        return activation[static_cast<std::size_t>(fork)];
    }

    bool is_active(Fork fork, std::uint64_t number, std::uint64_t timestamp) const;
    /// The consensus of a block with this header: merged when there is a terminal difficulty and its own is
    /// 0.
    Consensus consensus(const Header& header) const;
    evm::Revision revision(std::uint64_t number, std::uint64_t timestamp, Consensus consensus) const;
    evm::Revision revision(const Header& header) const;
    /// As for a new block on top of a chain: merged wherever there is a terminal difficulty.
    evm::Revision revision(std::uint64_t number, std::uint64_t timestamp) const;
    /// Of a block at this time; nothing before Cancun.
    std::optional<BlobParameters> blobs_at(std::uint64_t number, std::uint64_t timestamp) const;
};

/// One fork's rules from genesis on, with Ethereum's parameters: what state tests run under.
RuleSet rules_of_revision(evm::Revision revision);

/// Ethereum mainnet.
RuleSet ethereum_mainnet();

/// Our chain: Osaka from genesis; the differences are documented in docs/chain.md. The beacon key is that of
/// development.
RuleSet valence_rules(std::uint64_t chain_id = 1986);

/// The name of a revision as Ethereum writes it ("Spurious Dragon").
std::string_view revision_name(evm::Revision revision);

}  // namespace valence::chain
