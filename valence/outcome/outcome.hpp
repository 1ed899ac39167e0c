// Module outcome: what contracts ask of models, what comes back, and why a full node believes it.
//
//     Job ─ a compute node ─► Outcome{output, payee, Evidence} ─ verify() ─► the block may use it
//
// Vocabulary
//   job        one inference: a model, its quantised input, the mode in which the answer is to be believed
//   outcome    the answer to a job: output integers, who is paid, the evidence
//   evidence   what the mode asks for: nothing (REPLAY), a signature, a proof …
//   settled    a job with its outcome, as a block's body carries it
//
// A mode is one row of the table in mode.cpp, one alternative of Evidence and one case of verify(): adding
// one touches this folder only.
#pragma once

#include "valence/outcome/evidence.hpp"
#include "valence/outcome/job.hpp"
#include "valence/outcome/mode.hpp"
#include "valence/outcome/outcome_error.hpp"
#include "valence/outcome/settled.hpp"
#include "valence/outcome/verify.hpp"
