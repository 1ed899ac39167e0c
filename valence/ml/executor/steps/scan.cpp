// Scan: a body program, run once per step in an arena of its own inside the outer one.
#include <cstring>

#include "valence/ml/executor/steps/steps.hpp"

namespace valence::ml::executor {
namespace {

class RunBody final : public Step {
public:
    /// A tensor outside, and the bytes of it that one step of the scan takes.
    struct Outer {
        BufferId buffer;
        std::size_t bytes;
    };

    RunBody(Program body, const Scan& scan, std::size_t steps, std::vector<Outer> inputs,
            std::vector<Outer> outputs, BufferId arena)
        : body_(std::move(body)),
          states_(scan.states),
          reversed_(scan.reversed),
          steps_(steps),
          inputs_(std::move(inputs)),
          outputs_(std::move(outputs)),
          arena_(arena) {}

    void run(const Frame& frame) const override {
        Frame inner = frame;
        inner.arena = frame.at<std::byte>(arena_, 0);  // the same stride leads to the other items' arenas
        inner.places = body_.places.data();
        for (std::size_t count = 0; count < steps_; ++count) {
            const std::size_t t = reversed_ ? steps_ - 1 - count : count;
            for (std::size_t item = 0; item < frame.items; ++item)
                for (std::size_t k = 0; k < inputs_.size(); ++k)
                    std::memcpy(inner.at<std::byte>(body_.inputs[k], item), source(frame, k, count, t, item),
                                inputs_[k].bytes);
            body_.run(inner);
            for (std::size_t item = 0; item < frame.items; ++item)
                for (std::size_t k = 0; k < outputs_.size(); ++k)
                    std::memcpy(frame.at<std::byte>(outputs_[k].buffer, item) +
                                    (k < states_ ? 0 : t * outputs_[k].bytes),
                                inner.at<std::byte>(body_.outputs[k], item), outputs_[k].bytes);
        }
    }

private:
    /// What body input k is at step t: states come from outside once, then from the step before.
    const std::byte* source(const Frame& frame, std::size_t k, std::size_t count, std::size_t t,
                            std::size_t item) const {
        if (k >= states_) return frame.at<const std::byte>(inputs_[k].buffer, item) + t * inputs_[k].bytes;
        return frame.at<const std::byte>(count == 0 ? inputs_[k].buffer : outputs_[k].buffer, item);
    }

    Program body_;
    std::size_t states_;
    bool reversed_;
    std::size_t steps_;
    std::vector<Outer> inputs_;
    std::vector<Outer> outputs_;
    BufferId arena_;
};

}  // namespace

Result<void> plan_step(Builder& builder, const Node& node, const Scan& operation) {
    const Subgraph& subgraph = builder.graph().bodies[operation.body];
    BOOST_OUTCOME_TRY(Program body, Builder(builder.resources(), subgraph).build());
    const auto bytes = [&](TensorId id) {
        const Tensor& tensor = subgraph.tensors[id];
        return tensor.shape.elements() * element_bytes(tensor.type);
    };
    std::vector<BufferId> buffers;
    std::vector<RunBody::Outer> inputs;
    std::vector<RunBody::Outer> outputs;
    for (std::size_t k = 0; k < node.inputs.size(); ++k) {
        inputs.push_back({builder.row_major(node.inputs[k]).buffer, bytes(subgraph.inputs[k])});
        buffers.push_back(inputs.back().buffer);
    }
    for (std::size_t k = 0; k < node.outputs.size(); ++k) {
        outputs.push_back({builder.define(node.outputs[k]).buffer, bytes(subgraph.outputs[k])});
        buffers.push_back(outputs.back().buffer);
    }
    const BufferId arena = builder.scratch(body.arena_bytes);
    buffers.push_back(arena);
    const std::size_t steps = builder.tensor(node.inputs[operation.states]).shape[0];
    builder.emit(std::make_unique<RunBody>(std::move(body), operation, steps, std::move(inputs),
                                           std::move(outputs), arena),
                 std::span<const BufferId>(buffers));
    return success();
}

}  // namespace valence::ml::executor
