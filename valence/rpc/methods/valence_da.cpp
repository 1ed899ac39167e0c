// valence_*: where blocks are on data availability, and the proofs of it.
#include <boost/json.hpp>

#include "valence/da/rpc/shapes.hpp"
#include "valence/node/da/da_access.hpp"
#include "valence/rpc/context.hpp"
#include "valence/rpc/lookup.hpp"
#include "valence/rpc/methods/handlers.hpp"

namespace valence::rpc {

namespace {

struct StatusWriter {
    JsonWriter& out;
    std::uint64_t head;

    void operator()(const node::PostStatus& status) const {
        out.key("role").string("posting");
        out.key("layerHeight").quantity(status.height);
        out.key("posted").quantity(status.posted);
        out.key("lag").quantity(status.lag);
        out.key("mostLag").quantity(status.most_lag);
        out.key("building").boolean(status.lag < status.most_lag);
        out.key("batches").quantity(status.batches);
        out.key("bytes").quantity(status.bytes);
        out.key("plainBytes").quantity(status.plain_bytes);
        write_trouble(status.trouble);
    }
    void operator()(const node::DeriverStatus& status) const {
        out.key("role").string("deriving");
        out.key("layerHeight").quantity(status.height);
        out.key("derived").quantity(status.derived);
        out.key("lag").quantity(head - std::min(head, status.derived));
        write_trouble(status.waits_for);
    }
    void write_trouble(const std::optional<Error>& trouble) const {
        out.key("trouble");
        trouble ? out.string(trouble->message()) : out.null();
    }
};

enum class Proofs : std::uint8_t { with, without };

Answer<void> write_location(Call& call, Proofs proofs) {
    BOOST_OUTCOME_TRY(const auto id, call.parameters.block(0));
    BOOST_OUTCOME_TRY(const auto found, find_block(call.context.node, id));
    auto& out = call.result;
    const auto& da = call.context.da;
    if (!da) return server_error("this node has no data availability: it neither posts nor derives");
    if (!found || found.sealing == Sealing::pending) {
        out.null();
        return success();
    }
    const auto located = da->locate(found.block->number());
    if (!located) return from_error(located.error());
    if (!located.value()) {
        out.null();
        return success();
    }
    const auto& [batch, pieces] = *located.value();
    out.begin_object();
    out.key("namespace").data(da->name());
    out.key("batch").data(batch.batch);
    out.key("first").quantity(batch.first);
    out.key("last").quantity(batch.last);
    out.key("pieces").begin_array();
    for (const auto& piece : pieces) {
        out.begin_object();
        out.key("index").quantity(piece.index);
        out.key("height").quantity(piece.height);
        out.key("layerHash").data(piece.layer_hash);
        out.key("dataRoot").data(piece.data_root);
        out.key("commitment").data(piece.commitment);
        if (proofs == Proofs::with) {
            const auto proof = da->prove(piece);
            if (!proof) return from_error(proof.error());
            out.key("proof").raw(boost::json::serialize(da::to_json(proof.value())));
        }
        out.end_object();
    }
    out.end_array();
    out.end_object();
    return success();
}

}  // namespace

Answer<void> valence_da_status(Call& call) {
    auto& out = call.result;
    const auto& da = call.context.da;
    if (!da) {
        out.null();
        return success();
    }
    out.begin_object();
    out.key("layer").string(da->layer_name());
    out.key("namespace").data(da->name());
    std::visit(StatusWriter{out, call.context.node.chain().head_number()}, da->status());
    out.end_object();
    return success();
}

Answer<void> valence_get_block_da(Call& call) { return write_location(call, Proofs::without); }

Answer<void> valence_get_block_da_proof(Call& call) { return write_location(call, Proofs::with); }

}  // namespace valence::rpc
