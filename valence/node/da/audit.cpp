#include "valence/node/da/audit.hpp"

namespace valence::node {
namespace {

/// All of the layer there is: the next block is there or is not wanted.
constexpr std::chrono::milliseconds kNoPatience{0};

void count(AuditReport& report, const sequencer::StoredBlock& block) {
    ++report.blocks;
    report.transactions += block.block.transactions.size();
    for (const auto& settled : block.outcomes) {
        ++report.outcomes[settled.job.mode];
        if (settled.outcome.is_available()) ++report.evidence;
    }
}

}  // namespace

Result<AuditReport> audit(Node& node, da::Layer& layer, const AuditOptions& options) {
    AuditReport report;
    BOOST_OUTCOME_TRY(const auto deriver,
                      Deriver::create(node, layer, [&](const auto& block, const derive::Place&) {
                          if (block.number() >= options.from) count(report, block);
                      }));
    BOOST_OUTCOME_TRY(const auto newest, layer.head());
    const auto keep = [&](std::vector<derive::Finding> findings) {
        for (auto& finding : findings) {
            if (derive::is_discrepancy(finding.kind)) {
                report.discrepancies.push_back(std::move(finding));
            } else {
                ++report.foreign_blobs;
            }
        }
    };
    while (deriver->status().height < newest.height) {
        BOOST_OUTCOME_TRY(const auto more, deriver->step(kNoPatience));
        if (!more) break;
        keep(deriver->take_findings());
        if (options.progress) options.progress(deriver->status().height, newest.height);
    }
    const auto status = deriver->status();
    if (status.waits_for) {
        report.discrepancies.push_back(
            {derive::FindingKind::missing, status.place, status.derived + 1, status.waits_for->message()});
    } else {
        keep(deriver->derivation().missing());
    }
    const auto head = node.chain().head().block;
    report.heights = status.height;
    report.bytes = deriver->derivation().blob_bytes();
    report.batches = deriver->derivation().batches();
    report.head = head->number();
    report.head_hash = head->hash;
    report.state_root = head->block.header.state_root;
    return report;
}

}  // namespace valence::node
