#include "valence/node/snapshot/import_snapshot.hpp"

#include <fstream>

#include "valence/chain/validate_block.hpp"
#include "valence/codec/rlp.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/node/beacon_verifier.hpp"
#include "valence/sequencer/ancestor_rows.hpp"
#include "valence/sequencer/block_store.hpp"
#include "valence/sequencer/stored_receipts.hpp"
#include "valence/state/memory_state.hpp"
#include "valence/state/state_database.hpp"

namespace valence::node {
namespace {

using codec::RlpReader;

Error malformed(std::string_view what) { return {SnapshotError::malformed, std::string{what}}; }

/// What is wrong with the encoding of a frame says less than that it is.
template <typename T>
Result<T> decoded(Result<T> result, std::string_view what) {
    if (!result) return malformed(what);
    return result;
}

/// Frames out of a file, one at a time.
class Frames {
public:
    explicit Frames(const std::filesystem::path& path) : path_(path), file_(path, std::ios::binary) {
        std::error_code failure;
        left_ = std::filesystem::file_size(path, failure);
        if (failure) left_ = 0;
    }

    /// The next frame, which must be of this kind.
    Result<RlpReader> expect(SnapshotFrame kind) {
        BOOST_OUTCOME_TRY(const auto found, next());
        if (found.first != kind) return malformed("frames out of order");
        return found.second;
    }
    /// The next frame; what it reads lasts until the next call.
    Result<std::pair<SnapshotFrame, RlpReader>> next() {
        if (!file_) return Error{SnapshotError::io, path_.string()};
        if (left_ < 4) return malformed("it ends early");
        std::array<std::uint8_t, 4> length{};
        file_.read(reinterpret_cast<char*>(length.data()), length.size());
        left_ -= 4;
        std::size_t size = 0;
        for (const auto byte : length)
            size = size << 8 | byte;
        if (size > kLargestFrame) return malformed("a frame of " + std::to_string(size) + " bytes");
        if (size > left_) return malformed("it ends early");
        payload_.resize(size);
        file_.read(reinterpret_cast<char*>(payload_.data()), static_cast<std::streamsize>(size));
        left_ -= size;
        if (!file_) return Error{SnapshotError::io, path_.string()};
        BOOST_OUTCOME_TRY(auto list, decoded(RlpReader::of_list(payload_), "a frame that is no list"));
        BOOST_OUTCOME_TRY(const auto kind, decoded(list.u64(), "a frame without a kind"));
        if (kind > static_cast<std::uint64_t>(SnapshotFrame::end)) return malformed("a frame of no kind");
        return std::pair{static_cast<SnapshotFrame>(kind), list};
    }
    bool at_end() const { return left_ == 0; }

private:
    const std::filesystem::path path_;
    std::ifstream file_;
    std::uintmax_t left_ = 0;
    Bytes payload_;
};

Result<SnapshotInfo> read_start(RlpReader frame) {
    const auto mark = frame.bytes();
    const auto version = frame.u64();
    if (!mark || !base::equal(mark.value(), base::as_bytes(kSnapshotMark)) || !version)
        return Error{SnapshotError::unknown_format};
    if (version.value() != kSnapshotVersion)
        return Error{SnapshotError::unknown_format, "version " + std::to_string(version.value())};
    SnapshotInfo info;
    BOOST_OUTCOME_TRY(info.genesis_hash, decoded(frame.fixed<Hash>(), "start"));
    BOOST_OUTCOME_TRY(info.number, decoded(frame.u64(), "start"));
    BOOST_OUTCOME_TRY(info.hash, decoded(frame.fixed<Hash>(), "start"));
    if (!frame.at_end()) return malformed("start");
    return info;
}

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
Result<state::KeyValueBatch> link_ancestors(RlpReader frame, const SnapshotInfo& info, Hash parent_hash) {
    state::KeyValueBatch rows;
    const auto count = std::min(kSnapshotAncestors, info.number);
    for (std::uint64_t back = 1; back <= count; ++back) {
        BOOST_OUTCOME_TRY(const auto item, decoded(frame.item(), "ancestors"));
        BOOST_OUTCOME_TRY(const auto header, decoded(chain::decode_header(item.encoded), "ancestors"));
        const auto hash = crypto::keccak256(item.encoded);
        const auto number = info.number - back;
        if (header.number != number || hash != parent_hash || (number == 0 && hash != info.genesis_hash))
            return Error{SnapshotError::not_linked, "block " + std::to_string(number)};
        parent_hash = header.parent_hash;
        // Block 0 is known whole.
        if (number == 0) continue;
        auto known = sequencer::ancestor_rows(header, hash);
        std::move(known.begin(), known.end(), std::back_inserter(rows));
    }
    if (!frame.at_end()) return malformed("ancestors");
    return rows;
}

Error invalid(const Error& why) { return {SnapshotError::block_invalid, why.message()}; }

Result<void> check_beacon(const chain::RuleSet& rules, const sequencer::StoredBlock& block) {
    BOOST_OUTCOME_TRYV(chain::validate_beacon_mix(rules, block.block.header, block.beacon,
                                                  chain::da_header_hash(rules, block.block)));
    BOOST_OUTCOME_TRY(const auto verifier, BeaconVerifier::of(rules));
    return verifier ? verifier->verify({block.number(), *block.beacon}) : success();
}

Result<void> check_block(const chain::RuleSet& rules, const sequencer::StoredBlock& block,
                         std::span<const Address> senders) {
    const auto& header = block.block.header;
    BOOST_OUTCOME_TRYV(chain::validate_body(rules, block.block));
    BOOST_OUTCOME_TRYV(check_beacon(rules, block));
    if (rules.inference && !base::equal(header.extra_data, outcome::outcomes_root(block.outcomes)))
        return Error{chain::ChainError::outcomes_root_wrong};
    if (!rules.inference && !block.outcomes.empty()) return Error{chain::ChainError::outcome_unused};
    if (block.receipts.size() != block.block.transactions.size() || senders.size() != block.receipts.size() ||
        chain::receipts_root(block.receipts) != header.receipts_root)
        return Error{chain::ChainError::receipts_root_wrong};
    for (std::size_t i = 0; i < senders.size(); ++i) {
        const auto& transaction = block.block.transactions[i];
        // Nobody signed a system transaction: it says itself whom it is from.
        BOOST_OUTCOME_TRY(const auto sender, transaction.is_system() ? Result<Address>{transaction.from}
                                                                     : chain::recover_sender(transaction));
        if (sender != senders[i])
            return Error{chain::ChainError::signature_invalid, "transaction " + std::to_string(i)};
    }
    return success();
}

struct ReadBlock {
    sequencer::StoredBlock block;
    Bytes encoded;
};

Result<ReadBlock> read_block(const chain::RuleSet& rules, RlpReader frame, const SnapshotInfo& info) {
    BOOST_OUTCOME_TRY(const auto encoded, decoded(frame.bytes(), "block"));
    BOOST_OUTCOME_TRY(const auto outcomes, decoded(frame.bytes(), "block"));
    BOOST_OUTCOME_TRY(const auto beacon, decoded(frame.bytes(), "block"));
    BOOST_OUTCOME_TRY(const auto receipts, decoded(frame.bytes(), "block"));
    if (!frame.at_end() || (!beacon.empty() && beacon.size() != chain::BeaconSignature::kSize))
        return malformed("block");
    ReadBlock out;
    auto& block = out.block;
    BOOST_OUTCOME_TRY(block.block, decoded(chain::decode_block(encoded), "block"));
    BOOST_OUTCOME_TRY(block.outcomes, decoded(outcome::decode_settled(outcomes), "outcomes"));
    BOOST_OUTCOME_TRY(auto kept, decoded(sequencer::decode_stored_receipts(receipts), "receipts"));
    if (!beacon.empty()) block.beacon = base::from_exact<chain::BeaconSignature>(beacon);
    block.hash = chain::header_hash(block.block.header);
    if (block.hash != info.hash || block.number() != info.number)
        return Error{SnapshotError::other_block, "it holds " + base::to_hex_prefixed(block.hash)};
    block.receipts = std::move(kept.receipts);
    if (const auto checked = check_block(rules, block, kept.senders); !checked)
        return invalid(checked.error());
    std::vector<Hash> hashes;
    for (const auto& transaction : block.block.transactions)
        hashes.push_back(chain::transaction_hash(transaction));
    block.facts = sequencer::derive_facts(block.block, block.receipts, kept.senders, hashes);
    block.rlp_size = encoded.size();
    out.encoded = base::to_bytes(encoded);
    return out;
}

/// Reads accounts in their order into a database that has no block yet.
class StateLoader {
public:
    explicit StateLoader(state::StateDatabase& database) : database_(database) {}

