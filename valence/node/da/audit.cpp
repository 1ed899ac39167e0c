#include "valence/node/da/audit.hpp"

#include <fmt/format.h>

#include "valence/da/da_error.hpp"
#include "valence/da/sampling/recovery.hpp"

namespace valence::node {
namespace {

/// All of the layer there is: the next block is there or is not wanted.
constexpr std::chrono::milliseconds kNoPatience{0};

/// Whether it says that the layer does not give what its header commits to.
bool is_kept_back(const Error& error) {
    const bool is_layer = error.code.category() == da::make_error_code(da::LayerError{}).category();
    return error.code.category() == da::make_error_code(da::DaError{}).category() ||
           (is_layer && error != Error{da::LayerError::unreachable});
}

void count(AuditReport& report, const sequencer::StoredBlock& block) {
    ++report.blocks;
    report.transactions += block.block.transactions.size();
    for (const auto& settled : block.outcomes) {
        ++report.outcomes[settled.job.mode];
        if (settled.outcome.is_available()) ++report.evidence;
    }
}

}  // namespace

Result<AuditReport> audit(Node& node, da::Layer& behind, const AuditOptions& options) {
    AuditReport report;
    da::VerifyingLayer layer(behind);
    BOOST_OUTCOME_TRY(const auto deriver,
                      Deriver::create(node, layer, [&](const auto& block, const derive::Place&) {
                          if (block.number() >= options.from) count(report, block);
                      }));
    BOOST_OUTCOME_TRY(const auto newest, layer.head());
    const auto keep = [&](std::vector<derive::Finding> findings) {
        for (auto& finding : findings) {
            if (derive::is_discrepancy(finding.kind)) {
                report.discrepancies.push_back(std::move(finding));
            } else if (finding.kind == derive::FindingKind::foreign_blob ||
                       finding.kind == derive::FindingKind::replayed) {
                ++report.foreign_blobs;
            } else if (finding.kind == derive::FindingKind::fallback) {
                ++report.fallback_blocks;
            } else {
                ++report.late_blocks;
            }
        }
    };
    while (deriver->status().height < newest.height) {
        const auto more = deriver->step(kNoPatience);
        keep(deriver->take_findings());
        if (!more && !is_kept_back(more.error())) return more.error();
        if (!more) {
            const derive::Place place{deriver->status().height + 1, 0};
            report.discrepancies.push_back(
                {derive::FindingKind::missing, place, {}, "the block's data: " + more.error().message()});
            break;
        }
        if (!more.value()) break;
        if (options.progress) options.progress(deriver->status().height, newest.height);
    }
    const auto status = deriver->status();
    if (status.waits_for) {
        report.discrepancies.push_back(
            {derive::FindingKind::missing, status.place, status.derived + 1, status.waits_for->message()});
    } else if (status.height < newest.height) {
        // What is missing beyond nobody knows. That something is must be said, whoever keeps it back.
        if (report.discrepancies.empty()) {
            const derive::Place place{status.height + 1, 0};
            report.discrepancies.push_back(
                {derive::FindingKind::missing,
                 place,
                 {},
                 fmt::format("the block itself; the newest is {}", newest.height)});
        }
    } else {
        keep(deriver->derivation().missing());
    }
    const auto head = node.chain().head().block;
    report.heights = status.height;
    report.repaired = layer.repaired();
    report.bytes = deriver->derivation().blob_bytes();
    report.batches = deriver->derivation().batches();
    report.head = head->number();
    report.head_hash = head->hash;
    report.state_root = head->block.header.state_root;
    return report;
}

}  // namespace valence::node
