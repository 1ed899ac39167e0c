#include "valence/ml/executor/run.hpp"

#include <cstring>

#include <fmt/format.h>

#include "valence/ml/executor/plan_parts.hpp"
#include "valence/ml/graph/model_error.hpp"

namespace valence::ml {

struct Workspace::Parts {
    executor::Memory arena;
    executor::Workers workers{1};
};

Workspace::Workspace() : parts_(std::make_unique<Parts>()) {}
Workspace::~Workspace() = default;
Workspace::Workspace(Workspace&&) noexcept = default;
Workspace& Workspace::operator=(Workspace&&) noexcept = default;

namespace {

std::size_t bytes_of(const Tensor& tensor) {
    return tensor.shape.elements() * executor::element_bytes(tensor.type);
}

/// Number of items, if the views are a whole number of the model's tensors.
template <typename View>
Result<std::size_t> count_items(const Subgraph& part, std::span<const TensorId> tensors,
                                std::span<const View> views, const char* what) {
    if (tensors.empty() || views.size() % tensors.size() != 0)
        return Error{ModelError::invalid_input,
                     fmt::format("{} {} tensors, not {} for each item", views.size(), what, tensors.size())};
    for (std::size_t k = 0; k < views.size(); ++k) {
        const Tensor& tensor = part.tensors[tensors[k % tensors.size()]];
        const std::size_t size = std::visit([](const auto& view) { return view.size(); }, views[k]);
        const bool index = views[k].index() == 1;
        if (index != (tensor.type == ElementType::index) || size != tensor.shape.elements())
            return Error{ModelError::invalid_input,
                         fmt::format("{} {}: {} {}, not {} of {}", what, k % tensors.size(), size,
                                     index ? "indices" : "activations", tensor.shape.elements(),
                                     to_string(tensor.shape))};
    }
    return views.size() / tensors.size();
}

}  // namespace

Result<void> run(const Plan& plan, Workspace& workspace, std::span<const TensorView> inputs,
                 std::span<const MutableTensorView> outputs, unsigned threads) {
    const executor::Program& program = plan.parts().program;
    const Subgraph& part = plan.graph().main;
    BOOST_OUTCOME_TRY(const std::size_t items,
                      count_items(part, std::span<const TensorId>(part.outputs), outputs, "output"));
    if (part.inputs.empty() ? !inputs.empty() : inputs.size() != items * part.inputs.size())
        return Error{ModelError::invalid_input, fmt::format("{} input tensors for {} items of {}",
                                                            inputs.size(), items, part.inputs.size())};
    if (!inputs.empty()) {
        BOOST_OUTCOME_TRY(count_items(part, std::span<const TensorId>(part.inputs), inputs, "input"));
    }

    Workspace::Parts& own = workspace.parts();
    if (own.arena.size() < items * program.arena_bytes)
        own.arena = executor::Memory(items * program.arena_bytes);
    if (own.workers.threads() != std::max(threads, 1U)) own.workers = executor::Workers(threads);

    executor::Frame frame;
    frame.arena = own.arena.data();
    frame.stride = program.arena_bytes;
    frame.items = items;
    frame.places = program.places.data();
    frame.workers = &own.workers;
    for (std::size_t k = 0; k < inputs.size(); ++k) {
        const std::size_t number = k % part.inputs.size();
        std::byte* to = frame.at<std::byte>(program.inputs[number], k / part.inputs.size());
        std::visit([&](const auto& view) { std::memcpy(to, view.data(), view.size_bytes()); }, inputs[k]);
    }
    program.run(frame);
    for (std::size_t k = 0; k < outputs.size(); ++k) {
        const std::size_t number = k % part.outputs.size();
        const std::byte* from = frame.at<std::byte>(program.outputs[number], k / part.outputs.size());
        std::visit([&](const auto& view) { std::memcpy(view.data(), from, view.size_bytes()); }, outputs[k]);
    }
    return success();
}

Result<std::vector<Values>> run(const Plan& plan, Workspace& workspace, std::span<const Values> inputs,
                                unsigned threads) {
    const Subgraph& part = plan.graph().main;
    std::vector<std::vector<std::byte>> storage;
    const auto room = [&](std::size_t bytes) { return storage.emplace_back(bytes).data(); };
    const auto narrow = [&]<typename T>(const Values& values, T) -> TensorView {
        T* data = reinterpret_cast<T*>(room(values.data.size() * sizeof(T)));
        std::transform(values.data.begin(), values.data.end(), data,
                       [](std::int64_t value) { return static_cast<T>(value); });
        return std::span<const T>(data, values.data.size());
    };
    std::vector<TensorView> in;
    for (const Values& values : inputs)
        in.push_back(values.type == ElementType::activation ? narrow(values, std::int16_t{})
                                                            : narrow(values, std::int32_t{}));
    std::vector<MutableTensorView> out;
    for (const TensorId id : part.outputs) {
        const Tensor& tensor = part.tensors[id];
        std::byte* data = room(bytes_of(tensor));
        if (tensor.type == ElementType::activation)
            out.emplace_back(std::span(reinterpret_cast<std::int16_t*>(data), tensor.shape.elements()));
        else
            out.emplace_back(std::span(reinterpret_cast<std::int32_t*>(data), tensor.shape.elements()));
    }
    BOOST_OUTCOME_TRY(run(plan, workspace, in, out, threads));
    std::vector<Values> results;
    for (std::size_t k = 0; k < out.size(); ++k) {
        const Tensor& tensor = part.tensors[part.outputs[k]];
        Values& values = results.emplace_back(Values{tensor.type, tensor.shape, {}});
        std::visit([&](const auto& view) { values.data.assign(view.begin(), view.end()); }, out[k]);
    }
    return results;
}

}  // namespace valence::ml
