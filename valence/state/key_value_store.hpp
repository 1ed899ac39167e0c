// Keys and values beside the state: what the node keeps of the chain itself (headers, bodies, receipts,
// indices), in the same database, so that a block and the state it leaves are written in one atomic step.
//
// Keys are ordered byte by byte. Whoever uses the store chooses its keys; by convention the first byte names
// a table. A read that the disk cannot answer ends the program: nothing sensible can be done without the
// data.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "valence/base/base.hpp"

namespace valence::state {

/// One write: a value to put, or nothing to delete the key.
struct KeyValueWrite {
    Bytes key;
    std::optional<Bytes> value;
};

/// Writes that take effect together, in this order.
using KeyValueBatch = std::vector<KeyValueWrite>;

enum class Visit : std::uint8_t { go_on, stop };
enum class Direction : std::uint8_t { ascending, descending };

class KeyValueView {
public:
    virtual ~KeyValueView() = default;

    virtual std::optional<Bytes> get(BytesView key) const = 0;
    /// One answer a key, in the keys' order; quicker than as many calls of `get`.
    virtual std::vector<std::optional<Bytes>> multi_get(std::span<const Bytes> keys) const = 0;

    using Visitor = std::function<Visit(BytesView key, BytesView value)>;
    /// Visits the pairs whose key starts with `prefix`, beginning at `from` or the next key in that
    /// direction. `from` starts with `prefix`; when it is empty the visit begins at the first (last) such
    /// key. The views given to the visitor end with its call.
    virtual void iterate(BytesView prefix, BytesView from, Direction, const Visitor&) const = 0;
};

class KeyValueStore : public KeyValueView {
public:
    /// The store as it is now, whatever is written later. Holds disk space back while it lives.
    virtual std::shared_ptr<const KeyValueView> snapshot() const = 0;
    /// Durable as commits of the state are; fails with StateError::io.
    virtual Result<void> write(const KeyValueBatch&) = 0;
};

}  // namespace valence::state
