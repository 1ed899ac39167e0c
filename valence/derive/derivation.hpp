// Derivation: from the blobs of the chain's namespaces, in the layer's order, to the blocks of the chain. It
// says which block is to be tried next; whether that is valid the caller finds out by executing it, and says
// so. Then it says whether there is another, and when none came in time, which fallback block is due.
//
//     take(height) ─► current() ─ execute ─► accept() or refuse() ─► current() … ─► fallback() ─► …
//
// Where the rules name a layer, a block n that the sequencer posted in the layer's block h is the chain's
// when its parent is block n − 1 of the chain and, r(n) being the height of the header that it refers to,
//
//     r(n − 1) ≤ r(n) < h,  h ≤ r(n) + maxLag,  h ≤ r(n − 1) + sequencingWindow,
//     the header is the layer's of that height,  its timestamp ≤ the header's time + drift,
//
// (the second not where something is due with r(n): what is left over there may hold the block back) and
// executing it, with what is due from r(n − 1) up to r(n), succeeds. Of several the first. When none is
// there with the height r(n − 1) + sequencingWindow, block n is the fallback block.
//
// A block is posted in the height that holds the last piece of its batch. It has its turn there, after those
// of lower number in the same height, or never: no block is kept for later, so that what is derived with a
// height depends on the chain so far and on the layer up to there, and on nothing else.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>

#include "valence/derive/assembler.hpp"
#include "valence/derive/layer_window.hpp"

namespace valence::derive {

/// Where in the layer something is: the blob that it came with, or that completed it.
struct Place {
    std::uint64_t height = 0;
    /// Among the namespace's blobs of that height.
    std::size_t blob = 0;
    auto operator<=>(const Place&) const = default;
};

/// Anybody can post garbage, which says nothing of the sequencer; its own signature does.
enum class FindingKind : std::uint8_t {
    /// A blob that is no piece, or that somebody else signed.
    foreign_blob,
    /// Signed by the sequencer, but no batch comes of it.
    bad_batch,
    /// A block that breaks a rule.
    invalid_block,
    /// A block that cannot be executed without the file of a model which was not in the layer by then.
    unposted_model,
    /// A block that differs from the one derived for its number.
    second_version,
    /// A batch that ends, or a number that is skipped, without the rest ever coming.
    missing,
    /// A block that was posted too late, or that follows one which was: others took its place.
    late,
    /// No block came in time, and the fallback block took its place.
    fallback,
    /// What would be one of these, of a batch that was whole in an earlier height: what it says was found
    /// there, and anybody can post it again.
    replayed,
};

struct Finding {
    FindingKind kind = FindingKind::foreign_blob;
    Place place;
    /// Of the block concerned.
    std::optional<std::uint64_t> number;
    std::string text;
};

/// "foreign blob", "invalid block" …
std::string_view finding_name(FindingKind kind);
/// Whether it is the sequencer that said what is not so, or left something out. Being late is no lie.
bool is_discrepancy(FindingKind kind);

/// A block to be tried.
struct Candidate {
    BatchBlock content;
    Hash hash;
    Place place;
    /// Of its batch, and whether that was whole in an earlier height.
    Hash batch;
    bool is_replayed = false;
    /// What it refers to, and the forced transactions that it owes; nothing where the chain has no layer.
    chain::DaHeader reference;
    std::vector<chain::ForcedTransaction> due;
};

/// What everybody puts in the place of a block that did not come.
struct Fallback {
    std::uint64_t number = 0;
    /// What it refers to, and what it owes.
    chain::DaHeader reference;
    std::vector<chain::ForcedTransaction> due;
    /// Of the heights with which something is due: where not all finds room, it refers no further than what
    /// is left over.
    std::vector<chain::DaHeader> nearer;
    /// With which height it became the chain's.
    std::uint64_t height = 0;
};

/// The file of a model, which somebody who replays it wants.
struct PostedFile {
    Bytes bytes;
    Place place;
};

/// Where the file of a model is: the batch, and its last piece.
struct FilePlace {
    Hash batch;
    Place place;
};

struct DerivationOptions {
    /// Of the chain's block 0.
    Hash genesis_hash;
    /// Whose pieces count.
    crypto::bls::Verifier sequencer;
    /// The number of the first block that is wanted.
    std::uint64_t next = 1;
    /// The hash of a block that was derived; nothing where there is none (any more).
    std::function<std::optional<Hash>(std::uint64_t)> derived;
    /// The chain's, which outlive the derivation, where its genesis names a layer: then `next` is 1, and the
    /// first height that is taken is the one above the chain's start.
    const chain::RuleSet* rules = nullptr;
};

class Derivation {
public:
    /// Blocks of one height that are held.
    static constexpr std::size_t kMostCandidates = 2 * kMostBlocks;
    /// Bytes that the blocks to come of one height may unpack to, their proofs as often as they are used.
    static constexpr std::uint64_t kMostUnpacked = std::uint64_t{kMostContent} / 4 * 5;
    /// Findings that are kept between two calls of take_findings: of discrepancies, and of anything else, so
    /// that no number of strangers' blobs hides what the sequencer did.
    static constexpr std::size_t kMostFindings = 10'000;
    /// Files that are remembered, so that their pieces may come again.
    static constexpr std::size_t kMostFiles = 65'536;
    /// Models whose files count as posted; beyond that none does.
    static constexpr std::size_t kMostModels = 1'048'576;

