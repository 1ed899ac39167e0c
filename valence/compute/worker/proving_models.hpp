// ProvingModels: models whose weights are committed, ready to be proved, within a bound of memory; the one
// unused longest gives way. For one thread at a time.
#pragma once

#include <list>

#include "valence/compute/ids.hpp"
#include "valence/outcome/model_source.hpp"
#include "valence/zk/prover/prove.hpp"

namespace valence::compute {

class ProvingModels {
public:
    /// A larger model is handed out but not kept.
    explicit ProvingModels(std::uint64_t most_bytes) : most_bytes_(most_bytes) {}

    /// Commits to the weights of a model that is not here: about 70 ns and 40 bytes each. Errors:
    /// those of zk::ProvingModel::commit(), and ProofError::no_commitment of a model without.
    Result<std::shared_ptr<const zk::ProvingModel>> get(
        const std::shared_ptr<const outcome::LoadedModel>& model);

    std::uint64_t bytes() const { return bytes_; }

private:
    struct Kept {
        ModelId id;
        std::shared_ptr<const zk::ProvingModel> model;
        std::uint64_t bytes = 0;
    };

    const std::uint64_t most_bytes_;
    /// The one used last first.
    std::list<Kept> kept_;
    std::uint64_t bytes_ = 0;
};

}  // namespace valence::compute
