// Running a plan.
#pragma once

#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "valence/ml/executor/plan.hpp"
#include "valence/ml/reference/values.hpp"

namespace valence::ml {

/// A tensor's elements in row-major order: activations or indices.
using TensorView = std::variant<std::span<const std::int16_t>, std::span<const std::int32_t>>;
using MutableTensorView = std::variant<std::span<std::int16_t>, std::span<std::int32_t>>;

/// The memory and threads of one run at a time. Made for any plan; grows to the largest batch it has seen.
class Workspace {
public:
    Workspace();
    ~Workspace();
    Workspace(Workspace&&) noexcept;
    Workspace& operator=(Workspace&&) noexcept;

    struct Parts;
    Parts& parts() { return *parts_; }

private:
    std::unique_ptr<Parts> parts_;
};

/// Runs one or several independent inputs, which share the traffic of the weights. `inputs` are the inputs of
/// the first item in the order of Graph::inputs, then those of the second, and so on; `outputs` likewise. At
/// most `threads` threads work, the caller among them. Nothing is allocated but on a workspace's first run of
/// a plan, batch or number of threads larger than before. Errors: ModelError::invalid_input where a number,
/// type or size is not the model's.
Result<void> run(const Plan& plan, Workspace& workspace, std::span<const TensorView> inputs,
                 std::span<const MutableTensorView> outputs, unsigned threads = 1);

/// The same in the reference interpreter's terms: one item.
Result<std::vector<Values>> run(const Plan& plan, Workspace& workspace, std::span<const Values> inputs,
                                unsigned threads = 1);

}  // namespace valence::ml
