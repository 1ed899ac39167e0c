#include "valence/compute/worker/proving_models.hpp"

#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::compute {
namespace {

/// Codewords, and the weights themselves as the prover keeps them.
std::uint64_t bytes_of(const zk::ProvingModel& model) {
    std::uint64_t bytes = 0;
    for (const auto& table : model.tables()) {
        const auto codeword = table->codeword().size() * sizeof(zk::Goldilocks);
        bytes += codeword + codeword / 4;
    }
    return bytes;
}

}  // namespace

Result<std::shared_ptr<const zk::ProvingModel>> ProvingModels::get(
    const std::shared_ptr<const outcome::LoadedModel>& model) {
    const auto found = std::ranges::find(kept_, model->id, &Kept::id);
    if (found != kept_.end()) {
        kept_.splice(kept_.begin(), kept_, found);
        return found->model;
    }
    // A proof would be of another model, the one with the commitment.
    if (model->graph().commitment.empty()) return Error{zk::ProofError::no_commitment};
    // The graph is the loaded model's, which lives as long as it is proved.
    const std::shared_ptr<const ml::Graph> graph(model, &model->graph());
    BOOST_OUTCOME_TRY(auto committed, zk::ProvingModel::commit(graph));
    auto shared = std::make_shared<const zk::ProvingModel>(std::move(committed));
    const auto bytes = bytes_of(*shared);
    if (bytes > most_bytes_) return shared;
    kept_.push_front({model->id, shared, bytes});
    bytes_ += bytes;
    while (bytes_ > most_bytes_) {
        bytes_ -= kept_.back().bytes;
        kept_.pop_back();
    }
    return shared;
}

}  // namespace valence::compute
