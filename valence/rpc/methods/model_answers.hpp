// What the methods about models share.
#pragma once

#include "valence/compute/model_store/model_store.hpp"
#include "valence/rpc/call.hpp"

namespace valence::rpc {

/// A failure of the model store, with the code that fits.
RpcError from_store_error(const Error& error);

/// The object that describes a model in full.
void write_model(Call& call, const compute::ModelRecord& record, const compute::ModelFront& front);

}  // namespace valence::rpc
