#include "valence/sequencer/system_part.hpp"

#include "valence/chain/system/scheduler_view.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::sequencer {
namespace {

using chain::ChainError;
using chain::SystemCall;
using AtOnce = BuildingOutcomes::AtOnce;

bool is_abandoned(const Result<chain::TransactionResult>& ran) {
    return !ran && ran.error() == Error{ChainError::transaction_abandoned};
}

}  // namespace

Result<SystemPart> build_system_part(chain::SystemLine line, const chain::Header& block,
                                     state::JournaledState& state, Deliveries deliveries,
                                     const InferenceDesk* desk, BuildingOutcomes* outcomes,
                                     const chain::BlockExecution& execution) {
    SystemPart part;
    while (const auto due = line.next()) {
        const bool is_delivery = due->kind == SystemCall::delivery;
        if (is_delivery && deliveries == Deliveries::left_out) break;
        const auto request = due->kind == SystemCall::da_info
                                 ? std::nullopt
                                 : chain::decode_request(state.storage(
                                       chain::kScheduler, chain::request_slot(due->delivery.id)));
        if (outcomes != nullptr) {
            // In its last block a request is answered now or never, and work for never would be paid by
            // nobody.
            const bool is_last_chance = request && request->deadline == block.number;
            const bool at_once = deliveries == Deliveries::run_at_once || is_last_chance ||
                                 desk->delivery_wait().is_over(due->delivery, block.number);
            outcomes->begin_delivery(at_once ? AtOnce::everything : AtOnce::nothing);
        }
        auto ran = line.run(*due);
        if (is_abandoned(ran) && outcomes != nullptr &&
            desk->delivery_wait().asks_anew(due->delivery, execution.abandoned().needed, block.number)) {
            outcomes->begin_delivery(AtOnce::everything);
            ran = line.run(*due);
        }
        if (is_abandoned(ran)) {
            part.needing = NeedingDelivery{due->delivery, execution.abandoned()};
            if (outcomes != nullptr) outcomes->withhold(part.needing->record.needed);
            break;
        }
        if (!ran) return std::move(ran).error();
        if (request) ++part.requests;
        auto encoded = chain::encode_transaction(due->transaction);
        part.hashes.push_back(crypto::keccak256(encoded));
        part.encoded.push_back(std::move(encoded));
        part.transactions.push_back(due->transaction);
    }
    return part;
}

}  // namespace valence::sequencer
