// BlockDatabase: the blocks of the embedded layer on disk, in RocksDB.
//
//   'm'           → chain id
//   'h' height    → header and roots        (heights are 8 bytes, big-endian)
//   't' height    → the block's transactions, blobs included
#pragma once

#include <atomic>
#include <filesystem>
#include <memory>

#include "valence/da/layer/layer.hpp"

namespace rocksdb {
class DB;
class Env;
}  // namespace rocksdb

namespace valence::da {

/// A block as it is kept.
struct StoredLayerBlock {
    ExtendedHeader header;
    std::vector<Bytes> transactions;
};

/// What a written block survives: the death of the process, or the loss of power too.
enum class LayerDurability : std::uint8_t { process, power };

class BlockDatabase {
public:
    /// In memory without a folder. Errors: io, also when the folder holds the layer of another chain id.
    static Result<std::unique_ptr<BlockDatabase>> open(const std::optional<std::filesystem::path>& folder,
                                                       const std::string& chain_id,
                                                       LayerDurability durability);
    ~BlockDatabase();

    /// The newest block's height; 0 when there is none.
    std::uint64_t head() const { return head_; }
    /// The next block, both rows or none. Error: io.
    Result<void> append(const StoredLayerBlock& block);
    /// Errors: no_such_height, io.
    Result<ExtendedHeader> header(std::uint64_t height) const;
    Result<std::vector<Bytes>> transactions(std::uint64_t height) const;

private:
    BlockDatabase() = default;
    Result<std::string> read(char table, std::uint64_t height) const;

    std::unique_ptr<rocksdb::Env> memory_;
    std::unique_ptr<rocksdb::DB> database_;
    std::string chain_id_;
    LayerDurability durability_ = LayerDurability::process;
    std::atomic<std::uint64_t> head_ = 0;
};

}  // namespace valence::da
