#include "valence/node/snapshot/snapshot_reader.hpp"

#include <fstream>

#include "valence/chain/beacon.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/sequencer/stored_receipts.hpp"

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

}  // namespace

SnapshotReader::SnapshotReader(std::unique_ptr<std::istream> file, std::uint64_t size, std::string name)
    : file_(std::move(file)), left_(size), name_(std::move(name)) {}

SnapshotReader SnapshotReader::of_file(const std::filesystem::path& file) {
    std::error_code failure;
    const auto size = std::filesystem::file_size(file, failure);
    return {std::make_unique<std::ifstream>(file, std::ios::binary), failure ? 0 : size, file.string()};
}

Result<std::pair<SnapshotFrame, RlpReader>> SnapshotReader::frame(SnapshotFrame first, SnapshotFrame last) {
    const auto least = static_cast<std::size_t>(first);
    const auto most = static_cast<std::size_t>(last);
    if (!*file_) return Error{SnapshotError::io, name_};
    if (left_ < 4) return malformed("it ends early");
    std::array<std::uint8_t, 4> length{};
    file_->read(reinterpret_cast<char*>(length.data()), length.size());
    left_ -= 4;
    std::size_t size = 0;
    for (const auto byte : length)
        size = size << 8 | byte;
    // Before it is read: a length says nothing of what follows.
    if (size > *std::max_element(&kLargestFrame[least], &kLargestFrame[most] + 1))
        return malformed("a frame of " + std::to_string(size) + " bytes");
    if (size > left_) return malformed("it ends early");
    payload_.resize(size);
    file_->read(reinterpret_cast<char*>(payload_.data()), static_cast<std::streamsize>(size));
    left_ -= size;
    if (!*file_) return Error{SnapshotError::io, name_};
    BOOST_OUTCOME_TRY(auto list, decoded(RlpReader::of_list(payload_), "a frame that is no list"));
    BOOST_OUTCOME_TRY(const auto kind, decoded(list.u64(), "a frame without a kind"));
    if (kind < least || kind > most) return malformed("frames out of order");
    if (size > kLargestFrame[kind]) return malformed("a frame of " + std::to_string(size) + " bytes");
    return std::pair{static_cast<SnapshotFrame>(kind), list};
}

Result<RlpReader> SnapshotReader::frame(SnapshotFrame kind) {
    BOOST_OUTCOME_TRY(const auto found, frame(kind, kind));
    return found.second;
}

Result<SnapshotInfo> SnapshotReader::start() {
    auto read = read_start();
    // What does not even begin as one is none.
    if (!read && read.error() == Error{SnapshotError::malformed})
        return Error{SnapshotError::unknown_format, name_};
    return read;
}

Result<SnapshotInfo> SnapshotReader::read_start() {
    BOOST_OUTCOME_TRY(auto fields, frame(SnapshotFrame::start));
    BOOST_OUTCOME_TRY(const auto mark, decoded(fields.bytes(), "start"));
    BOOST_OUTCOME_TRY(const auto version, decoded(fields.u64(), "start"));
    if (!base::equal(mark, base::as_bytes(kSnapshotMark))) return malformed("start");
    if (version != kSnapshotVersion)
        return Error{SnapshotError::unknown_format, "version " + std::to_string(version)};
    BOOST_OUTCOME_TRY(info_.genesis_hash, decoded(fields.fixed<Hash>(), "start"));
    BOOST_OUTCOME_TRY(info_.number, decoded(fields.u64(), "start"));
    BOOST_OUTCOME_TRY(info_.hash, decoded(fields.fixed<Hash>(), "start"));
    if (!fields.at_end()) return malformed("start");
    return info_;
}

Result<std::vector<SnapshotAncestor>> SnapshotReader::ancestors() {
    BOOST_OUTCOME_TRY(auto headers, frame(SnapshotFrame::ancestors));
    std::vector<SnapshotAncestor> list;
    const auto count = std::min(kSnapshotAncestors, info_.number);
    while (list.size() < count) {
        BOOST_OUTCOME_TRY(const auto item, decoded(headers.item(), "ancestors"));
        BOOST_OUTCOME_TRY(auto header, decoded(chain::decode_header(item.encoded), "ancestors"));
        list.push_back({std::move(header), crypto::keccak256(item.encoded)});
    }
    if (!headers.at_end()) return malformed("ancestors");
    return list;
}

