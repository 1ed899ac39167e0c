#include "valence/chain/inference/inference_precompile.hpp"

#include "valence/base/hex.hpp"
#include "valence/chain/inference/call_context.hpp"
#include "valence/chain/inference/credit.hpp"
#include "valence/chain/inference/fees.hpp"
#include "valence/chain/inference/job_input.hpp"
#include "valence/chain/inference/named_tensors.hpp"
#include "valence/chain/inference/opengradient.hpp"
#include "valence/chain/inference/registration.hpp"
#include "valence/chain/inference/registry_view.hpp"
#include "valence/outcome/outcome_error.hpp"

namespace valence::chain {
namespace {

using codec::AbiValue;
using evm::PrecompileResult;
using evm::Status;
using outcome::Mode;
using Items = std::vector<AbiValue>;

AbiValue number(std::uint64_t value) { return U256{value}; }
AbiValue mode_value(Mode mode) { return number(static_cast<std::uint64_t>(mode)); }

ml::ModelId model_of(const AbiValue& value) { return base::from_exact<ml::ModelId>(value.bytes()); }

std::vector<U256> words_of(const AbiValue& array) {
    std::vector<U256> words;
    words.reserve(array.items().size());
    for (const auto& item : array.items())
        words.push_back(item.word());
    return words;
}

AbiValue array_of(const std::vector<U256>& words) { return Items(words.begin(), words.end()); }

/// A model that may be used now.
struct UsableModel {
    std::shared_ptr<const DescribedModel> described;
    ModelPolicy policy;
};

/// An inference whose fee is paid: its job, and what to do with the answer.
struct PaidJob {
    UsableModel model;
    outcome::Job job;
    outcome::JobId id;
    std::uint64_t compute_gas = 0;
};

class Run {
public:
    Run(const evm::Message& message, const InferenceCall& call)
        : message_(message), call_(call), rules_(call.environment.rules), context_(call, message.gas) {}

    PrecompileResult run() {
        auto answer = dispatch();
        if (auto* failure = std::get_if<CallFailure>(&answer)) {
            const bool keeps_gas = failure->status == Status::revert;
            return {failure->status, keeps_gas ? context_.gas_left() : 0, std::move(failure->output)};
        }
        return {Status::success, context_.gas_left(), std::move(std::get<Bytes>(answer))};
    }

private:
    CallAnswer<Bytes> dispatch() {
        if (message_.kind != evm::CallKind::call) return reverted(CallError::delegate_call_refused);
        if (!message_.value.is_zero()) return reverted(CallError::not_payable);
        const auto& fees = rules_.fees;
        if (!context_.charge(fees.call + fees.input_word * (message_.input.size() / 32 + 1)))
            return out_of_gas();
        if (message_.input.size() < 4) return reverted(CallError::malformed_call);
        const auto head = message_.input.first(4);
        const auto* function = find_function((Selector{head[0]} << 24) | (Selector{head[1]} << 16) |
                                             (Selector{head[2]} << 8) | head[3]);
        if (function == nullptr) return reverted(CallError::malformed_call);
        if (function->caller == Caller::registry && message_.sender != kModelRegistry)
            return reverted(CallError::only_registry);
        if (function->caller == Caller::scheduler && call_.record.system_contract != message_.sender)
            return reverted(CallError::only_scheduler);
        if (function->writes == Writes::yes && message_.is_static)
            return reverted(CallError::static_call_refused);
        auto decoded = codec::abi_decode(function->arguments, message_.input.subspan(4));
        if (!decoded) return reverted(CallError::malformed_call);
        return call_function(function->function, decoded.value().items());
    }

    CallAnswer<Bytes> call_function(InferenceFunction function, const Items& a) {
        using F = InferenceFunction;
        switch (function) {
            case F::infer:
                return infer(model_of(a[0]), requested_mode(a[1]), {}, words_of(a[2]));
            case F::infer_tensors:
                return infer_tensors(model_of(a[0]), requested_mode(a[1]), a[2].items());
            case F::infer_many:
                return infer_many(a[0].items());
            case F::infer_auto:
                return infer(model_of(a[0]), automatic(a[1]), {}, words_of(a[3]));
            case F::infer_auto_tensors:
                return infer_tensors(model_of(a[0]), automatic(a[1]), a[3].items());
            case F::infer_signed:
                return infer(model_of(a[0]), {Mode::operator_signed, 0, {}},
                             base::from_right_aligned<Address>(a[1].word().to_hash()), words_of(a[2]));
            case F::quote:
                return quote(model_of(a[0]), requested_mode(a[1]));
            case F::last_job:
                return last_job();
            case F::settle:
                return settle(a[0].word());
            case F::model_info:
                return model_info(model_of(a[0]));
            case F::register_model:
                return register_model(context_, a[0].bytes());
            case F::check_weights:
                return check_weights(context_, model_of(a[0]));
            case F::run_model_inference:
                return run_model_inference(a[0]);
        }
        return reverted(CallError::malformed_call);
    }

