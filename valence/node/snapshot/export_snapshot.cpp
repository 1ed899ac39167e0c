#include "valence/node/snapshot/export_snapshot.hpp"

#include <fstream>

#include "valence/codec/rlp.hpp"
#include "valence/sequencer/block_store.hpp"
#include "valence/sequencer/stored_receipts.hpp"
#include "valence/state/state_database.hpp"

namespace valence::node {
namespace {

using codec::RlpWriter;

/// Frames into a file that has its name once it is whole.
class FrameFile {
public:
    explicit FrameFile(const std::filesystem::path& path) : path_(path), aside_(path) {
        aside_ += ".new";
        file_.open(aside_, std::ios::binary | std::ios::trunc);
    }
    ~FrameFile() {
        if (done_) return;
        file_.close();
        std::error_code ignored;
        std::filesystem::remove(aside_, ignored);
    }
    FrameFile(const FrameFile&) = delete;
    FrameFile& operator=(const FrameFile&) = delete;

    /// A list of the kind and what `rest` writes.
    void frame(SnapshotFrame kind, const std::function<void(RlpWriter&)>& rest) {
        RlpWriter w;
        w.list([&] {
            w.u64(static_cast<std::uint64_t>(kind));
            rest(w);
        });
        const auto payload = w.take();
        const auto size = payload.size();
        VALENCE_CHECK(size <= kLargestFrame);
        for (const int shift : {24, 16, 8, 0})
            file_.put(static_cast<char>(size >> shift));
        file_.write(reinterpret_cast<const char*>(payload.data()), static_cast<std::streamsize>(size));
        bytes_ += 4 + size;
    }
    bool works() const { return file_.good(); }
    std::uint64_t bytes() const { return bytes_; }

    Result<void> finish() {
        file_.close();
        std::error_code failure;
        if (file_) std::filesystem::rename(aside_, path_, failure);
        if (!file_ || failure) return Error{SnapshotError::io, path_.string()};
        done_ = true;
        return success();
    }

private:
    const std::filesystem::path path_;
    std::filesystem::path aside_;
    std::ofstream file_;
    std::uint64_t bytes_ = 0;
    bool done_ = false;
};

/// Gathers accounts until they fill a frame.
class AccountFrames {
public:
    AccountFrames(FrameFile& file, const state::StateWalk& walk) : file_(file), walk_(walk) {}

    void account(const Address& address, const state::Account& account) {
        ++accounts;
        const auto code =
            account.code_hash == state::kEmptyCodeHash ? nullptr : walk_.code(account.code_hash);
        begin(address, account, code ? BytesView{*code} : BytesView{});
        walk_.slots(address, [&](const U256& slot, const U256& value) {
            ++slots;
            slots_.list([&] { slots_.u256(slot).u256(value); });
            held_ += 66;
            if (held_ >= kFullFrame) {
                end();
                flush();
                begin(address, account, {});
            }
            return file_.works() ? state::Visit::go_on : state::Visit::stop;
        });
        end();
        if (held_ >= kFullFrame) flush();
    }
    void flush() {
        if (entries_.empty()) return;
        file_.frame(SnapshotFrame::accounts, [&](RlpWriter& w) {
            for (const auto& entry : entries_)
                w.raw(entry);
        });
        entries_.clear();
        held_ = 0;
    }

    std::uint64_t accounts = 0;
    std::uint64_t slots = 0;

private:
    void begin(const Address& address, const state::Account& account, BytesView code) {
        address_ = address;
        account_ = account;
        code_ = base::to_bytes(code);
        slots_ = RlpWriter{};
        held_ += 100 + code.size();
    }
    void end() {
        const auto listed = slots_.take();
        RlpWriter w;
        w.list([&] {
            w.bytes(address_).u64(account_.nonce).u256(account_.balance).bytes(code_);
            w.list([&] { w.raw(listed); });
        });
        entries_.push_back(w.take());
    }

    FrameFile& file_;
    const state::StateWalk& walk_;
    Address address_;
    state::Account account_;
    Bytes code_;
    RlpWriter slots_;
    std::vector<Bytes> entries_;
    std::size_t held_ = 0;
};

void write_front(FrameFile& file, const sequencer::BlockStore& blocks, const sequencer::StoredBlock& block) {
    file.frame(SnapshotFrame::start, [&](RlpWriter& w) {
        w.bytes(base::as_bytes(kSnapshotMark)).u64(kSnapshotVersion);
        w.bytes(*blocks.canonical_hash(0)).u64(block.number()).bytes(block.hash);
    });
    file.frame(SnapshotFrame::ancestors, [&](RlpWriter& w) {
        for (std::uint64_t back = 1; back <= std::min(kSnapshotAncestors, block.number()); ++back)
            chain::write_header(w, *blocks.canonical_header(block.number() - back));
    });
    file.frame(SnapshotFrame::block, [&](RlpWriter& w) {
        w.bytes(chain::encode_block(block.block)).bytes(outcome::encode_settled(block.outcomes));
        w.bytes(block.beacon ? BytesView{*block.beacon} : BytesView{});
        w.bytes(sequencer::encode_stored_receipts(block));
    });
}

}  // namespace

Result<ExportedSnapshot> export_snapshot(const std::filesystem::path& folder,
                                         const std::filesystem::path& file,
                                         std::optional<std::uint64_t> number) {
    const auto chain = folder / "chain";
    std::error_code ignored;
    if (!std::filesystem::is_directory(chain, ignored))
        return Error{SnapshotError::nothing_to_export, folder.string()};
    state::StateOptions options;
    options.folder = chain;
    options.history_depth = state::kKeepAll;
    BOOST_OUTCOME_TRY(const auto database, state::StateDatabase::open(options));
    const sequencer::BlockStore blocks(database->chain());
    const auto head = database->head();
    if (!head) return Error{SnapshotError::nothing_to_export, folder.string()};
    const auto wanted = number.value_or(head->number);
    const auto block = blocks.canonical(wanted);
    if (block == nullptr) return Error{SnapshotError::nothing_to_export, "block " + std::to_string(wanted)};
    const auto oldest = wanted - std::min(wanted, kSnapshotAncestors);
    for (auto ancestor = oldest; ancestor < wanted; ++ancestor)
        if (!blocks.canonical_header(ancestor))
            return Error{SnapshotError::nothing_to_export, "block " + std::to_string(ancestor)};
    BOOST_OUTCOME_TRY(const auto walk, database->walk(wanted));

    FrameFile out(file);
    write_front(out, blocks, *block);
    AccountFrames frames(out, *walk);
    walk->accounts([&](const Address& address, const state::WalkedAccount& walked) {
        frames.account(address, walked.account);
        return out.works() ? state::Visit::go_on : state::Visit::stop;
    });
    frames.flush();
    out.frame(SnapshotFrame::end, [&](RlpWriter& w) { w.u64(frames.accounts).u64(frames.slots); });
    const ExportedSnapshot done{wanted, block->hash, frames.accounts, frames.slots, out.bytes()};
    BOOST_OUTCOME_TRYV(out.finish());
    return done;
}

}  // namespace valence::node
