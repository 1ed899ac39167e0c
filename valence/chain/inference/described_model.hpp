// DescribedModel: a model as the state of the chain knows it, without its weights. Its verifying key is kept
// as the code of an account of its own, behind the byte 0xfe, which makes that code impossible to run.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include <boost/unordered/unordered_flat_map.hpp>

#include "valence/ml/graph/cost.hpp"
#include "valence/ml/model/verifying_key.hpp"
#include "valence/outcome/mode.hpp"
#include "valence/outcome/provable_models.hpp"
#include "valence/state/journaled_state.hpp"

namespace valence::chain {

struct DescribedModel {
    ml::ModelId id;
    ml::VerifyingKey key;
    /// Bytes of it.
    std::size_t key_size = 0;
    ml::GraphCost cost;
    /// Integers of all inputs, and of all outputs.
    std::uint64_t input_size = 0;
    std::uint64_t output_size = 0;
    /// The number of each input by its name.
    std::map<std::string, std::size_t, std::less<>> input_numbers;
    /// What its proofs are held against; null where the key has no commitment to the weights.
    std::shared_ptr<const outcome::Provable> proofs;

    const ml::Graph& graph() const { return key.graph; }
};

/// Where a key comes from: those that a state keeps were accepted when they were registered.
enum class KeySource : std::uint8_t { anyone, state };

/// From the bytes of a verifying key. What checking its proofs costs is found out unless it is known, in at
/// most so many numbers of functionals (zk::proof_cost). Errors: ModelError, and those of
/// zk::provable_model() and zk::proof_cost(): a commitment of what has no proofs makes no key.
Result<DescribedModel> describe(BytesView verifying_key, KeySource source = KeySource::anyone,
                                const std::optional<zk::ProofCost>& known = {},
                                std::uint64_t most_measured = zk::kMostMeasured);

/// Bytes of the key that the state keeps for a model; 0 when it keeps none.
std::size_t stored_key_size(state::JournaledState& state, const ml::ModelId& id);

/// Whether a state keeps the key of a model.
bool keeps_key(const state::StateReader& state, const ml::ModelId& id);

/// The account that keeps the key of a model: the last 20 bytes of keccak256("valence model" ‖ id).
Address model_account(const ml::ModelId& id);

/// Keeps the key in the state.
void store_key(state::JournaledState& state, const ml::ModelId& id, BytesView verifying_key);

/// Whether the model may be asked in this mode at all, whatever its owner allows.
bool supports(const DescribedModel& model, outcome::Mode mode);

/// Descriptions of models that were read lately. Thread-safe. Holds nothing that does not follow from the
/// state: an id names one description.
class ModelCatalogue {
public:
    /// Null when the state has no such model.
    std::shared_ptr<const DescribedModel> find(state::JournaledState& state, const ml::ModelId& id);
    /// Of those read lately only, in whatever state; null otherwise.
    std::shared_ptr<const DescribedModel> find_read(const ml::ModelId& id) const;
    /// describe(), with what is remembered of the key's proofs.
    Result<DescribedModel> read(BytesView verifying_key, KeySource source,
                                std::uint64_t most_measured = zk::kMostMeasured);
    /// Whether a model's commitment is that of its weights: zk::check_commitment(), remembered, since a
    /// transaction that opens a model is run many times. One at a time, for its memory.
    bool commitment_holds(const ml::ModelId& id, const ml::Graph& graph);

private:
    /// Bytes of keys; past it everything is forgotten.
    static constexpr std::size_t kMostKeyBytes = std::size_t{8} << 20;

    static constexpr std::size_t kMostVerdicts = 1'024;
    /// Costs take longer to find out than keys to read, and less memory: they stay when descriptions go.
    static constexpr std::size_t kMostCosts = 65'536;

    std::mutex checking_;       // held while a commitment is made
    mutable std::mutex mutex_;  // guards what follows
    std::size_t key_bytes_ = 0;
    boost::unordered_flat_map<Hash, std::shared_ptr<const DescribedModel>, std::hash<Hash>> models_;
    boost::unordered_flat_map<Hash, bool, std::hash<Hash>> verdicts_;
    boost::unordered_flat_map<Hash, zk::ProofCost, std::hash<Hash>> costs_;
};

/// The models of a state, as proofs are held against them.
class ProvableOfState final : public outcome::ProvableModels {
public:
    using State = std::function<std::shared_ptr<const state::StateReader>()>;

    /// `state` says which state it is, and is asked on any thread; null: none. `catalogue` outlives this.
    ProvableOfState(ModelCatalogue& catalogue, State state)
        : catalogue_(catalogue), state_(std::move(state)) {}

    std::shared_ptr<const outcome::Provable> provable(const ml::ModelId& id) override;

private:
    ModelCatalogue& catalogue_;
    State state_;
};

}  // namespace valence::chain