    Result<void> take(RlpReader frame) {
        state::StateChanges changes;
        while (!frame.at_end()) {
            BOOST_OUTCOME_TRY(auto entry, decoded(frame.list(), "accounts"));
            BOOST_OUTCOME_TRYV(take_account(entry, changes));
        }
        if (changes.accounts.empty()) return malformed("a frame without accounts");
        return database_.load(changes);
    }
    std::uint64_t accounts() const { return accounts_; }
    std::uint64_t slots() const { return slots_; }

private:
    Result<void> take_account(RlpReader entry, state::StateChanges& changes) {
        BOOST_OUTCOME_TRY(const auto address, decoded(entry.fixed<Address>(), "accounts"));
        state::Account account;
        BOOST_OUTCOME_TRY(account.nonce, decoded(entry.u64(), "accounts"));
        BOOST_OUTCOME_TRY(account.balance, decoded(entry.u256(), "accounts"));
        BOOST_OUTCOME_TRY(const auto code, decoded(entry.bytes(), "accounts"));
        BOOST_OUTCOME_TRY(auto slots, decoded(entry.list(), "accounts"));
        if (!entry.at_end()) return malformed("accounts");
        account.code_hash = crypto::keccak256(code);

        const bool goes_on = last_ && *last_ == address && changes.accounts.empty() && code.empty();
        if (goes_on) {
            if (account.nonce != last_account_.nonce || account.balance != last_account_.balance)
                return malformed("an account that goes on as another");
            account = last_account_;
        } else {
            if (last_ && address <= *last_) return malformed("accounts out of order");
            ++accounts_;
            last_slot_.reset();
        }
        last_ = address;
        last_account_ = account;
        auto& change = changes.accounts[address];
        change.account = account;
        if (!code.empty())
            changes.code.emplace(account.code_hash, std::make_shared<const Bytes>(base::to_bytes(code)));
        while (!slots.at_end()) {
            BOOST_OUTCOME_TRY(auto pair, decoded(slots.list(), "slots"));
            BOOST_OUTCOME_TRY(const auto slot, decoded(pair.u256(), "slots"));
            BOOST_OUTCOME_TRY(const auto value, decoded(pair.u256(), "slots"));
            if (!pair.at_end() || value.is_zero()) return malformed("slots");
            if (last_slot_ && slot <= *last_slot_) return malformed("slots out of order");
            last_slot_ = slot;
            change.storage.emplace_hint(change.storage.end(), slot, value);
            ++slots_;
        }
        return success();
    }

