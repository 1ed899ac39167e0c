#include "valence/ml/executor/builder.hpp"

#include <limits>

#include <fmt/format.h>

#include "valence/ml/executor/steps/steps.hpp"
#include "valence/ml/graph/model_error.hpp"

namespace valence::ml::executor {

Strides dense_strides(const Shape& shape, Layout layout) {
    Strides strides{};
    std::ptrdiff_t next = 1;
    const auto take = [&](std::size_t axis) {
        strides[axis] = next;
        next *= shape[axis];
    };
    if (layout == Layout::channels_last && shape.rank() == 4) {
        for (const std::size_t axis : {1, 3, 2, 0})
            take(axis);
    } else {
        for (std::size_t axis = shape.rank(); axis-- > 0;)
            take(axis);
    }
    return strides;
}

Strides broadcast_strides(const Shape& shape, const Strides& strides, const Shape& to) {
    Strides result{};
    const std::size_t missing = to.rank() - shape.rank();
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        result[missing + axis] = shape[axis] == 1 ? 0 : strides[axis];
    return result;
}

namespace {

/// Axes of extent 1 may have any stride.
bool same_places(const Shape& shape, const Strides& a, const Strides& b) {
    for (std::size_t axis = 0; axis < shape.rank(); ++axis)
        if (shape[axis] != 1 && a[axis] != b[axis]) return false;
    return true;
}

bool lies(const View& view, Layout layout) {
    return same_places(view.shape, view.strides, dense_strides(view.shape, layout));
}

std::size_t bytes_of(const Tensor& tensor) { return tensor.shape.elements() * element_bytes(tensor.type); }

Interval joined(Interval y, std::int64_t value) { return {std::min(y.low, value), std::max(y.high, value)}; }

}  // namespace

bool is_row_major(const View& view) { return lies(view, Layout::row_major); }

TableValues::TableValues(std::shared_ptr<const TableEntries> table) : entries(std::move(table)) {
    for (std::size_t block = 0; block < blocks.size(); ++block) {
        const auto first = static_cast<std::int64_t>(block) * kBlock - 32768;
        blocks[block] = {32767, -32768};
        for (std::int64_t x = first; x < first + kBlock; ++x)
            blocks[block] = joined(blocks[block], entries->at(static_cast<std::int16_t>(x)));
    }
}

Interval TableValues::over(Interval x) const {
    Interval y{32767, -32768};
    for (std::int64_t at = x.low; at <= x.high;) {
        if ((at + 32768) % kBlock == 0 && at + kBlock - 1 <= x.high) {
            const Interval& block = blocks[static_cast<std::size_t>((at + 32768) / kBlock)];
            y = {std::min(y.low, block.low), std::max(y.high, block.high)};
            at += kBlock;
        } else {
            y = joined(y, entries->at(static_cast<std::int16_t>(at)));
            ++at;
        }
    }
    return y;
}

Result<void> Resources::reserve(std::size_t size) {
    if (size > limit - std::min(bytes, limit))
        return Error{ModelError::too_large, fmt::format("more than {} bytes to plan", limit)};
    bytes += size;
    return success();
}

Result<std::byte*> Resources::allocate(std::size_t size) {
    BOOST_OUTCOME_TRY(reserve(size));
    return memory.emplace_back(size).data();
}

const TableValues& Resources::table(const Table& wanted) {
    const auto found = tables.find(wanted);
    if (found != tables.end()) return found->second;
    bytes += sizeof(TableEntries) + sizeof(TableValues);
    return tables.emplace(wanted, tabulate(wanted)).first->second;
}

Builder::Builder(Resources& resources, const Subgraph& subgraph)
    : resources_(resources),
      subgraph_(subgraph),
      homes_(subgraph.tensors.size()),
      copies_(subgraph.tensors.size()),
      ranges_(subgraph.tensors.size()),
      uses_(subgraph.tensors.size()),
      readers_(subgraph.tensors.size(), subgraph.nodes.size()),
      planned_(subgraph.nodes.size()) {
    for (std::size_t number = 0; number < subgraph.nodes.size(); ++number) {
        for (const TensorId input : subgraph.nodes[number].inputs) {
            ++uses_[input];
            readers_[input] = number;
        }
    }
    for (const TensorId output : subgraph.outputs)
        ++uses_[output];
    for (std::size_t id = 0; id < subgraph.tensors.size(); ++id)
        if (subgraph.tensors[id].type == ElementType::index)
            ranges_[id] = {std::numeric_limits<std::int32_t>::min(),
                           std::numeric_limits<std::int32_t>::max()};
}

Result<Program> Builder::build() {
    // Inputs are there before the first step, outputs after the last.
    for (const TensorId input : subgraph_.inputs) {
        define(input);
        program_.inputs.push_back(homes_[input]->buffer);
        lifetimes_[homes_[input]->buffer].first = -1;
    }
    for (std::size_t number = 0; number < subgraph_.nodes.size(); ++number)
        if (!planned_[number]) {
            BOOST_OUTCOME_TRY(plan_node(number));
        }
    for (const TensorId output : subgraph_.outputs) {
        const BufferId buffer = row_major(output).buffer;
        program_.outputs.push_back(buffer);
        lifetimes_[buffer].last = std::numeric_limits<std::int64_t>::max();
    }
    const ArenaLayout layout = lay_out(lifetimes_);
    if (layout.bytes > resources_.limit)
        return Error{ModelError::too_large,
                     fmt::format("{} bytes to run, {} allowed", layout.bytes, resources_.limit)};
    program_.arena_bytes = layout.bytes;
    for (std::size_t buffer = 0; buffer < lifetimes_.size(); ++buffer)
        program_.places[buffer].offset = layout.offsets[buffer];
    return std::move(program_);
}

Result<void> Builder::plan_node(std::size_t number) {
    const Node& node = subgraph_.nodes[number];
    planned_[number] = true;
    BOOST_OUTCOME_TRY(
        std::visit([&](const auto& operation) { return plan_step(*this, node, operation); }, node.operation));
    for (const TensorId input : node.inputs) {
        --uses_[input];
        --pending_[homes_[input]->buffer];
        for (const auto& copy : copies_[input])
            if (copy) --pending_[copy->buffer];
    }
    return success();
}

BufferId Builder::new_buffer(std::size_t bytes) {
    const auto now = static_cast<std::int64_t>(program_.steps.size());
    lifetimes_.push_back({bytes, now, now});
    program_.places.emplace_back();
    pending_.push_back(0);
    return static_cast<BufferId>(lifetimes_.size() - 1);
}

BufferId Builder::scratch(std::size_t bytes) { return new_buffer(bytes); }

void Builder::touch(BufferId buffer) {
    Lifetime& life = lifetimes_[buffer];
    life.last = std::max(life.last, static_cast<std::int64_t>(program_.steps.size()));
}

void Builder::emit(std::unique_ptr<Step> step, std::span<const BufferId> buffers) {
    for (const BufferId buffer : buffers)
        touch(buffer);
    program_.steps.push_back(std::move(step));
}

void Builder::emit(std::unique_ptr<Step> step, std::initializer_list<BufferId> buffers) {
    emit(std::move(step), std::span(buffers.begin(), buffers.size()));
}

View Builder::define(TensorId id, Layout layout) {
    const Tensor& made = tensor(id);
    const View view{new_buffer(bytes_of(made)), made.type, made.shape, dense_strides(made.shape, layout)};
    pending_[view.buffer] = uses_[id];
    homes_[id] = view;
    return view;
}

View Builder::define_over(TensorId id, Layout layout, TensorId input, const View& seen) {
    const Tensor& made = tensor(id);
    const bool dies = uses_[input] == 1 && pending_[seen.buffer] == 1;
    if (!dies || program_.places[seen.buffer].fixed != nullptr || seen.type != made.type ||
        seen.shape != made.shape || !lies(seen, layout))
        return define(id, layout);
    const View view{seen.buffer, made.type, made.shape, seen.strides};
    pending_[view.buffer] += uses_[id];
    homes_[id] = view;
    return view;
}

void Builder::alias(TensorId id, TensorId input) {
    const View seen = row_major(input);
    const Tensor& made = tensor(id);
    homes_[id] = View{seen.buffer, made.type, made.shape, dense_strides(made.shape, Layout::row_major)};
    pending_[seen.buffer] += uses_[id];
}

BufferId Builder::constant(const std::byte* data) {
    const BufferId buffer = new_buffer(0);
    program_.places[buffer].fixed = data;
    return buffer;
}

void Builder::define_constant(TensorId id, const std::byte* data) {
    const Tensor& made = tensor(id);
    const View view{constant(data), made.type, made.shape, dense_strides(made.shape, Layout::row_major)};
    pending_[view.buffer] = uses_[id];
    homes_[id] = view;
}

View Builder::converted(TensorId id, Layout layout) {
    const View& home = *homes_[id];
    if (lies(home, layout)) return home;
    std::optional<View>& copy = copies_[id][static_cast<std::size_t>(layout)];
    if (!copy) {
        copy =
            View{new_buffer(bytes_of(tensor(id))), home.type, home.shape, dense_strides(home.shape, layout)};
        pending_[copy->buffer] = uses_[id];
        emit_copy(*this, home, *copy, home.shape);
    }
    return *copy;
}

View Builder::row_major(TensorId id) { return converted(id, Layout::row_major); }
View Builder::channels_last(TensorId id) { return converted(id, Layout::channels_last); }

Layout Builder::natural_layout(const Shape& shape, std::span<const TensorId> inputs) const {
    for (const TensorId input : inputs) {
        const View& seen = *homes_[input];
        if (seen.shape == shape && !is_row_major(seen)) return Layout::channels_last;
    }
    return Layout::row_major;
}

Builder::Absorbed Builder::absorb_lookup(TensorId id) {
    const std::size_t reader = readers_[id];
    if (uses_[id] != 1 || reader == subgraph_.nodes.size()) return {id, nullptr};
    const Node& node = subgraph_.nodes[reader];
    const auto* lookup = std::get_if<Lookup>(&node.operation);
    if (lookup == nullptr) return {id, nullptr};
    planned_[reader] = true;
    const TableValues& table = resources_.table(lookup->table);
    set_range(node.outputs[0], table.over(range(id)));
    return {node.outputs[0], table.data()};
}

}  // namespace valence::ml::executor