    explicit Derivation(DerivationOptions options);

    /// The next height, when nothing is left to be tried: the data of its blobs among the batches and among
    /// the forced transactions, in their order. Where the chain has no layer only the header's height counts.
    /// Answers which of the forced ones are transactions that will be due.
    std::vector<chain::ForcedTransaction> take(const chain::DaHeader& header,
                                               std::span<const BytesView> batches,
                                               std::span<const BytesView> forced = {});

    /// Files only, of a height that take() will have later.
    void take_files(std::uint64_t height, std::span<const BytesView> batches);

    std::uint64_t next_number() const { return options_.next; }
    /// The block to try now; null when none is there for the next number. Those whose reference breaks a rule
    /// are refused here.
    const Candidate* current();
    /// It is the chain's.
    void accept();
    /// It is not, and why; another one for the number may be. One that is invalid is not tried again where
    /// its batch is posted again: anybody can do that.
    void refuse(const std::string& why, FindingKind kind = FindingKind::invalid_block);

    /// Whether the sequencer signed this piece.
    bool is_signed(BytesView blob) const {
        return open_piece(blob, options_.genesis_hash, options_.sequencer).has_value();
    }

    /// Whether a block with this hash was refused for the next number.
    bool is_refused(const Hash& hash) const { return refused_.contains(hash); }

    /// The fallback block that is due now, when there is no current one.
    std::optional<Fallback> fallback() const;
    /// It is made, and has this hash.
    void accept_fallback(const Fallback& made, const Hash& hash);

    /// What the last block derived refers to.
    const chain::DaHeader& reference() const { return reference_; }

    /// Where it is, to go on from there later: nothing while something is to be tried, or so much is under
    /// way that it is better read again. Only where the rules name a layer (checkpoint.cpp).
    std::optional<Bytes> checkpoint() const;
    /// Goes on from a checkpoint of this chain; one whose last block is on the chain and whose last height is
    /// the layer's is for the caller to choose. Findings about what came before are not made again. Errors:
    /// DeriveError::bad_checkpoint, those of the codecs; nothing is changed then.
    Result<void> resume(BytesView checkpoint);
    /// The last height that was taken.
    const chain::DaHeader& newest() const { return *window_->header(window_->newest()); }
    const LayerWindow& window() const { return *window_; }
    /// Of the last block derived.
    const Hash& parent() const { return parent_; }

    std::optional<PostedFile> take_file();
    /// Where in the heights that were taken the whole file of this model is; null where it is not. Only files
    /// that are a valid model count: that follows from the layer alone.
    const FilePlace* posted(const ml::ModelId& id) const;
    std::vector<Finding> take_findings();
    /// What is missing if no more blobs come.
    std::vector<Finding> missing() const;

