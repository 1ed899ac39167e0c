// ChainStore: KeyValueStore over the table `chain`.
#pragma once

#include "valence/state/store/tables.hpp"

namespace valence::state {

class ChainStore final : public KeyValueStore {
public:
    explicit ChainStore(std::shared_ptr<const Tables> tables) : tables_(std::move(tables)) {}

    std::optional<Bytes> get(BytesView key) const override;
    std::vector<std::optional<Bytes>> multi_get(std::span<const Bytes> keys) const override;
    void iterate(BytesView prefix, BytesView from, Direction, const Visitor&) const override;
    std::shared_ptr<const KeyValueView> snapshot() const override;
    Result<void> write(const KeyValueBatch&) override;

    /// About how many bytes of a batch the writes take.
    static std::size_t bytes_of(const KeyValueBatch&);
    /// Adds the writes to a batch that has others.
    static void add(const Tables&, rocksdb::WriteBatch&, const KeyValueBatch&);

private:
    std::shared_ptr<const Tables> tables_;
};

}  // namespace valence::state
