#include "valence/derive/derivation.hpp"

#include <fmt/format.h>

#include "valence/base/hex.hpp"
#include "valence/chain/system/da_headers.hpp"
#include "valence/chain/system/system_transaction.hpp"
#include "valence/ml/model/vmodel.hpp"

namespace valence::derive {
namespace {

struct FindingFacts {
    FindingKind kind;
    std::string_view name;
    bool is_discrepancy;
};
constexpr std::array kFindings{
    FindingFacts{FindingKind::foreign_blob, "foreign blob", false},
    FindingFacts{FindingKind::bad_batch, "bad batch", true},
    FindingFacts{FindingKind::invalid_block, "invalid block", true},
    FindingFacts{FindingKind::unposted_model, "unposted model", true},
    FindingFacts{FindingKind::second_version, "second version", true},
    FindingFacts{FindingKind::missing, "missing", true},
    FindingFacts{FindingKind::late, "late", false},
    FindingFacts{FindingKind::fallback, "fallback", false},
    FindingFacts{FindingKind::replayed, "replayed", false},
};

const FindingFacts& facts(FindingKind kind) { return kFindings[static_cast<std::size_t>(kind)]; }

/// Fallback blocks that are remembered, so that what comes too late for them is called late.
constexpr std::size_t kRememberedFallbacks = 4'096;

/// Batches that were whole, and blocks that were left behind, which are remembered for what is said of those
/// that come again: that decides nothing.
constexpr std::size_t kMostWhole = 262'144;
constexpr std::size_t kMostLeft = 65'536;

constexpr const char* kTooMuch = "more than the blocks of one height may unpack to";

std::uint64_t proof_bytes(std::span<const BatchBlock> blocks) {
    std::uint64_t bytes = 0;
    for (const auto& [block, supplement] : blocks)
        for (const auto& settled : supplement.outcomes)
            bytes += outcome::proof_bytes(settled.outcome);
    return bytes;
}

}  // namespace

std::string_view finding_name(FindingKind kind) { return facts(kind).name; }
bool is_discrepancy(FindingKind kind) { return facts(kind).is_discrepancy; }

void Derivation::find(FindingKind kind, const Place& place, std::optional<std::uint64_t> number,
                      std::string text) {
    const auto kept = is_discrepancy(kind) ? discrepancies_ : findings_.size() - discrepancies_;
    if (kept == kMostFindings) return;
    discrepancies_ += is_discrepancy(kind) ? 1 : 0;
    findings_.push_back({kind, place, number, std::move(text)});
}

void Derivation::find_in(bool is_replayed, FindingKind kind, const Place& place,
                         std::optional<std::uint64_t> number, std::string text) {
    const bool is_known = is_replayed && is_discrepancy(kind);
    find(is_known ? FindingKind::replayed : kind, place, number, std::move(text));
}

void Derivation::leave_behind(const Hash& block) {
    if (!left_behind_.insert(block).second) return;
    left_order_.push_back(block);
    if (left_order_.size() <= kMostLeft) return;
    left_behind_.erase(left_order_.front());
    left_order_.pop_front();
}

bool Derivation::follows_what_was_left(const chain::Header& header) const {
    return left_behind_.contains(header.parent_hash);
}

Derivation::Derivation(DerivationOptions options) : options_(std::move(options)) {
    if (options_.rules == nullptr) return;
    VALENCE_CHECK(options_.next == 1);
    window_.emplace(*options_.rules);
    parent_ = options_.genesis_hash;
    reference_ = layer().start;
}

std::vector<chain::ForcedTransaction> Derivation::take(const chain::DaHeader& header,
                                                       std::span<const BytesView> batches,
                                                       std::span<const BytesView> forced) {
    if (auto skipped = left_over())
        find(skipped->kind, skipped->place, skipped->number, std::move(skipped->text));
    candidates_.clear();
    held_ = 0;
    unpacked_ = 0;
    unpacked_files_ = 0;
    taken_.clear();
    take_batches(header.height, batches);
    return window_ ? window_->take(header, forced) : std::vector<chain::ForcedTransaction>{};
}

void Derivation::take_batches(std::uint64_t height, std::span<const BytesView> batches) {
    for (std::size_t i = 0; i < batches.size(); ++i) {
        const Place place{height, i};
        last_ = place;
        blob_bytes_ += batches[i].size();
        auto piece = open_piece(batches[i], options_.genesis_hash, options_.sequencer);
        if (!piece) {
            find(FindingKind::foreign_blob, place, {}, piece.error().message());
            continue;
        }
        const auto first = piece.value().head.first;
        if (is_known_file(piece.value().head)) continue;
        auto batch = assembler_of(piece.value().head).add(std::move(piece).value());
        if (!batch) {
            find(FindingKind::bad_batch, place, first, batch.error().message());
        } else if (batch.value()) {
            take_batch(*batch.value(), place);
        }
    }
}

void Derivation::take_files(std::uint64_t height, std::span<const BytesView> batches) {
    for (std::size_t i = 0; i < batches.size(); ++i) {
        const auto parsed = parse_piece(batches[i]);
        if (!parsed || parsed.value().head.kind != BatchKind::file) continue;
        if (is_known_file(parsed.value().head)) continue;
        auto piece = open_piece(batches[i], options_.genesis_hash, options_.sequencer);
        if (!piece) continue;
        // What is wrong with it is found when its height has its turn.
        const auto batch = files_ahead_.add(std::move(piece).value());
        if (!batch || !batch.value()) continue;
        if (auto file = decode_file(batch.value()->bytes))
            files_.push_back({std::move(file).value(), {height, i}});
    }
}

void Derivation::take_model(const AssembledBatch& batch, const Place& place) {
    if (known_files_.contains(batch.head.hash)) return;
    const auto stated = stated_content(batch.bytes);
    if (!stated) return find(FindingKind::bad_batch, place, {}, stated.error().message());
    // A few bytes may unpack to many.
    if (stated.value() > kMostUnpacked - unpacked_files_)
        return find(FindingKind::bad_batch, place, {}, "more than the files of one height may unpack to");
    unpacked_files_ += stated.value();
    auto file = decode_file(batch.bytes);
    if (!file) return find(FindingKind::bad_batch, place, {}, file.error().message());
    if (known_files_.size() < kMostFiles) known_files_.insert(batch.head.hash);
    // What is no model is missed when a block wants it.
    const auto graph = ml::decode_model(file.value());
    if (graph && posted_.size() < kMostModels)
        posted_.emplace(ml::model_id(graph.value()), FilePlace{batch.head.hash, place});
    files_.push_back({std::move(file).value(), place});
}

const FilePlace* Derivation::posted(const ml::ModelId& id) const {
    const auto found = posted_.find(id);
    return found == posted_.end() ? nullptr : &found->second;
}

Assembler& Derivation::assembler_of(const BatchHead& head) {
    if (head.kind == BatchKind::file) return files_to_be_;
    return is_old(head) ? old_ : assembler_;
}

void Derivation::take_batch(const AssembledBatch& batch, const Place& place) {
    const auto& head = batch.head;
    // The same again, posted by somebody else.
    if (!taken_.insert(head.hash).second) return;
    ++batches_;
    batch_bytes_ += batch.bytes.size();
    if (head.kind == BatchKind::file) return take_model(batch, place);
    const bool is_replayed = whole_.contains(head.hash);
    if (whole_.size() < kMostWhole) whole_.insert(head.hash);
    const auto refuse_batch = [&](std::string why) {
        find_in(is_replayed, FindingKind::bad_batch, place, head.first, std::move(why));
    };
    const auto stated = stated_content(batch.bytes);
    if (!stated) return refuse_batch(stated.error().message());
    // Of old ones nothing is kept.
    const auto room = is_old(head) ? kMostUnpacked : kMostUnpacked - unpacked_;
    if (stated.value() > room) return refuse_batch(kTooMuch);
    auto blocks = decode_blocks(batch.bytes);
    if (!blocks) return refuse_batch(blocks.error().message());
    const auto bytes = stated.value() + proof_bytes(blocks.value());
    if (bytes > room) return refuse_batch(kTooMuch);
    if (!is_old(head)) unpacked_ += bytes;
    auto& list = blocks.value();
    if (list.front().block.header.number != head.first || list.back().block.header.number != head.last) {
        return refuse_batch("other blocks than its pieces say");
    }
    for (auto& block : list)
        take_block(std::move(block), place, head.hash, is_replayed);
}

void Derivation::take_block(BatchBlock block, const Place& place, const Hash& batch, bool is_replayed) {
    const auto number = block.block.header.number;
    const auto hash = chain::header_hash(block.block.header);
    if (follows_what_was_left(block.block.header)) leave_behind(hash);
    if (number < options_.next) {
        const auto known = options_.derived ? options_.derived(number) : std::nullopt;
        // The same again: posted twice by a poster that could not know, or by somebody else.
        if (!known || *known == hash) return;
        const bool is_late = fallbacks_.contains(number) || left_behind_.contains(hash);
        if (is_late) leave_behind(hash);
        return find_in(is_replayed, is_late ? FindingKind::late : FindingKind::second_version, place, number,
                       fmt::format("{}, where {} was derived", base::to_hex_prefixed(hash),
                                   base::to_hex_prefixed(*known)));
    }
    if (held_ == kMostCandidates)
        return find(FindingKind::bad_batch, place, number, "too many blocks in one height");
    auto& list = candidates_[number];
    const auto same = [&](const Candidate& one) { return one.hash == hash && one.content == block; };
    if (std::ranges::any_of(list, same)) return;
    list.push_back({std::move(block), hash, place, batch, is_replayed, {}, {}});
    ++held_;
}

std::optional<Derivation::Flaw> Derivation::examine(Candidate& candidate) const {
    const auto& block = candidate.content.block;
    const auto posted = candidate.place.height;
    if (block.header.parent_hash != parent_) {
        const bool is_replaced =
            fallbacks_.contains(options_.next - 1) || follows_what_was_left(block.header);
        return Flaw{is_replaced ? FindingKind::late : FindingKind::invalid_block,
                    "it does not follow the block derived before it"};
    }
    const auto referred = chain::referred_da_header(block);
    if (!referred) return Flaw{FindingKind::invalid_block, referred.error().message()};
    const auto& reference = referred.value();
    if (const auto checked = chain::check_reference(layer(), reference, reference_, block.header.timestamp);
        !checked)
        return Flaw{FindingKind::invalid_block, checked.error().message()};
    const auto* header = reference.height < posted ? window_->header(reference.height) : nullptr;
    if (header == nullptr || *header != reference)
        return Flaw{FindingKind::invalid_block,
                    fmt::format("its reference {} {} is not the layer's", reference.height,
                                base::to_hex_prefixed(reference.hash))};
    candidate.reference = reference;
    candidate.due = window_->due(reference_.height, reference.height);
    // What is left over there holds it back, however long ago that was.
    const bool is_held_back = !candidate.due.empty() && candidate.due.back().due == reference.height;
    if (posted > reference.height + layer().max_lag && !is_held_back)
        return Flaw{FindingKind::late,
                    fmt::format("it refers to {}, and was posted {} blocks of the layer later",
                                reference.height, posted - reference.height)};
    if (posted > deadline()) return Flaw{FindingKind::late, "behind the sequencing window"};
    return std::nullopt;
}

const Candidate* Derivation::current() {
    for (;;) {
        const auto found = candidates_.find(options_.next);
        if (found == candidates_.end()) return nullptr;
        auto& candidate = found->second.front();
        if (const auto flaw = window_ ? examine(candidate) : std::nullopt) {
            drop(flaw->text, flaw->kind);
        } else if (invalid_.contains(candidate.batch)) {
            drop("it was tried before", FindingKind::invalid_block);
        } else {
            return &candidate;
        }
    }
}

void Derivation::pass(const Hash& hash, const chain::DaHeader& reference) {
    parent_ = hash;
    reference_ = reference;
    ++options_.next;
    refused_.clear();
    invalid_.clear();
    if (window_) window_->forget_below(reference.height);
}

void Derivation::accept() {
    const auto found = candidates_.find(options_.next);
    VALENCE_CHECK(found != candidates_.end());
    const auto accepted = std::move(found->second.front());
    for (const auto& other : found->second) {
        if (&other == &found->second.front() || other.hash == accepted.hash) continue;
        const bool is_late = left_behind_.contains(other.hash);
        find_in(other.is_replayed, is_late ? FindingKind::late : FindingKind::second_version, other.place,
                options_.next,
                fmt::format("{}, where {} was derived", base::to_hex_prefixed(other.hash),
                            base::to_hex_prefixed(accepted.hash)));
    }
    held_ -= found->second.size();
    candidates_.erase(found);
    pass(accepted.hash, accepted.reference);
}

void Derivation::refuse(const std::string& why, FindingKind kind) {
    const auto found = candidates_.find(options_.next);
    VALENCE_CHECK(found != candidates_.end());
    // With the same parent the same comes of it, whenever it is posted again.
    if (window_ && kind == FindingKind::invalid_block && invalid_.size() < kMostCandidates)
        invalid_.insert(found->second.front().batch);
    drop(why, kind);
}

void Derivation::drop(const std::string& why, FindingKind kind) {
    const auto found = candidates_.find(options_.next);
    VALENCE_CHECK(found != candidates_.end());
    const auto& candidate = found->second.front();
    if (kind == FindingKind::late) {
        leave_behind(candidate.hash);
        // What was posted with it follows it, one by one.
        for (const auto& [number, list] : candidates_)
            for (const auto& one : list)
                if (follows_what_was_left(one.content.block.header)) leave_behind(one.hash);
    }
    find_in(candidate.is_replayed, kind, candidate.place, options_.next,
            fmt::format("{}: {}", base::to_hex_prefixed(candidate.hash), why));
    if (refused_.size() < kMostCandidates) refused_.insert(candidate.hash);
    found->second.pop_front();
    --held_;
    if (found->second.empty()) candidates_.erase(found);
}

std::optional<Fallback> Derivation::fallback() const {
    if (!window_ || window_->newest() < deadline() || candidates_.contains(options_.next))
        return std::nullopt;
    const auto height = deadline();
    Fallback made{options_.next,
                  *window_->header(height),
                  window_->due(reference_.height, height),
                  {},
                  window_->newest()};
    for (const auto& forced : made.due)
        if (made.nearer.empty() || made.nearer.back().height != forced.due)
            made.nearer.push_back(*window_->header(forced.due));
    return made;
}

void Derivation::accept_fallback(const Fallback& made, const Hash& hash) {
    VALENCE_CHECK(made.number == options_.next);
    find(FindingKind::fallback, {made.height, 0}, made.number,
         fmt::format("{}, with {} forced transactions due", base::to_hex_prefixed(hash), made.due.size()));
    fallbacks_.insert(made.number);
    if (fallbacks_.size() > kRememberedFallbacks) fallbacks_.erase(fallbacks_.begin());
    pass(hash, made.reference);
}

std::optional<PostedFile> Derivation::take_file() {
    if (files_.empty()) return std::nullopt;
    auto file = std::move(files_.front());
    files_.pop_front();
    return file;
}

std::vector<Finding> Derivation::take_findings() {
    discrepancies_ = 0;
    return std::exchange(findings_, {});
}

std::vector<Finding> Derivation::missing() const {
    std::vector<Finding> out;
    const auto add = [&](const BatchHead& head) {
        out.push_back({FindingKind::missing, last_, head.first,
                       fmt::format("pieces of the batch {} of blocks {} to {}",
                                   base::to_hex_prefixed(head.hash), head.first, head.last)});
    };
    // Anybody may post some pieces again of what was whole before.
    for (const auto& head : assembler_.open())
        if (!is_old(head)) add(head);
    for (const auto& head : files_to_be_.open())
        if (!known_files_.contains(head.hash)) add(head);
    if (auto skipped = left_over()) out.push_back(*std::move(skipped));
    return out;
}

std::optional<Finding> Derivation::left_over() const {
    if (candidates_.empty()) return std::nullopt;
    const auto& [number, list] = *candidates_.begin();
    const auto& first = list.front();
    const bool is_replaced =
        fallbacks_.contains(options_.next - 1) || follows_what_was_left(first.content.block.header);
    const auto kind = is_replaced         ? FindingKind::late
                      : first.is_replayed ? FindingKind::replayed
                                          : FindingKind::missing;
    return Finding{kind, first.place, options_.next,
                   fmt::format("a valid block {}; block {} was posted", options_.next, number)};
}

}  // namespace valence::derive
