#include "valence/ml/model/graph_section.hpp"

#include <concepts>

#include <fmt/format.h>

#include "valence/ml/graph/limits.hpp"
#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/model/fields.hpp"

namespace valence::ml {
namespace {

template <typename T>
concept Enumeration = std::is_enum_v<T>;

class Writer {
public:
    template <typename... T>
    void operator()(const T&... values) {
        (put(values), ...);
    }
    Bytes take() { return std::move(bytes_); }

    void put(const std::string& text) {
        put(static_cast<std::uint64_t>(text.size()));
        base::append(bytes_, base::as_bytes(text));
    }

private:
    void put(bool value) { bytes_.push_back(value ? 1 : 0); }
    void put(std::uint8_t value) { bytes_.push_back(value); }
    void put(std::int8_t value) { bytes_.push_back(static_cast<std::uint8_t>(value)); }
    void put(Enumeration auto value) { bytes_.push_back(static_cast<std::uint8_t>(value)); }
    void put(std::uint64_t value) {
        for (; value >= 0x80; value >>= 7)
            bytes_.push_back(static_cast<std::uint8_t>(value | 0x80));
        bytes_.push_back(static_cast<std::uint8_t>(value));
    }
    void put(std::uint32_t value) { put(std::uint64_t{value}); }
    void put(std::int32_t value) {
        const std::int64_t wide = value;
        put(static_cast<std::uint64_t>((wide << 1) ^ (wide >> 63)));
    }
    void put(std::int16_t value) { put(std::int32_t{value}); }
    template <typename T>
    void put(const std::optional<T>& value) {
        put(value.has_value());
        if (value) put(*value);
    }
    template <typename T>
    void put(const std::vector<T>& list) {
        put(static_cast<std::uint64_t>(list.size()));
        for (const T& element : list)
            put(element);
    }
    template <typename T, std::size_t N>
    void put(const std::array<T, N>& list) {
        for (const T& element : list)
            put(element);
    }
    void put(const Shape& shape) {
        put(static_cast<std::uint64_t>(shape.rank()));
        for (const std::uint32_t extent : shape.extents())
            put(extent);
    }
    void put(const Operation& operation) {
        put(static_cast<std::uint8_t>(operation.index()));
        std::visit([this](const auto& op) { put(op); }, operation);
    }
    template <typename T>
        requires std::is_class_v<T>
    void put(const T& value) {
        file::fields(*this, value);
    }

    Bytes bytes_;
};

/// Reads what Writer writes. After the first failure everything reads as 0 and error() says what it was.
class Reader {
public:
    Reader(BytesView bytes, const char* section) : bytes_(bytes), section_(section) {}

    template <typename... T>
    void operator()(T&... values) {
        (get(values), ...);
    }

    void get(std::string& text) {
        const std::uint64_t size = count(kMaxName);
        if (failed()) return;
        text.assign(base::as_text(bytes_.subspan(at_, size)));
        at_ += size;
    }

    /// The first failure, or that bytes are left over.
    Result<void> finish() {
        if (!failed() && at_ != bytes_.size()) fail(ModelError::truncated, "ends later than its contents");
        if (failed()) return *error_;
        return success();
    }

private:
    bool failed() const { return error_.has_value(); }
    void fail(ModelError code, std::string_view what) {
        if (!failed()) error_ = Error{code, fmt::format("{} section, offset {}: {}", section_, at_, what)};
    }

    std::uint8_t byte() {
        if (failed()) return 0;
        if (at_ == bytes_.size()) {
            fail(ModelError::truncated, "ends early");
            return 0;
        }
        return bytes_[at_++];
    }

    std::uint64_t unsigned_number(std::uint64_t largest) {
        std::uint64_t value = 0;
        for (unsigned shift = 0;; shift += 7) {
            const std::uint8_t next = byte();
            if (shift == 63 && next > 1) fail(ModelError::malformed, "a number above 64 bits");
            if (shift > 0 && next == 0 && !failed())
                fail(ModelError::malformed, "a number in too many bytes");
            if (failed()) return 0;
            value |= std::uint64_t{next & 0x7fU} << shift;
            if (next < 0x80) break;
        }
        if (value > largest) {
            fail(ModelError::malformed, fmt::format("{} above {}", value, largest));
            return 0;
        }
        return value;
    }

    /// The number of elements that follow: at most `largest`, and no more than bytes are left.
    std::uint64_t count(std::uint64_t largest) {
        const std::uint64_t value = unsigned_number(largest);
        if (!failed() && value > bytes_.size() - at_) fail(ModelError::truncated, "ends within a list");
        return failed() ? 0 : value;
    }

    std::int64_t signed_number(std::int64_t low, std::int64_t high) {
        const std::uint64_t zigzag = unsigned_number(~std::uint64_t{0});
        const auto value = static_cast<std::int64_t>((zigzag >> 1) ^ (0 - (zigzag & 1)));
        if (value < low || value > high) {
            fail(ModelError::malformed, fmt::format("{} outside {} … {}", value, low, high));
            return 0;
        }
        return value;
    }

