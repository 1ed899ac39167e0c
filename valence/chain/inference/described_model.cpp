#include "valence/chain/inference/described_model.hpp"

#include "valence/crypto/keccak.hpp"
#include "valence/outcome/replay.hpp"
#include "valence/zk/prover/proving_model.hpp"

namespace valence::chain {
namespace {

/// INVALID: nothing runs past it.
constexpr std::uint8_t kNotCode = 0xfe;

Hash as_hash(const ml::ModelId& id) { return Hash{id.bytes}; }

}  // namespace

Result<DescribedModel> describe(BytesView verifying_key, KeySource source,
                                const std::optional<zk::ProofCost>& known, std::uint64_t most_measured) {
    DescribedModel model;
    model.id = ml::model_id(verifying_key);
    BOOST_OUTCOME_TRY(model.key, source == KeySource::state ? ml::read_kept_key(verifying_key)
                                                            : ml::decode_verifying_key(verifying_key));
    if (!model.key.commitment.empty()) {
        BOOST_OUTCOME_TRY(auto provable, zk::provable_model(model.key, model.id));
        auto cost = known;
        if (!cost) {
            BOOST_OUTCOME_TRY(cost, zk::proof_cost(*provable.graph, zk::kProfile100, most_measured));
        }
        model.proofs =
            std::make_shared<const outcome::Provable>(outcome::Provable{std::move(provable), *cost});
    }
    model.key_size = verifying_key.size();
    model.cost = ml::cost_of(model.graph());
    model.input_size = outcome::input_size(model.graph());
    model.output_size = outcome::output_size(model.graph());
    for (std::size_t number = 0; number < model.graph().inputs.size(); ++number)
        model.input_numbers.emplace(model.graph().inputs[number].name, number);
    return model;
}

Address model_account(const ml::ModelId& id) {
    const auto digest = crypto::Keccak256{}.update(base::as_bytes("valence model")).update(id.bytes).finish();
    return base::from_right_aligned<Address>(digest);
}

std::size_t stored_key_size(state::JournaledState& state, const ml::ModelId& id) {
    const auto size = state.code(model_account(id))->size();
    return size < 2 ? 0 : size - 1;
}

bool keeps_key(const state::StateReader& state, const ml::ModelId& id) {
    const auto account = state.account(model_account(id));
    return account && account->code_hash != state::kEmptyCodeHash;
}

void store_key(state::JournaledState& state, const ml::ModelId& id, BytesView verifying_key) {
    Bytes code;
    code.reserve(verifying_key.size() + 1);
    code.push_back(kNotCode);
    base::append(code, verifying_key);
    const auto account = model_account(id);
    state.set_code(account, std::move(code));
    state.set_nonce(account, 1);
}

std::shared_ptr<const DescribedModel> ModelCatalogue::find(state::JournaledState& state,
                                                           const ml::ModelId& id) {
    const auto account = model_account(id);
    if (state.code_hash(account) == crypto::kEmptyKeccak) return nullptr;
    if (auto found = find_read(id)) return found;
    const auto code = state.code(account);
    if (code->size() < 2) return nullptr;
    auto described = read(BytesView{*code}.subspan(1), KeySource::state);
    // Simulations put any code at any account: what is not the id's key must not be remembered under it.
    if (!described || described.value().id != id) return nullptr;
    auto model = std::make_shared<const DescribedModel>(std::move(described).value());
    const std::lock_guard guard(mutex_);
    if (key_bytes_ + model->key_size > kMostKeyBytes) {
        models_.clear();
        key_bytes_ = 0;
    }
    if (models_.emplace(as_hash(id), model).second) key_bytes_ += model->key_size;
    return model;
}

std::shared_ptr<const DescribedModel> ModelCatalogue::find_read(const ml::ModelId& id) const {
    const std::lock_guard guard(mutex_);
    const auto found = models_.find(as_hash(id));
    return found == models_.end() ? nullptr : found->second;
}

bool supports(const DescribedModel& model, outcome::Mode mode) {
    return outcome::facts(mode).available == outcome::Available::yes &&
           (mode != outcome::Mode::zk || model.proofs != nullptr);
}

std::shared_ptr<const outcome::Provable> ProvableOfState::provable(const ml::ModelId& id) {
    const auto reader = state_();
    if (reader == nullptr) return nullptr;
    state::JournaledState state(*reader);
    const auto model = catalogue_.find(state, id);
    return model == nullptr ? nullptr : model->proofs;
}

Result<DescribedModel> ModelCatalogue::read(BytesView verifying_key, KeySource source,
                                            std::uint64_t most_measured) {
    const auto id = as_hash(ml::model_id(verifying_key));
    const auto known = [&]() -> std::optional<zk::ProofCost> {
        const std::lock_guard guard(mutex_);
        const auto found = costs_.find(id);
        return found == costs_.end() ? std::nullopt : std::optional(found->second);
    }();
    auto model = describe(verifying_key, source, known, most_measured);
    if (!known && model && model.value().proofs != nullptr) {
        const std::lock_guard guard(mutex_);
        if (costs_.size() >= kMostCosts) costs_.clear();
        costs_.emplace(id, model.value().proofs->cost);
    }
    return model;
}

bool ModelCatalogue::commitment_holds(const ml::ModelId& id, const ml::Graph& graph) {
    const auto known = [&]() -> std::optional<bool> {
        const std::lock_guard guard(mutex_);
        const auto found = verdicts_.find(as_hash(id));
        return found == verdicts_.end() ? std::nullopt : std::optional(found->second);
    };
    if (const auto verdict = known()) return *verdict;
    const std::lock_guard checking(checking_);
    // Somebody else may have found out while this waited.
    if (const auto verdict = known()) return *verdict;
    const bool holds = zk::check_commitment(graph).has_value();
    const std::lock_guard guard(mutex_);
    if (verdicts_.size() >= kMostVerdicts) verdicts_.clear();
    verdicts_.emplace(as_hash(id), holds);
    return holds;
}

}  // namespace valence::chain
