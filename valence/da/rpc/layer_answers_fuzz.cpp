// Any bytes as what a node of the layer answers to a client: refused, or the same when written again; and no
// share holds that is not in the square.
#include "valence/client/rpc_answer.hpp"
#include "valence/da/layer/embedded_layer.hpp"
#include "valence/da/rpc/answered.hpp"
#include "valence/da/sampling/recovery.hpp"

namespace {

using namespace valence;

/// What the seeds are answers about: always the same block.
struct Asked {
    Asked() {
        da::EmbeddedOptions options;
        options.empty_every.reset();
        options.now = [] { return da::LayerTime{std::chrono::seconds{1'700'000'000}}; };
        const auto layer = da::EmbeddedLayer::open(options).value();
        const da::Blob blob{name, 0, Bytes(1'500, 5), {}};
        const auto height = layer->submit(std::span{&blob, 1}).value();
        header = layer->header(height).value();
        square = layer->square(height).value();
        held = layer->blobs(height, name).value();
    }
    const da::Namespace name = da::user_namespace(Bytes{7, 7}).value();
    const std::vector<da::Cell> cells{{0, 1}, {3, 2}};
    da::ExtendedHeader header;
    std::shared_ptr<const da::ExtendedSquare> square;
    std::vector<da::LayerBlob> held;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const Asked asked;
    const auto result = client::read_answer(base::as_text({data, size}));
    if (!result) return 0;
    const auto& answer = result.value();
    static_cast<void>(da::number_of(answer));
    if (const auto header = da::answered_header(answer)) {
        const auto again = da::answered_header(da::to_json(header.value()));
        VALENCE_CHECK(again && again.value() == header.value());
    }
    if (const auto blobs = da::answered_blobs(answer, asked.name)) {
        da::json::array list;
        for (const auto& blob : blobs.value())
            list.push_back(da::to_json(blob));
        const auto again = da::answered_blobs(list, asked.name);
        VALENCE_CHECK(again && again.value() == blobs.value());
    }
    if (const auto samples = da::answered_samples(answer, asked.cells))
        for (const auto& sample : samples.value())
            VALENCE_CHECK(!da::verify_sample(sample, asked.header.roots) ||
                          sample.share == asked.square->at(sample.cell));
    if (const auto rows = da::answered_rows(answer)) {
        const auto blobs = da::proven_blobs(asked.header, asked.name, rows.value());
        VALENCE_CHECK(!blobs || blobs.value() == asked.held);
    }
    if (const auto proof = da::commitment_proof_of(answer))
        static_cast<void>(da::verify_commitment_proof(proof.value(), asked.header.data_hash));
    return 0;
}