    // ---- Gas

    /// The compute part comes out of what the transaction has above the cap on execution first.
    bool charge_compute(std::uint64_t gas) {
        auto& record = call_.record;
        const bool has_pool = !record.system_contract || *record.system_contract == message_.sender;
        const auto from_pool = has_pool ? std::min(gas, record.compute_pool) : 0;
        const auto from_execution = gas - from_pool;
        if (from_execution > record.compute_allowance || !context_.charge(from_execution)) return false;
        record.compute_pool -= from_pool;
        record.compute_allowance -= from_execution;
        record.compute_gas += gas;
        record.compute_from_execution += from_execution;
        return true;
    }

    // ---- Models and modes

    /// A mode, or AUTO with the set to choose from; `unknown` holds a number that is none.
    struct RequestedMode {
        Mode mode = Mode::automatic;
        outcome::ModeSet set = 0;
        std::optional<std::uint8_t> unknown;
    };

    static RequestedMode requested_mode(const AbiValue& value) {
        const auto number = static_cast<std::uint8_t>(value.word().low_u64());
        if (number == 0) return {Mode::automatic, 0xffff, {}};
        if (outcome::find_mode(number) == nullptr) return {Mode::automatic, 0, number};
        return {static_cast<Mode>(number), 0, {}};
    }
    static RequestedMode automatic(const AbiValue& mask) {
        return {Mode::automatic, static_cast<outcome::ModeSet>(mask.word().low_u64()), {}};
    }

    CallAnswer<UsableModel> usable_model(const ml::ModelId& id) {
        auto found = context_.find_model(id);
        if (auto* failure = std::get_if<CallFailure>(&found)) return std::move(*failure);
        auto& described = std::get<std::shared_ptr<const DescribedModel>>(found);
        const auto policy = read_policy(call_.state, id);
        if (!policy.is_open(call_.block_number))
            return reverted(CallError::model_not_open, {bytes32(id), number(policy.opens_at)});
        return UsableModel{std::move(described), policy};
    }

    bool allows(const UsableModel& model, Mode mode) const {
        return outcome::contains(model.policy.modes, mode) && supports(*model.described, mode) &&
               (mode != Mode::replay || model.described->cost.total.work <= rules_.replay_limit);
    }

    /// AUTO is the mode of the set that the model allows which full nodes have the least to do for, then by
    /// number, and never the word of a single operator: small models are run, large ones proved.
    CallAnswer<Mode> resolve(const UsableModel& model, const RequestedMode& requested) {
        const auto& id = model.described->id;
        if (requested.unknown) return reverted(CallError::unknown_mode, {number(*requested.unknown)});
        if (requested.mode != Mode::automatic) {
            if (!supports(*model.described, requested.mode))
                return reverted(CallError::mode_unsupported, {mode_value(requested.mode)});
            if (!allows(model, requested.mode))
                return reverted(CallError::mode_not_allowed, {bytes32(id), mode_value(requested.mode)});
            return requested.mode;
        }
        std::optional<Mode> best;
        std::uint64_t best_gas = 0;
        for (const auto& row : outcome::all_modes()) {
            if (row.mode == Mode::operator_signed || !outcome::contains(requested.set, row.mode)) continue;
            if (!allows(model, row.mode)) continue;
            const auto gas = inference_gas(rules_.fees, *model.described, row.mode).execution;
            if (best && best_gas <= gas) continue;
            best = row.mode;
            best_gas = gas;
        }
        if (!best) return reverted(CallError::no_mode_fits, {number(requested.set)});
        return *best;
    }

    // ---- Inference

