// Derivation: from the blobs of the chain's namespace, in the layer's order, to the blocks of the chain. It
// says which block is to be tried next; whether that is valid the caller finds out by executing it, and says
// so.
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

#include "valence/derive/assembler.hpp"

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
    /// A block that differs from the one derived for its number.
    second_version,
    /// A batch that ends, or a number that is skipped, without the rest ever coming.
    missing,
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
/// Whether it is the sequencer that did wrong, or left something out.
bool is_discrepancy(FindingKind kind);

/// A block to be tried.
struct Candidate {
    BatchBlock content;
    Hash hash;
    Place place;
    /// Of its batch.
    Hash batch;
};

/// The file of a model, which somebody who replays it wants.
struct PostedFile {
    Bytes bytes;
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
};

class Derivation {
public:
    /// Candidates for numbers to come that are held, and the numbers ahead that are looked at at all.
    static constexpr std::size_t kMostCandidates = 2 * kMostBlocks;
    static constexpr std::uint64_t kMostAhead = kMostBlocks;
    /// Findings that are kept between two calls of take_findings; the rest are counted.
    static constexpr std::size_t kMostFindings = 10'000;

    explicit Derivation(DerivationOptions options) : options_(std::move(options)) {}

    /// The data of a height's blobs in the namespace, in their order. Heights rise.
    void take(std::uint64_t height, std::span<const BytesView> blobs);

    std::uint64_t next_number() const { return options_.next; }
    /// The block to try now; null when none was posted for the next number.
    const Candidate* current() const;
    /// It is the chain's.
    void accept();
    /// It is not, and why; another one for the number may be.
    void refuse(const std::string& why);

    std::optional<PostedFile> take_file();
    std::vector<Finding> take_findings();
    /// What is missing if no more blobs come.
    std::vector<Finding> missing() const;

    std::uint64_t batches() const { return batches_; }
    /// Of complete batches, compressed, and of all blobs.
    std::uint64_t batch_bytes() const { return batch_bytes_; }
    std::uint64_t blob_bytes() const { return blob_bytes_; }

private:
    void take_batch(const AssembledBatch& batch, const Place& place);
    void take_block(BatchBlock block, const Place& place, const Hash& batch);
    void find(FindingKind kind, const Place& place, std::optional<std::uint64_t> number, std::string text);

    DerivationOptions options_;
    Assembler assembler_;
    /// By number, and for each number in the layer's order.
    std::map<std::uint64_t, std::deque<Candidate>> candidates_;
    std::size_t held_ = 0;
    std::deque<PostedFile> files_;
    std::vector<Finding> findings_;
    Place last_;
    std::uint64_t batches_ = 0;
    std::uint64_t batch_bytes_ = 0;
    std::uint64_t blob_bytes_ = 0;
};

}  // namespace valence::derive
