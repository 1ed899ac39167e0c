// Inference inside a transaction: what the precompile at 0x…F4 does and what follows from it.
//
//     execute_transaction(…, outcomes) ─ F4 asks OutcomeSource ─┬─ has it: the call answers
//                                                                └─ has not: the run is abandoned, the result
//                                                                says
//                                                                   which jobs it needs; run again with them
//
// No state of a run is kept: whoever drives execution (sequencer, full node, simulation, tracer) brings the
// outcomes, and the same function runs from the start. docs/inference.md states the rules; this folder:
//
//     inference_rules   the constants of a chain: fees, limits, shares
//     fees              gas of a call and of its compute part
//     described_model   a model as the state knows it: graph without weights, cost
//     registry_view     what the registry contract says about a model, read from its storage
//     call_abi          the precompile's functions and errors
//     job_input         int256[] to a job's integers and an outcome's back
//     record            what one transaction asked for and used
//     inference_precompile   the precompile itself: calls and what can be asked about models
//     registration      its part for the registry: taking keys, checking weights
//     call_context      what those two share
#pragma once

#include "valence/chain/inference/inference_precompile.hpp"