    /// All that comes before the outcome is looked for: the gas is paid first.
    CallAnswer<PaidJob> prepare(const ml::ModelId& id, const RequestedMode& requested,
                                const std::optional<Address>& operator_address,
                                const std::vector<U256>& input) {
        auto& record = call_.record;
        if (record.count >= rules_.inferences_per_transaction)
            return reverted(CallError::too_many_inferences, {number(rules_.inferences_per_transaction)});
        auto usable = usable_model(id);
        if (auto* failure = std::get_if<CallFailure>(&usable)) return std::move(*failure);
        PaidJob paid{std::move(std::get<UsableModel>(usable)), {}, {}, 0};
        const auto& model = *paid.model.described;
        const auto resolved = resolve(paid.model, requested);
        if (const auto* failure = std::get_if<CallFailure>(&resolved)) return *failure;
        const auto mode = std::get<Mode>(resolved);
        if (mode == Mode::operator_signed && (!operator_address || operator_address->is_zero()))
            return reverted(CallError::operator_required);
        if (input.size() != model.input_size)
            return reverted(CallError::wrong_input_length, {number(model.input_size), number(input.size())});
        const auto gas = inference_gas(rules_.fees, model, mode);
        if (!context_.charge(gas.execution) || !charge_compute(gas.compute)) return out_of_gas();
        paid.compute_gas = gas.compute;

        auto integers = to_job_input(model, input);
        VALENCE_CHECK(integers.has_value());
        paid.job = {id, mode, operator_address.value_or(Address{}), std::move(integers).value(), {}};
        if (outcome::facts(mode).sharing == outcome::Sharing::each_its_own)
            paid.job.salt = outcome::job_salt(call_.transaction_hash(), record.count, {}, 0);
        ++record.count;
        paid.id = outcome::job_id(paid.job);
        return paid;
    }

    /// The outputs in WAD; nothing when nobody knows the outcome yet, which is then recorded as needed.
    CallAnswer<std::optional<std::vector<U256>>> answer(const PaidJob& paid) {
        auto& record = call_.record;
        const auto* outcome = call_.environment.outcomes.find(paid.id, paid.job);
        if (outcome == nullptr) {
            const auto& cost = paid.model.described->cost;
            record.needed.push_back({paid.id, paid.job, cost.total.multiply_accumulates, cost.weight_bytes});
            return std::optional<std::vector<U256>>{};
        }
        const auto& model = *paid.model.described;
        if (outcome->is_available() && !is_output_of(model.graph(), outcome->output)) {
            record.flaw = Error{outcome::OutcomeError::wrong_output, base::to_hex_prefixed(paid.id)};
            return abandoned();
        }
        const auto& policy = paid.model.policy;
        record.used.push_back({paid.id, outcome->payee, policy.owner, policy.royalty, paid.compute_gas,
                               outcome->is_available()});
        if (const auto* none = std::get_if<outcome::Unavailable>(&outcome->evidence)) {
            return reverted(
                CallError::inference_unavailable,
                {Bytes(paid.id.begin(), paid.id.end()), number(static_cast<std::uint64_t>(none->reason))});
        }
        return std::optional{from_job_output(model, outcome->output)};
    }

    CallAnswer<std::vector<U256>> infer_values(const ml::ModelId& id, const RequestedMode& requested,
                                               const std::optional<Address>& operator_address,
                                               const std::vector<U256>& input) {
        auto paid = prepare(id, requested, operator_address, input);
        if (auto* failure = std::get_if<CallFailure>(&paid)) return std::move(*failure);
        auto answered = answer(std::get<PaidJob>(paid));
        if (auto* failure = std::get_if<CallFailure>(&answered)) return std::move(*failure);
        auto& output = std::get<std::optional<std::vector<U256>>>(answered);
        if (!output) return abandoned();
        return *std::move(output);
    }

    CallAnswer<Bytes> infer(const ml::ModelId& id, const RequestedMode& requested,
                            const std::optional<Address>& operator_address, const std::vector<U256>& input) {
        auto output = infer_values(id, requested, operator_address, input);
        if (auto* failure = std::get_if<CallFailure>(&output)) return std::move(*failure);
        return encode_result("int256[]", array_of(std::get<std::vector<U256>>(output)));
    }

    CallAnswer<Bytes> infer_tensors(const ml::ModelId& id, const RequestedMode& requested,
                                    const Items& tensors) {
        auto found = context_.find_model(id);
        if (auto* failure = std::get_if<CallFailure>(&found)) return std::move(*failure);
        const auto& described = std::get<std::shared_ptr<const DescribedModel>>(found);
        auto input = inputs_by_name(*described, tensors);
        if (auto* error = std::get_if<Bytes>(&input)) return CallFailure{Status::revert, std::move(*error)};
        auto output = infer_values(id, requested, {}, std::get<std::vector<U256>>(input));
        if (auto* failure = std::get_if<CallFailure>(&output)) return std::move(*failure);
        return encode_result(kTensorsType,
                             outputs_with_names(*described, std::get<std::vector<U256>>(output)));
    }

