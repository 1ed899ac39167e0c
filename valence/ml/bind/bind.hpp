// Source code by which contracts and programs call one model with names and types instead of lists of
// numbers.
//
//     Graph ─► Interface (identifiers, sizes) ─► solidity.cpp, typescript.cpp
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "valence/ml/graph/graph.hpp"
#include "valence/ml/model/verifying_key.hpp"

namespace valence::ml {

/// One input or output as generated code has it.
struct BoundPort {
    std::string identifier;
    std::string comment;  // the model's own name, shape and unit, made harmless
    std::uint64_t size = 1;
};

/// A model as generated code has it. Nothing in it but comments comes from the model's author unchecked.
struct BoundModel {
    ModelId id;
    std::string type_name;  // e.g. VolatilityMlp
    std::vector<BoundPort> inputs;
    std::vector<BoundPort> outputs;
};

/// `name` is what the library is to be called like: any text.
BoundModel bound_model(const Graph& graph, const ModelId& id, std::string_view name);

/// Inputs of more numbers than this are dynamic arrays in Solidity, their length checked when called.
inline constexpr std::uint64_t kMaxFixedArray = 64;
/// More inputs than this are handed over as one struct: Solidity has 16 places for variables.
inline constexpr std::size_t kMaxParameters = 3;

/// A Solidity library (docs/contracts.md) that imports Inference.sol and IInference.sol from below `import`,
/// such as "valence".
std::string solidity_binding(const BoundModel& model, std::string_view import);

/// A TypeScript module for viem: types of the inputs and outputs, encoders, and the call.
std::string typescript_binding(const BoundModel& model);

}  // namespace valence::ml
