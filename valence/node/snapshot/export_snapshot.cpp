#include "valence/node/snapshot/export_snapshot.hpp"

#include <fstream>

#include "valence/node/snapshot/snapshot_writer.hpp"
#include "valence/sequencer/block_store.hpp"
#include "valence/state/state_database.hpp"

namespace valence::node {
namespace {

/// A file that has its name once it is whole.
class NewFile {
public:
    explicit NewFile(const std::filesystem::path& path) : path_(path), aside_(path) {
        aside_ += ".new";
        stream.open(aside_, std::ios::binary | std::ios::trunc);
    }
    ~NewFile() {
        if (done_) return;
        stream.close();
        std::error_code ignored;
        std::filesystem::remove(aside_, ignored);
    }
    NewFile(const NewFile&) = delete;
    NewFile& operator=(const NewFile&) = delete;

    Result<void> finish() {
        stream.close();
        std::error_code failure;
        if (stream) std::filesystem::rename(aside_, path_, failure);
        if (!stream || failure) return Error{SnapshotError::io, path_.string()};
        done_ = true;
        return success();
    }

    std::ofstream stream;

private:
    const std::filesystem::path path_;
    std::filesystem::path aside_;
    bool done_ = false;
};

/// The headers before a block, newest first, as many as a snapshot has.
Result<std::vector<chain::Header>> ancestors_of(const sequencer::BlockStore& blocks, std::uint64_t number) {
    std::vector<chain::Header> headers;
    for (std::uint64_t back = 1; back <= std::min(kSnapshotAncestors, number); ++back) {
        auto header = blocks.canonical_header(number - back);
        if (!header)
            return Error{SnapshotError::nothing_to_export,
                         "block " + std::to_string(number - back) + " is not kept"};
        headers.push_back(*std::move(header));
    }
    return headers;
}

void write_state(SnapshotWriter& out, const state::StateWalk& walk) {
    const auto visit = [&out] { return out.works() ? state::Visit::go_on : state::Visit::stop; };
    walk.accounts([&](const Address& address, const state::WalkedAccount& walked) {
        const auto& account = walked.account;
        const auto code = account.code_hash == state::kEmptyCodeHash ? nullptr : walk.code(account.code_hash);
        out.account(address, account, code ? BytesView{*code} : BytesView{});
        walk.slots(address, [&](const U256& slot, const U256& value) {
            out.slot(slot, value);
            return visit();
        });
        return visit();
    });
}

}  // namespace

Result<ExportedSnapshot> export_snapshot(const std::filesystem::path& folder,
                                         const std::filesystem::path& file,
                                         std::optional<std::uint64_t> number) {
    const auto chain = folder / "chain";
    std::error_code ignored;
    if (!std::filesystem::is_directory(chain, ignored))
        return Error{SnapshotError::nothing_to_export, folder.string() + " holds no chain"};
    // The new file takes the name: a device or a socket that had it would be gone.
    if (std::filesystem::exists(file, ignored) && !std::filesystem::is_regular_file(file, ignored))
        return Error{SnapshotError::io, file.string() + " is no regular file"};
    state::StateOptions options;
    options.folder = chain;
    options.history_depth = state::kKeepAll;
    options.proof_rows = state::kKeepAll;
    BOOST_OUTCOME_TRY(const auto database, state::StateDatabase::open(options));
    const sequencer::BlockStore blocks(database->chain());
    const auto head = database->head();
    if (!head) return Error{SnapshotError::nothing_to_export, folder.string() + " holds no chain"};
    const auto wanted = number.value_or(head->number);
    const auto block = blocks.canonical(wanted);
    if (block == nullptr)
        return Error{SnapshotError::nothing_to_export, "it has no block " + std::to_string(wanted)};
    BOOST_OUTCOME_TRY(const auto ancestors, ancestors_of(blocks, wanted));
    BOOST_OUTCOME_TRY(const auto walk, database->walk(wanted));

    NewFile made(file);
    SnapshotWriter out(made.stream);
    out.start({*blocks.canonical_hash(0), wanted, block->hash});
    out.ancestors(ancestors);
    out.block(*block);
    write_state(out, *walk);
    out.end();
    if (!out.works()) return Error{SnapshotError::io, file.string()};
    BOOST_OUTCOME_TRYV(made.finish());
    return ExportedSnapshot{wanted, block->hash, out.accounts(), out.slots(), out.bytes()};
}

}  // namespace valence::node
