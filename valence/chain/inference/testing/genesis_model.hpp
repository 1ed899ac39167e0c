// A model that a chain begins with, and calls that ask it: for tests and benches.
#pragma once

#include "valence/chain/genesis.hpp"
#include "valence/codec/abi.hpp"
#include "valence/outcome/mode.hpp"
#include "valence/outcome/model_source.hpp"

namespace valence::chain::testing {

/// Has the registry know the model, nobody's, open from block 1 on in these modes.
void open_model(std::map<Address, GenesisAccount>& accounts, const ml::Graph& graph, outcome::ModeSet modes);

/// The data of a call: `signature` is "name(types…)", `arguments` the tuple of its arguments.
Bytes encode_call(std::string_view signature, const codec::AbiValue& arguments);

codec::AbiValue id_value(const ml::ModelId& id);

/// infer(model, mode, input) of the precompile; `input` is an array of WADs.
Bytes infer_call(const ml::ModelId& model, outcome::Mode mode, const codec::AbiValue& input);

}  // namespace valence::chain::testing
