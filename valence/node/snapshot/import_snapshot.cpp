#include "valence/node/snapshot/import_snapshot.hpp"

#include "valence/chain/validate_block.hpp"
#include "valence/node/beacon_verifier.hpp"
#include "valence/node/snapshot/snapshot_reader.hpp"
#include "valence/sequencer/ancestor_rows.hpp"
#include "valence/sequencer/block_store.hpp"
#include "valence/state/memory_state.hpp"
#include "valence/state/state_database.hpp"

namespace valence::node {
namespace {

/// Block 0 as the genesis file makes it.
sequencer::StoredBlock genesis_block(const chain::Genesis& genesis) {
    state::MemoryState state;
    state.apply(chain::genesis_changes(genesis));
    sequencer::StoredBlock block;
    block.block = chain::genesis_block(genesis, state.root());
    block.hash = chain::header_hash(block.block.header);
    block.total_difficulty = genesis.difficulty;
    return block;
}

/// Checks that each header is the parent of the one before it; answers what the block store is to know of
/// them.
Result<state::KeyValueBatch> link(std::span<const SnapshotAncestor> ancestors, const SnapshotInfo& info,
                                  Hash parent_hash) {
    state::KeyValueBatch rows;
    auto number = info.number;
    for (const auto& [header, hash] : ancestors) {
        --number;
        if (header.number != number || hash != parent_hash || (number == 0 && hash != info.genesis_hash))
            return Error{SnapshotError::not_linked, "block " + std::to_string(number)};
        parent_hash = header.parent_hash;
        // Block 0 is known whole.
        if (number == 0) continue;
        auto known = sequencer::ancestor_rows(header, hash);
        std::move(known.begin(), known.end(), std::back_inserter(rows));
    }
    return rows;
}

Result<void> check_beacon(const chain::RuleSet& rules, const sequencer::StoredBlock& block) {
    BOOST_OUTCOME_TRYV(chain::validate_beacon_mix(rules, block.block.header, block.beacon,
                                                  chain::da_header_hash(rules, block.block)));
    BOOST_OUTCOME_TRY(const auto verifier, BeaconVerifier::of(rules));
    return verifier ? verifier->verify({block.number(), *block.beacon}) : success();
}

Result<void> check_receipts(const sequencer::StoredBlock& block, std::span<const Address> senders) {
    const auto& transactions = block.block.transactions;
    if (block.receipts.size() != transactions.size() || senders.size() != transactions.size() ||
        chain::receipts_root(block.receipts) != block.block.header.receipts_root)
        return Error{chain::ChainError::receipts_root_wrong};
    for (std::size_t i = 0; i < senders.size(); ++i) {
        const auto& transaction = transactions[i];
        // Nobody signed a system transaction: it says itself whom it is from.
        BOOST_OUTCOME_TRY(const auto sender, transaction.is_system() ? Result<Address>{transaction.from}
                                                                     : chain::recover_sender(transaction));
        if (sender != senders[i])
            return Error{chain::ChainError::signature_invalid, "transaction " + std::to_string(i)};
    }
    return success();
}

/// Whether all that comes with a block is what its header commits to.
Result<void> check_block(const chain::RuleSet& rules, const sequencer::StoredBlock& block,
                         std::span<const Address> senders) {
    BOOST_OUTCOME_TRYV(chain::validate_body(rules, block.block));
    BOOST_OUTCOME_TRYV(check_receipts(block, senders));
    // The genesis makes block 0, without a beacon and with extra data of its own.
    if (block.number() == 0) {
        if (block.beacon) return Error{chain::ChainError::beacon_unexpected};
    } else {
        BOOST_OUTCOME_TRYV(check_beacon(rules, block));
    }
    if (!rules.inference || block.number() == 0) {
        if (!block.outcomes.empty()) return Error{chain::ChainError::outcome_unused};
    } else if (!base::equal(block.block.header.extra_data, outcome::outcomes_root(block.outcomes))) {
        return Error{chain::ChainError::outcomes_root_wrong};
    }
    return success();
}

std::vector<sequencer::TransactionFacts> facts_of(const SnapshotBlock& read) {
    std::vector<Hash> hashes;
    for (const auto& transaction : read.block.block.transactions)
        hashes.push_back(chain::transaction_hash(transaction));
    return sequencer::derive_facts(read.block.block, read.block.receipts, read.senders, hashes);
}

/// A folder with a chain: whether it is one that the trusted block is in, as far as it has come.
Error in_use(const std::filesystem::path& folder, const sequencer::BlockStore& blocks,
             const SnapshotInfo& info) {
    const auto own = blocks.canonical_hash(info.number);
    if (!own || own == info.hash) return {SnapshotError::folder_in_use, folder.string()};
    return {SnapshotError::other_block, "the chain in " + folder.string() + " has " +
                                            base::to_hex_prefixed(*own) + " as block " +
                                            std::to_string(info.number)};
}

}  // namespace

Result<SnapshotInfo> read_snapshot_info(const std::filesystem::path& file) {
    return SnapshotReader::of_file(file).start();
}

Result<SnapshotInfo> import_snapshot(const chain::Genesis& genesis, const std::filesystem::path& folder,
                                     const std::filesystem::path& file, const Hash& trusted_hash) {
    auto reader = SnapshotReader::of_file(file);
    BOOST_OUTCOME_TRY(const auto info, reader.start());
    // The total difficulty of others cannot be checked.
    if (genesis.rules.terminal_total_difficulty != U256{})
        return Error{SnapshotError::block_invalid,
                     "only chains that were merged from the beginning have snapshots"};
    const auto first = genesis_block(genesis);
    if (info.genesis_hash != first.hash || (info.number == 0 && info.hash != first.hash))
        return Error{SnapshotError::other_genesis, base::to_hex_prefixed(info.genesis_hash)};
    if (info.hash != trusted_hash)
        return Error{SnapshotError::other_block,
                     base::to_hex_prefixed(info.hash) + ", not " + base::to_hex_prefixed(trusted_hash)};

    BOOST_OUTCOME_TRY(const auto ancestors, reader.ancestors());
    BOOST_OUTCOME_TRY(auto read, reader.block());
    auto& block = read.block;
    if (const auto checked = check_block(genesis.rules, block, read.senders); !checked)
        return Error{SnapshotError::block_invalid, checked.error().message()};
    block.total_difficulty = genesis.difficulty;
    block.facts = facts_of(read);
    BOOST_OUTCOME_TRY(auto rows, link(ancestors, info, block.block.header.parent_hash));

    state::StateOptions options;
    options.folder = folder / "chain";
    std::error_code ignored;
    std::filesystem::create_directories(*options.folder, ignored);
    BOOST_OUTCOME_TRY(const auto database, state::StateDatabase::open(options));
    const sequencer::BlockStore blocks(database->chain());
    if (database->head()) return in_use(folder, blocks, info);
    for (;;) {
        BOOST_OUTCOME_TRY(const auto accounts, reader.accounts());
        if (!accounts) break;
        BOOST_OUTCOME_TRYV(database->load(*accounts));
    }
    const auto prepared = database->prepare({});
    if (prepared.state_root() != block.block.header.state_root)
        return Error{SnapshotError::state_root_wrong,
                     "have " + base::to_hex_prefixed(prepared.state_root()) + ", want " +
                         base::to_hex_prefixed(block.block.header.state_root)};

    state::KeyValueBatch writes;
    const auto add = [&writes](state::KeyValueBatch batch) {
        std::move(batch.begin(), batch.end(), std::back_inserter(writes));
    };
    if (info.number > 0) add(blocks.adopt(first, chain::encode_block(first.block)));
    add(std::move(rows));
    add(blocks.adopt(block, std::move(read.encoded)));
    BOOST_OUTCOME_TRYV(database->commit(info.number, info.hash, prepared, writes));
    return info;
}

}  // namespace valence::node
