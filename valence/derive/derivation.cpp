#include "valence/derive/derivation.hpp"

#include <fmt/format.h>

#include "valence/base/hex.hpp"

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
    FindingFacts{FindingKind::second_version, "second version", true},
    FindingFacts{FindingKind::missing, "missing", true},
};

const FindingFacts& facts(FindingKind kind) { return kFindings[static_cast<std::size_t>(kind)]; }

}  // namespace

std::string_view finding_name(FindingKind kind) { return facts(kind).name; }
bool is_discrepancy(FindingKind kind) { return facts(kind).is_discrepancy; }

void Derivation::find(FindingKind kind, const Place& place, std::optional<std::uint64_t> number,
                      std::string text) {
    if (findings_.size() < kMostFindings) findings_.push_back({kind, place, number, std::move(text)});
}

void Derivation::take(std::uint64_t height, std::span<const BytesView> blobs) {
    for (std::size_t i = 0; i < blobs.size(); ++i) {
        const Place place{height, i};
        last_ = place;
        blob_bytes_ += blobs[i].size();
        auto piece = open_piece(blobs[i], options_.genesis_hash, options_.sequencer);
        if (!piece) {
            find(FindingKind::foreign_blob, place, {}, piece.error().message());
            continue;
        }
        const auto first = piece.value().head.first;
        auto batch = assembler_.add(std::move(piece).value());
        if (!batch) {
            find(FindingKind::bad_batch, place, first, batch.error().message());
        } else if (batch.value()) {
            take_batch(*batch.value(), place);
        }
    }
}

void Derivation::take_batch(const AssembledBatch& batch, const Place& place) {
    const auto& head = batch.head;
    ++batches_;
    batch_bytes_ += batch.bytes.size();
    if (head.kind == BatchKind::file) {
        auto file = decode_file(batch.bytes);
        if (!file) return find(FindingKind::bad_batch, place, {}, file.error().message());
        files_.push_back({std::move(file).value(), place});
        return;
    }
    auto blocks = decode_blocks(batch.bytes);
    if (!blocks) return find(FindingKind::bad_batch, place, head.first, blocks.error().message());
    auto& list = blocks.value();
    if (list.front().block.header.number != head.first || list.back().block.header.number != head.last) {
        return find(FindingKind::bad_batch, place, head.first, "other blocks than its pieces say");
    }
    for (auto& block : list)
        take_block(std::move(block), place, head.hash);
}

void Derivation::take_block(BatchBlock block, const Place& place, const Hash& batch) {
    const auto number = block.block.header.number;
    const auto hash = chain::header_hash(block.block.header);
    if (number < options_.next) {
        const auto known = options_.derived ? options_.derived(number) : std::nullopt;
        // The same again: posted twice by a poster that could not know, or by somebody else.
        if (!known || *known == hash) return;
        return find(FindingKind::second_version, place, number,
                    fmt::format("{}, where {} was derived", base::to_hex_prefixed(hash),
                                base::to_hex_prefixed(*known)));
    }
    if (number - options_.next > kMostAhead || held_ == kMostCandidates)
        return find(FindingKind::bad_batch, place, number, "too far ahead of what was derived");
    auto& list = candidates_[number];
    const auto same = [&](const Candidate& one) { return one.hash == hash && one.content == block; };
    if (std::ranges::any_of(list, same)) return;
    list.push_back({std::move(block), hash, place, batch});
    ++held_;
}

const Candidate* Derivation::current() const {
    const auto found = candidates_.find(options_.next);
    return found == candidates_.end() || found->second.empty() ? nullptr : &found->second.front();
}

void Derivation::accept() {
    const auto found = candidates_.find(options_.next);
    VALENCE_CHECK(found != candidates_.end() && !found->second.empty());
    const auto accepted = found->second.front().hash;
    for (const auto& other : found->second) {
        if (other.hash == accepted) continue;
        find(FindingKind::second_version, other.place, options_.next,
             fmt::format("{}, where {} was derived", base::to_hex_prefixed(other.hash),
                         base::to_hex_prefixed(accepted)));
    }
    held_ -= found->second.size();
    candidates_.erase(found);
    ++options_.next;
}

void Derivation::refuse(const std::string& why) {
    const auto found = candidates_.find(options_.next);
    VALENCE_CHECK(found != candidates_.end() && !found->second.empty());
    const auto& candidate = found->second.front();
    find(FindingKind::invalid_block, candidate.place, options_.next,
         fmt::format("{}: {}", base::to_hex_prefixed(candidate.hash), why));
    found->second.pop_front();
    --held_;
    if (found->second.empty()) candidates_.erase(found);
}

std::optional<PostedFile> Derivation::take_file() {
    if (files_.empty()) return std::nullopt;
    auto file = std::move(files_.front());
    files_.pop_front();
    return file;
}

std::vector<Finding> Derivation::take_findings() { return std::exchange(findings_, {}); }

std::vector<Finding> Derivation::missing() const {
    std::vector<Finding> out;
    for (const auto& head : assembler_.open()) {
        out.push_back({FindingKind::missing, last_, head.first,
                       fmt::format("pieces of the batch {} of blocks {} to {}",
                                   base::to_hex_prefixed(head.hash), head.first, head.last)});
    }
    if (!candidates_.empty()) {
        const auto& first = *candidates_.begin();
        out.push_back({FindingKind::missing, first.second.front().place, options_.next,
                       fmt::format("a valid block {}; block {} was posted", options_.next, first.first)});
    }
    return out;
}

}  // namespace valence::derive