    std::uint64_t batches() const { return batches_; }
    /// Of complete batches, compressed, and of all blobs.
    std::uint64_t batch_bytes() const { return batch_bytes_; }
    std::uint64_t blob_bytes() const { return blob_bytes_; }

private:
    void take_batches(std::uint64_t height, std::span<const BytesView> batches);
    bool is_old(const BatchHead& head) const { return head.last < options_.next; }
    /// Of a file that was whole: whoever posts pieces of it again takes no room from files that are not.
    bool is_known_file(const BatchHead& head) const {
        return head.kind == BatchKind::file && known_files_.contains(head.hash);
    }
    Assembler& assembler_of(const BatchHead& head);
    void take_batch(const AssembledBatch& batch, const Place& place);
    /// A finding about a batch, or a block of one.
    void find_in(bool is_replayed, FindingKind kind, const Place& place, std::optional<std::uint64_t> number,
                 std::string text);
    /// Remembers that this block was left behind: what follows it is late, whenever it comes.
    void leave_behind(const Hash& block);
    bool follows_what_was_left(const chain::Header& header) const;
    void take_model(const AssembledBatch& batch, const Place& place);
    void take_block(BatchBlock block, const Place& place, const Hash& batch, bool is_replayed);
    void find(FindingKind kind, const Place& place, std::optional<std::uint64_t> number, std::string text);
    /// What is said of blocks of the last height whose turn never came.
    std::optional<Finding> left_over() const;
    void pass(const Hash& hash, const chain::DaHeader& reference);
    /// Takes the current candidate away.
    void drop(const std::string& why, FindingKind kind);
    struct Flaw {
        FindingKind kind;
        std::string text;
    };
    /// What is wrong with it before it is executed; what it refers to and owes where nothing is.
    std::optional<Flaw> examine(Candidate& candidate) const;
    const chain::LayerRules& layer() const { return *options_.rules->system->layer; }
    /// The height with which the next block is late.
    std::uint64_t deadline() const { return reference_.height + layer().sequencing_window; }

    DerivationOptions options_;
    /// Where the chain has a layer.
    std::optional<LayerWindow> window_;
    /// The last block derived.
    Hash parent_;
    chain::DaHeader reference_;
    std::set<Hash> refused_;
    /// Batches whose block with the next number was tried and found to be invalid.
    std::set<Hash> invalid_;
    /// The fallback blocks among the last blocks derived.
    std::set<std::uint64_t> fallbacks_;
    /// Of batches with blocks to come, of those with blocks that are derived, and of files: each apart, so
    /// that nobody displaces pieces of one kind by posting others again. What is read ahead of its turn is
    /// apart too: whoever reads ahead must come to the same files as who does not.
    Assembler assembler_;
    Assembler old_;
    Assembler files_to_be_;
    Assembler files_ahead_;
    /// The batches that were whole in the last height, and in those before.
    std::set<Hash> taken_;
    std::set<Hash> whole_;
    /// Blocks that came too late, and what followed them: the newest, and in the order in which they came.
    std::set<Hash> left_behind_;
    std::deque<Hash> left_order_;
    /// Of the last height: by number, and for each number in the layer's order.
    std::map<std::uint64_t, std::deque<Candidate>> candidates_;
    std::size_t held_ = 0;
    std::uint64_t unpacked_ = 0;
    /// Bytes that the files of the last height unpack to.
    std::uint64_t unpacked_files_ = 0;
    std::deque<PostedFile> files_;
    /// The batches of files that were whole, so that their pieces may come again.
    std::set<Hash> known_files_;
    std::map<ml::ModelId, FilePlace> posted_;
    std::vector<Finding> findings_;
    std::size_t discrepancies_ = 0;
    Place last_;
    std::uint64_t batches_ = 0;
    std::uint64_t batch_bytes_ = 0;
    std::uint64_t blob_bytes_ = 0;
};

}  // namespace valence::derive
