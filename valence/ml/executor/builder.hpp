// Turns a subgraph into a program: walks the nodes in order, keeps where each tensor lies and what values it
// can hold, and collects steps and the lifetimes of their buffers.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "valence/base/result.hpp"
#include "valence/ml/executor/arena.hpp"
#include "valence/ml/executor/instruction_set.hpp"
#include "valence/ml/executor/loop_nest.hpp"
#include "valence/ml/executor/memory.hpp"
#include "valence/ml/executor/program.hpp"
#include "valence/ml/functions/table.hpp"
#include "valence/ml/graph/graph.hpp"

namespace valence::ml::executor {

/// How the elements of a tensor [N, C, H, W] follow each other; other ranks are row-major.
enum class Layout : std::uint8_t {
    row_major,
    channels_last,  // N, H, W, C: what convolutions and pools work on
};

/// A tensor as it lies in a buffer.
struct View {
    BufferId buffer = 0;
    ElementType type = ElementType::activation;
    Shape shape;
    Strides strides{};
};

/// Strides of a tensor that lies densely in a layout.
Strides dense_strides(const Shape& shape, Layout layout);
/// Strides with which a tensor is read as the broadcast shape: 0 where it has one element or no axis.
Strides broadcast_strides(const Shape& shape, const Strides& strides, const Shape& to);
bool is_row_major(const View& view);
constexpr std::size_t element_bytes(ElementType type) { return type == ElementType::activation ? 2 : 4; }

/// Least and greatest value that an element can have.
struct Interval {
    std::int64_t low = -32768;
    std::int64_t high = 32767;
};

/// A table, and what it takes to tell its extremes over an interval of arguments without reading all of it.
struct TableValues {
    explicit TableValues(std::shared_ptr<const TableEntries> table);

    /// The 65,536 entries, indexed by x as an unsigned number.
    const std::int16_t* data() const { return entries->data.data(); }
    Interval over(Interval x) const;

    static constexpr std::int64_t kBlock = 256;
    std::shared_ptr<const TableEntries> entries;
    std::array<Interval, 65536 / kBlock> blocks;  // extremes of 256 arguments each, from −32768 on
};

/// What the programs of one plan share: weights in the kernels' layouts, tables, other constants.
struct Resources {
    Resources(const Graph& planned, InstructionSet used, std::size_t most)
        : graph(planned), instructions(used), limit(most) {}

    const Graph& graph;
    InstructionSet instructions;
    std::size_t limit;  // of `bytes`
    std::deque<Memory> memory;
    std::map<Table, TableValues> tables;
    std::size_t bytes = 0;  // in `memory` and `tables`, and reserved

    /// Fails (too_large) rather than go over the limit; so does whatever calls it.
    Result<std::byte*> allocate(std::size_t size);
    /// Counts memory that a step keeps by itself.
    Result<void> reserve(std::size_t size);
    const TableValues& table(const Table& table);
    /// A weight's elements in a type wide enough for them.
    template <typename T>
    Result<const T*> expand(WeightId id) {
        const Weight& weight = graph.weights[id];
        const std::size_t count = weight.shape.elements();
        BOOST_OUTCOME_TRY(std::byte* const data, allocate(count * sizeof(T)));
        T* values = reinterpret_cast<T*>(data);
        for (std::size_t k = 0; k < count; ++k)
            values[k] = static_cast<T>(weight[k]);
        return values;
    }
};

class Builder {
public:
    Builder(Resources& resources, const Subgraph& subgraph);
    /// Plans every node. Errors: what the steps' planners refuse.
    Result<Program> build();

    // What the planners of operations (steps/) use.
    Resources& resources() { return resources_; }
    const Graph& graph() const { return resources_.graph; }
    const Tensor& tensor(TensorId id) const { return subgraph_.tensors[id]; }
    Interval range(TensorId id) const { return ranges_[id]; }
    void set_range(TensorId id, Interval range) { ranges_[id] = range; }

    /// The tensor as it lies, or in a layout, copied into it at most once.
    View view(TensorId id) const { return *homes_[id]; }
    View row_major(TensorId id);
    View channels_last(TensorId id);
    /// The layout in which an elementwise operation should write, from how its inputs lie.
    Layout natural_layout(const Shape& shape, std::span<const TensorId> inputs) const;

    /// Gives an output its buffer: a fresh one, or `input`'s if it dies here and has the same layout.
    View define(TensorId id, Layout layout = Layout::row_major);
    View define_over(TensorId id, Layout layout, TensorId input, const View& seen);
    /// The output is the input's elements under another shape.
    void alias(TensorId id, TensorId input);
    /// The output is a constant of the plan.
    void define_constant(TensorId id, const std::byte* data);
    /// A buffer that is a constant of the plan.
    BufferId constant(const std::byte* data);

    /// If the only reader of a tensor is a Lookup, plans it as part of the present node: its output takes the
    /// tensor's place.
    struct Absorbed {
        TensorId output;
        const std::int16_t* table;  // null: nothing absorbed, output is the tensor
    };
    Absorbed absorb_lookup(TensorId id);

    BufferId scratch(std::size_t bytes);
    /// Adds a step that reads or writes the buffers.
    void emit(std::unique_ptr<Step> step, std::initializer_list<BufferId> buffers);
    void emit(std::unique_ptr<Step> step, std::span<const BufferId> buffers);

private:
    BufferId new_buffer(std::size_t bytes);
    void touch(BufferId buffer);
    View converted(TensorId id, Layout layout);
    Result<void> plan_node(std::size_t number);

    Resources& resources_;
    const Subgraph& subgraph_;
    Program program_;
    std::vector<Lifetime> lifetimes_;                         // one per buffer
    std::vector<std::optional<View>> homes_;                  // one per tensor
    std::vector<std::array<std::optional<View>, 2>> copies_;  // one per tensor and layout
    std::vector<Interval> ranges_;
    std::vector<std::uint32_t> uses_;     // readers of a tensor not yet planned, outputs included
    std::vector<std::size_t> readers_;    // the last node that reads a tensor
    std::vector<std::uint32_t> pending_;  // the same for all tensors of a buffer
    std::vector<bool> planned_;           // nodes absorbed by an earlier one
};

}  // namespace valence::ml::executor