    /// All are asked for before the run is abandoned, so that they are computed at the same time; and before
    /// it fails for one that is not available: had it then gone on without one that is missing, a transaction
    /// behind it that brings that one to the block would change what it had used.
    CallAnswer<Bytes> infer_many(const Items& calls) {
        std::vector<PaidJob> jobs;
        for (const auto& item : calls) {
            const auto& fields = item.items();
            auto paid = prepare(model_of(fields[0]), requested_mode(fields[1]), {}, words_of(fields[2]));
            if (auto* failure = std::get_if<CallFailure>(&paid)) return std::move(*failure);
            jobs.push_back(std::move(std::get<PaidJob>(paid)));
        }
        Items outputs;
        std::optional<CallFailure> failure;
        for (const auto& job : jobs) {
            auto answered = answer(job);
            if (auto* failed = std::get_if<CallFailure>(&answered)) {
                if (failed->status == Status::abandoned) return std::move(*failed);
                if (!failure) failure = std::move(*failed);
                continue;
            }
            const auto& output = std::get<std::optional<std::vector<U256>>>(answered);
            if (output) outputs.push_back(array_of(*output));
        }
        if (!call_.record.needed.empty()) return abandoned();
        if (failure) return *std::move(failure);
        return encode_result("int256[][]", std::move(outputs));
    }

    CallAnswer<Bytes> run_model_inference(const AbiValue& request) {
        auto read = read_opengradient_request(call_.state, request);
        if (auto* error = std::get_if<Bytes>(&read)) return CallFailure{Status::revert, std::move(*error)};
        const auto& asked = std::get<OpenGradientRequest>(read);
        auto found = context_.find_model(asked.model);
        if (auto* failure = std::get_if<CallFailure>(&found)) return std::move(*failure);
        const auto& described = std::get<std::shared_ptr<const DescribedModel>>(found);
        auto input = inputs_by_name(*described, asked.tensors);
        if (auto* error = std::get_if<Bytes>(&input)) return CallFailure{Status::revert, std::move(*error)};
        auto output = infer_values(asked.model, {asked.mode, 0, {}}, {}, std::get<std::vector<U256>>(input));
        if (auto* failure = std::get_if<CallFailure>(&output)) return std::move(*failure);
        return encode_opengradient_output(*described, std::get<std::vector<U256>>(output));
    }

    // ---- What can be asked about models

    CallAnswer<Bytes> quote(const ml::ModelId& id, const RequestedMode& requested) {
        auto usable = usable_model(id);
        if (auto* failure = std::get_if<CallFailure>(&usable)) return std::move(*failure);
        const auto& model = std::get<UsableModel>(usable);
        const auto resolved = resolve(model, requested);
        if (const auto* failure = std::get_if<CallFailure>(&resolved)) return *failure;
        const auto gas = inference_gas(rules_.fees, *model.described, std::get<Mode>(resolved));
        Bytes out;
        base::append(out, U256{gas.total()}.to_hash());
        base::append(out, U256{gas.compute}.to_hash());
        return out;
    }

    CallAnswer<Bytes> last_job() const {
        const auto& used = call_.record.used;
        const auto last = used.empty() ? UsedOutcome{} : used.back();
        Bytes out;
        base::append(out, last.id.bytes);
        base::append(out, U256::from_address(last.payee).to_hash());
        base::append(out, U256{last.compute_gas}.to_hash());
        return out;
    }

    /// What is asked after this is nobody's to pay.
    CallAnswer<Bytes> settle(const U256& price) {
        auto& record = call_.record;
        record.settlement = Settlement{price, record.used.size()};
        Bytes out;
        base::append(out, U256{compute_to_pay(record, call_.used_before)}.to_hash());
        base::append(out, U256{record.compute_from_execution}.to_hash());
        return out;
    }

    CallAnswer<Bytes> model_info(const ml::ModelId& id) {
        auto found = context_.find_model(id);
        if (auto* failure = std::get_if<CallFailure>(&found)) return std::move(*failure);
        auto info = encode_model_info(*std::get<std::shared_ptr<const DescribedModel>>(found));
        if (!context_.charge(rules_.fees.input_word * (info.size() / 32))) return out_of_gas();
        return info;
    }

    const evm::Message& message_;
    const InferenceCall& call_;
    const InferenceRules& rules_;
    CallContext context_;
};

}  // namespace

PrecompileResult run_inference(const evm::Message& message, const InferenceCall& call) {
    return Run{message, call}.run();
}

}  // namespace valence::chain
