// Where a derivation is, as bytes: rlp([version, genesis hash, next number, hash of the block before, what
// that refers to, the window's headers and forced transactions, fallback blocks, files that are posted,
// batches of files that were whole, pieces of blocks' and of files' batches that are under way]). What
// decides is in it; what only findings go by (batches that were whole, blocks that were left behind) is not.
#include "valence/codec/rlp.hpp"
#include "valence/derive/derivation.hpp"
#include "valence/derive/derive_error.hpp"

namespace valence::derive {
namespace {

constexpr std::uint64_t kCheckpointVersion = 3;
/// Of the layer: no sum with a constant of the rules exceeds 64 bits.
constexpr std::uint64_t kMostHeight = std::uint64_t{1} << 62;
/// Bytes of pieces that are under way, beyond which no checkpoint is made.
constexpr std::size_t kMostUnderWay = std::size_t{16} << 20;

Error bad_checkpoint(const char* what) { return {DeriveError::bad_checkpoint, what}; }

void write_header(codec::RlpWriter& to, const chain::DaHeader& header) {
    to.list([&] { to.u64(header.height).bytes(header.hash).u64(header.time); });
}

Result<chain::DaHeader> read_header(codec::RlpReader from) {
    chain::DaHeader header;
    BOOST_OUTCOME_TRY(header.height, from.u64());
    BOOST_OUTCOME_TRY(header.hash, from.fixed<Hash>());
    BOOST_OUTCOME_TRY(header.time, from.u64());
    BOOST_OUTCOME_TRYV(from.finish());
    return header;
}

void write_pieces(codec::RlpWriter& to, const Assembler& assembler) {
    to.list([&] {
        for (const auto& [head, index, part] : assembler.pieces()) {
            to.list([&] {
                to.u64(static_cast<std::uint64_t>(head.kind)).u64(head.first).u64(head.last);
                to.bytes(head.hash).u64(head.count).u64(index).bytes(part);
            });
        }
    });
}

Result<Assembler> read_pieces(codec::RlpReader from) {
    Assembler assembler;
    while (!from.at_end()) {
        BOOST_OUTCOME_TRY(auto fields, from.list());
        Piece piece;
        BOOST_OUTCOME_TRY(const auto kind, fields.u64());
        BOOST_OUTCOME_TRY(piece.head.first, fields.u64());
        BOOST_OUTCOME_TRY(piece.head.last, fields.u64());
        BOOST_OUTCOME_TRY(piece.head.hash, fields.fixed<Hash>());
        BOOST_OUTCOME_TRY(const auto count, fields.u64());
        BOOST_OUTCOME_TRY(const auto index, fields.u64());
        BOOST_OUTCOME_TRY(const auto part, fields.bytes());
        BOOST_OUTCOME_TRYV(fields.finish());
        if (kind > 1 || count > kMostPieces || index >= count || part.empty() || part.size() > kMostPart)
            return bad_checkpoint("a piece");
        piece.head.kind = static_cast<BatchKind>(kind);
        piece.head.count = static_cast<std::uint16_t>(count);
        piece.index = static_cast<std::uint16_t>(index);
        piece.part = base::to_bytes(part);
        BOOST_OUTCOME_TRY(const auto whole, assembler.add(std::move(piece)));
        if (whole) return bad_checkpoint("a whole batch");
    }
    return assembler;
}

}  // namespace

void LayerWindow::write(codec::RlpWriter& to) const {
    to.list([&] {
        to.list([&] {
            for (const auto& header : headers_)
                write_header(to, header);
        });
        to.list([&] {
            for (const auto& [forced, bytes] : entries_)
                to.list([&] {
                    to.bytes(chain::encode_transaction(forced.transaction))
                        .bytes(forced.sender)
                        .u64(forced.due);
                });
        });
        to.u64(taken_);
    });
}

Result<void> LayerWindow::read(codec::RlpReader from) {
    BOOST_OUTCOME_TRY(auto headers, from.list());
    BOOST_OUTCOME_TRY(auto entries, from.list());
    auto read_to = *this;
    read_to.headers_.clear();
    read_to.entries_.clear();
    read_to.held_ = 0;
    while (!headers.at_end()) {
        BOOST_OUTCOME_TRY(auto fields, headers.list());
        BOOST_OUTCOME_TRY(const auto header, read_header(fields));
        const auto is_first = read_to.headers_.empty();
        if (header.height > kMostHeight || (!is_first && header.height != read_to.newest() + 1))
            return bad_checkpoint("heights that do not rise by one");
        read_to.headers_.push_back(header);
    }
    if (read_to.headers_.empty()) return bad_checkpoint("no headers");
    while (!entries.at_end()) {
        BOOST_OUTCOME_TRY(auto fields, entries.list());
        chain::ForcedTransaction forced;
        BOOST_OUTCOME_TRY(const auto encoded, fields.bytes());
        BOOST_OUTCOME_TRY(forced.transaction, chain::decode_transaction(encoded));
        BOOST_OUTCOME_TRY(forced.sender, fields.fixed<Address>());
        BOOST_OUTCOME_TRY(forced.due, fields.u64());
        BOOST_OUTCOME_TRYV(fields.finish());
        const auto before = read_to.entries_.empty() ? 0 : read_to.entries_.back().forced.due;
        if (forced.due < before) return bad_checkpoint("forced transactions out of their order");
        read_to.hold(forced);
    }
    BOOST_OUTCOME_TRY(read_to.taken_, from.u64());
    BOOST_OUTCOME_TRYV(from.finish());
    if (read_to.held_ > kMostHeld || read_to.taken_ > 2 * kMostBurst)
        return bad_checkpoint("more forced transactions than are held");
    *this = std::move(read_to);
    return success();
}

std::optional<Bytes> Derivation::checkpoint() const {
    const bool is_between = candidates_.empty() || candidates_.begin()->first > options_.next;
    if (!window_ || !is_between || assembler_.held() + files_to_be_.held() > kMostUnderWay)
        return std::nullopt;
    codec::RlpWriter w;
    w.list([&] {
        w.u64(kCheckpointVersion).bytes(options_.genesis_hash).u64(options_.next).bytes(parent_);
        write_header(w, reference_);
        window_->write(w);
        w.list([&] {
            for (const auto number : fallbacks_)
                w.u64(number);
        });
        w.list([&] {
            for (const auto& [id, file] : posted_)
                w.list([&] { w.bytes(id).bytes(file.batch).u64(file.place.height).u64(file.place.blob); });
        });
        w.list([&] {
            for (const auto& batch : known_files_)
                w.bytes(batch);
        });
        write_pieces(w, assembler_);
        write_pieces(w, files_to_be_);
    });
    return w.take();
}

Result<void> Derivation::resume(BytesView checkpoint) {
    if (!window_) return bad_checkpoint("the chain names no layer");
    BOOST_OUTCOME_TRY(auto fields, codec::RlpReader::of_list(checkpoint));
    BOOST_OUTCOME_TRY(const auto version, fields.u64());
    BOOST_OUTCOME_TRY(const auto genesis_hash, fields.fixed<Hash>());
    if (version != kCheckpointVersion || genesis_hash != options_.genesis_hash)
        return bad_checkpoint("of another version or chain");
    BOOST_OUTCOME_TRY(const auto next, fields.u64());
    BOOST_OUTCOME_TRY(const auto parent, fields.fixed<Hash>());
    BOOST_OUTCOME_TRY(auto reference_fields, fields.list());
    BOOST_OUTCOME_TRY(const auto reference, read_header(reference_fields));
    auto window = *window_;
    BOOST_OUTCOME_TRY(auto window_fields, fields.list());
    BOOST_OUTCOME_TRYV(window.read(window_fields));
    if (window.header(reference.height) == nullptr) return bad_checkpoint("a reference that is not known");
    std::set<std::uint64_t> fallbacks;
    BOOST_OUTCOME_TRY(auto numbers, fields.list());
    while (!numbers.at_end()) {
        BOOST_OUTCOME_TRY(const auto number, numbers.u64());
        fallbacks.insert(number);
    }
    std::map<ml::ModelId, FilePlace> posted;
    BOOST_OUTCOME_TRY(auto files, fields.list());
    while (!files.at_end()) {
        BOOST_OUTCOME_TRY(auto file, files.list());
        FilePlace place;
        BOOST_OUTCOME_TRY(const auto id, file.fixed<ml::ModelId>());
        BOOST_OUTCOME_TRY(place.batch, file.fixed<Hash>());
        BOOST_OUTCOME_TRY(place.place.height, file.u64());
        BOOST_OUTCOME_TRY(place.place.blob, file.u64());
        BOOST_OUTCOME_TRYV(file.finish());
        posted.emplace(id, place);
    }
    // Also those of no model: what is known takes no room when it comes again.
    std::set<Hash> known_files;
    BOOST_OUTCOME_TRY(auto batches, fields.list());
    while (!batches.at_end()) {
        BOOST_OUTCOME_TRY(const auto batch, batches.fixed<Hash>());
        known_files.insert(batch);
    }
    BOOST_OUTCOME_TRY(auto block_pieces, fields.list());
    BOOST_OUTCOME_TRY(auto assembler, read_pieces(block_pieces));
    BOOST_OUTCOME_TRY(auto file_pieces, fields.list());
    BOOST_OUTCOME_TRY(auto files_to_be, read_pieces(file_pieces));
    BOOST_OUTCOME_TRYV(fields.finish());

    options_.next = next;
    parent_ = parent;
    reference_ = reference;
    window_ = std::move(window);
    fallbacks_ = std::move(fallbacks);
    posted_ = std::move(posted);
    known_files_ = std::move(known_files);
    assembler_ = std::move(assembler);
    files_to_be_ = std::move(files_to_be);
    last_ = {window_->newest(), 0};
    return success();
}

}  // namespace valence::derive