    state::StateDatabase& database_;
    std::optional<Address> last_;
    state::Account last_account_;
    std::optional<U256> last_slot_;
    std::uint64_t accounts_ = 0;
    std::uint64_t slots_ = 0;
};

Result<void> load_state(Frames& frames, state::StateDatabase& database) {
    StateLoader loader(database);
    for (;;) {
        BOOST_OUTCOME_TRY(auto frame, frames.next());
        auto& [kind, content] = frame;
        if (kind == SnapshotFrame::accounts) {
            BOOST_OUTCOME_TRYV(loader.take(content));
            continue;
        }
        if (kind != SnapshotFrame::end) return malformed("frames out of order");
        BOOST_OUTCOME_TRY(const auto accounts, decoded(content.u64(), "end"));
        BOOST_OUTCOME_TRY(const auto slots, decoded(content.u64(), "end"));
        if (!content.at_end() || accounts != loader.accounts() || slots != loader.slots())
            return malformed("the end counts otherwise");
        if (!frames.at_end()) return malformed("it goes on after its end");
        return success();
    }
}

}  // namespace

Result<SnapshotInfo> read_snapshot_info(const std::filesystem::path& file) {
    Frames frames(file);
    const auto start = frames.expect(SnapshotFrame::start);
    if (!start) {
        const bool is_other = start.error() == Error{SnapshotError::malformed};
        return is_other ? Error{SnapshotError::unknown_format, file.string()} : start.error();
    }
    return read_start(start.value());
}

Result<SnapshotInfo> import_snapshot(const chain::Genesis& genesis, const std::filesystem::path& folder,
                                     const std::filesystem::path& file, const Hash& trusted_hash) {
    BOOST_OUTCOME_TRY(const auto info, read_snapshot_info(file));
    // The total difficulty of others cannot be checked.
    if (genesis.rules.terminal_total_difficulty != U256{})
        return Error{SnapshotError::block_invalid,
                     "only chains that were merged from the beginning have snapshots"};
    const auto first = genesis_block(genesis);
    if (info.genesis_hash != first.hash)
        return Error{SnapshotError::other_genesis, base::to_hex_prefixed(info.genesis_hash)};
    if (info.hash != trusted_hash)
        return Error{SnapshotError::other_block,
                     base::to_hex_prefixed(info.hash) + ", not " + base::to_hex_prefixed(trusted_hash)};

    Frames frames(file);
    BOOST_OUTCOME_TRYV(frames.expect(SnapshotFrame::start));
    // Headers come before the block they lead to: what it names is looked at when it is there.
    BOOST_OUTCOME_TRY(const auto ancestors, frames.expect(SnapshotFrame::ancestors));
    const auto kept = base::to_bytes(ancestors.rest());
    BOOST_OUTCOME_TRY(const auto block_frame, frames.expect(SnapshotFrame::block));
    BOOST_OUTCOME_TRY(auto read, read_block(genesis.rules, block_frame, info));
    auto& block = read.block;
    block.total_difficulty = genesis.difficulty;
    BOOST_OUTCOME_TRY(auto rows, link_ancestors(RlpReader{kept}, info, block.block.header.parent_hash));

    state::StateOptions options;
    options.folder = folder / "chain";
    std::error_code ignored;
    std::filesystem::create_directories(*options.folder, ignored);
    BOOST_OUTCOME_TRY(const auto database, state::StateDatabase::open(options));
    if (database->head()) return Error{SnapshotError::folder_in_use, folder.string()};
    BOOST_OUTCOME_TRYV(load_state(frames, *database));
    const auto prepared = database->prepare({});
    if (prepared.state_root() != block.block.header.state_root)
        return Error{SnapshotError::state_root_wrong,
                     "have " + base::to_hex_prefixed(prepared.state_root()) + ", want " +
                         base::to_hex_prefixed(block.block.header.state_root)};

    const sequencer::BlockStore blocks(database->chain());
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