Result<SnapshotBlock> SnapshotReader::block() {
    BOOST_OUTCOME_TRY(auto fields, frame(SnapshotFrame::block));
    BOOST_OUTCOME_TRY(const auto encoded, decoded(fields.bytes(), "block"));
    BOOST_OUTCOME_TRY(const auto outcomes, decoded(fields.bytes(), "block"));
    BOOST_OUTCOME_TRY(const auto beacon, decoded(fields.bytes(), "block"));
    BOOST_OUTCOME_TRY(const auto receipts, decoded(fields.bytes(), "block"));
    if (!fields.at_end() || (!beacon.empty() && beacon.size() != chain::BeaconSignature::kSize))
        return malformed("block");
    SnapshotBlock out;
    auto& block = out.block;
    BOOST_OUTCOME_TRY(block.block, decoded(chain::decode_block(encoded), "block"));
    block.hash = chain::header_hash(block.block.header);
    // Before the rest is taken apart: it is of this block or of none.
    if (block.hash != info_.hash || block.number() != info_.number)
        return Error{SnapshotError::other_block, "it holds " + base::to_hex_prefixed(block.hash)};
    BOOST_OUTCOME_TRY(block.outcomes, decoded(outcome::decode_settled(outcomes), "outcomes"));
    BOOST_OUTCOME_TRY(auto kept, decoded(sequencer::decode_stored_receipts(receipts), "receipts"));
    if (!beacon.empty()) block.beacon = base::from_exact<chain::BeaconSignature>(beacon);
    block.total_difficulty = kept.total_difficulty;
    block.receipts = std::move(kept.receipts);
    block.rlp_size = encoded.size();
    out.senders = std::move(kept.senders);
    out.encoded = base::to_bytes(encoded);
    return out;
}

Result<std::optional<state::StateChanges>> SnapshotReader::accounts() {
    BOOST_OUTCOME_TRY(auto found, frame(SnapshotFrame::accounts, SnapshotFrame::end));
    auto& [kind, content] = found;
    if (kind == SnapshotFrame::accounts) {
        BOOST_OUTCOME_TRY(auto changes, read_accounts(content));
        return std::optional{std::move(changes)};
    }
    BOOST_OUTCOME_TRY(const auto accounts, decoded(content.u64(), "end"));
    BOOST_OUTCOME_TRY(const auto slots, decoded(content.u64(), "end"));
    if (!content.at_end() || accounts != progress_.accounts || slots != progress_.slots)
        return malformed("the end counts otherwise");
    if (left_ > 0) return malformed("it goes on after its end");
    return std::optional<state::StateChanges>{};
}

Result<state::StateChanges> SnapshotReader::read_accounts(RlpReader frame) {
    if (progress_.weight && *progress_.weight < kFullFrame) return malformed("a frame that ends early");
    progress_.weight = 0;
    state::StateChanges changes;
    while (!frame.at_end()) {
        BOOST_OUTCOME_TRY(const auto entry, decoded(frame.list(), "accounts"));
        BOOST_OUTCOME_TRYV(read_account(entry, changes));
    }
    if (changes.accounts.empty()) return malformed("a frame without accounts");
    return changes;
}

Result<void> SnapshotReader::weigh(std::size_t weight) {
    if (*progress_.weight >= kFullFrame) return malformed("a frame that is more than full");
    *progress_.weight += weight;
    return success();
}

Result<void> SnapshotReader::read_account(RlpReader entry, state::StateChanges& changes) {
    BOOST_OUTCOME_TRY(const auto address, decoded(entry.fixed<Address>(), "accounts"));
    state::Account account;
    BOOST_OUTCOME_TRY(account.nonce, decoded(entry.u64(), "accounts"));
    BOOST_OUTCOME_TRY(account.balance, decoded(entry.u256(), "accounts"));
    BOOST_OUTCOME_TRY(const auto code, decoded(entry.bytes(), "accounts"));
    BOOST_OUTCOME_TRY(const auto slots, decoded(entry.list(), "accounts"));
    if (!entry.at_end()) return malformed("accounts");
    BOOST_OUTCOME_TRYV(weigh(kAccountWeight + code.size()));

    if (progress_.address == address && changes.accounts.empty()) {
        const auto& before = progress_.account;
        if (account.nonce != before.nonce || account.balance != before.balance || !code.empty() ||
            slots.at_end())
            return malformed("an account that goes on as another");
        account = before;
    } else {
        if (progress_.address && address <= *progress_.address) return malformed("accounts out of order");
        ++progress_.accounts;
        progress_.slot.reset();
        account.code_hash = crypto::keccak256(code);
    }
    progress_.address = address;
    progress_.account = account;
    auto& change = changes.accounts[address];
    change.account = account;
    if (!code.empty())
        changes.code.emplace(account.code_hash, std::make_shared<const Bytes>(base::to_bytes(code)));
    return read_slots(slots, change);
}

Result<void> SnapshotReader::read_slots(RlpReader slots, state::AccountChange& change) {
    while (!slots.at_end()) {
        BOOST_OUTCOME_TRY(auto pair, decoded(slots.list(), "slots"));
        BOOST_OUTCOME_TRY(const auto slot, decoded(pair.u256(), "slots"));
        BOOST_OUTCOME_TRY(const auto value, decoded(pair.u256(), "slots"));
        if (!pair.at_end() || value.is_zero()) return malformed("slots");
        if (progress_.slot && slot <= *progress_.slot) return malformed("slots out of order");
        BOOST_OUTCOME_TRYV(weigh(kSlotWeight));
        progress_.slot = slot;
        change.storage.emplace_hint(change.storage.end(), slot, value);
        ++progress_.slots;
    }
    return success();
}

}  // namespace valence::node