    void get(bool& value) {
        const std::uint8_t read = byte();
        if (read > 1) fail(ModelError::malformed, "a truth value above 1");
        value = read == 1;
    }
    void get(std::uint8_t& value) { value = byte(); }
    void get(std::int8_t& value) { value = static_cast<std::int8_t>(byte()); }
    template <Enumeration T>
    void get(T& value) {
        value = static_cast<T>(byte());
    }
    void get(std::uint64_t& value) { value = unsigned_number(~std::uint64_t{0}); }
    void get(std::uint32_t& value) { value = static_cast<std::uint32_t>(unsigned_number(UINT32_MAX)); }
    void get(std::int32_t& value) { value = static_cast<std::int32_t>(signed_number(INT32_MIN, INT32_MAX)); }
    void get(std::int16_t& value) { value = static_cast<std::int16_t>(signed_number(INT16_MIN, INT16_MAX)); }
    template <typename T>
    void get(std::optional<T>& value) {
        bool present = false;
        get(present);
        if (present) get(value.emplace());
    }
    template <typename T>
    void get(std::vector<T>& list) {
        const std::uint64_t size = count(kMaxGraphSection);
        take<T>(size);
        for (std::uint64_t left = size; left > 0 && !failed(); --left)
            get(list.emplace_back());
    }
    /// Counts elements of lists against the limit that validate() has for them, before they use memory.
    template <typename T>
    void take(std::uint64_t size) {
        if constexpr (std::is_same_v<T, Node>)
            take(nodes_, size, "nodes");
        else if constexpr (std::is_same_v<T, Tensor>)
            take(tensors_, size, "tensors");
        else if constexpr (std::is_same_v<T, Weight>)
            take(weights_, size, "weights");
        else if constexpr (std::is_same_v<T, Subgraph>)
            take(bodies_, size, "bodies");
        else if constexpr (std::is_same_v<T, Port>)
            take(ports_, size, "ports");
    }
    void take(std::uint64_t& left, std::uint64_t size, const char* what) {
        if (size > left) fail(ModelError::too_large, fmt::format("too many {}", what));
        left -= std::min(left, size);
    }
    template <typename T, std::size_t N>
    void get(std::array<T, N>& list) {
        for (T& element : list)
            get(element);
    }
    void get(Shape& shape) {
        std::array<std::uint32_t, kMaxRank> extents{};
        const std::uint64_t rank = count(kMaxRank);
        for (std::uint64_t axis = 0; axis < rank; ++axis)
            get(extents[axis]);
        shape = Shape{std::span<const std::uint32_t>(extents).first(rank)};
    }
    void get(Operation& operation) {
        const std::uint8_t kind = byte();
        if (kind >= std::variant_size_v<Operation>) {
            fail(ModelError::malformed, fmt::format("operation {}", kind));
            return;
        }
        emplace(operation, kind, std::make_index_sequence<std::variant_size_v<Operation>>{});
        std::visit([this](auto& op) { get(op); }, operation);
    }
    template <std::size_t... I>
    static void emplace(Operation& operation, std::size_t kind, std::index_sequence<I...>) {
        ((kind == I ? void(operation.emplace<I>()) : void()), ...);
    }
    template <typename T>
        requires std::is_class_v<T>
    void get(T& value) {
        file::fields(*this, value);
    }

    BytesView bytes_;
    const char* section_;
    std::size_t at_ = 0;
    std::optional<Error> error_;
    // How many more may come.
    std::uint64_t nodes_ = kMaxNodes;
    std::uint64_t tensors_ = kMaxTensors;
    std::uint64_t weights_ = kMaxWeights;
    std::uint64_t bodies_ = kMaxBodies;
    std::uint64_t ports_ = std::uint64_t{2} * kMaxPorts;
};

/// Calls visit(node) for all nodes, those of main first.
template <typename Graph, typename Visit>
void for_each_node(Graph& graph, Visit visit) {
    for (auto& node : graph.main.nodes)
        visit(node);
    for (auto& body : graph.bodies)
        for (auto& node : body.nodes)
            visit(node);
}

}  // namespace

Bytes encode_graph_section(const Graph& graph) {
    Writer writer;
    writer(graph);
    return writer.take();
}

Result<Graph> decode_graph_section(BytesView section) {
    Reader reader{section, "graph"};
    Graph graph;
    reader(graph);
    BOOST_OUTCOME_TRY(reader.finish());
    // A port is the tensor in its place of the graph's inputs or outputs, and is not written again.
    if (graph.inputs.size() != graph.main.inputs.size() || graph.outputs.size() != graph.main.outputs.size())
        return Error{ModelError::malformed, "graph section: not one port for each input and output"};
    for (std::size_t i = 0; i < graph.inputs.size(); ++i)
        graph.inputs[i].tensor = graph.main.inputs[i];
    for (std::size_t i = 0; i < graph.outputs.size(); ++i)
        graph.outputs[i].tensor = graph.main.outputs[i];
    return graph;
}

Bytes encode_names(const Graph& graph) {
    Writer writer;
    for_each_node(graph, [&](const Node& node) { writer.put(node.name); });
    return writer.take();
}

Result<void> decode_names(BytesView section, Graph& graph) {
    Reader reader{section, "names"};
    for_each_node(graph, [&](Node& node) { reader.get(node.name); });
    return reader.finish();
}

}  // namespace valence::ml
