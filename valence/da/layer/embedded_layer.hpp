// EmbeddedLayer: a data-availability layer in this process, with the squares, commitments and proofs of a
// real one, kept in RocksDB. One block as soon as there are blobs, and one a second without.
//
// Nobody but its operator vouches for its headers: whoever reads from somebody else's trusts that one not to
// keep blobs back and not to write two histories.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "valence/da/layer/block_database.hpp"
#include "valence/da/square/square.hpp"

namespace valence::da {

struct EmbeddedOptions {
    /// In memory when absent.
    std::optional<std::filesystem::path> folder;
    std::string chain_id = "valence-da";
    LayerDurability durability = LayerDurability::process;
    /// Between two blocks of which the second is empty; none are made without blobs when absent.
    std::optional<std::chrono::milliseconds> empty_every = std::chrono::seconds{1};
    /// Shares in a row, before the square is extended.
    std::size_t max_width = 128;
    /// The system's when empty.
    std::function<LayerTime()> now;
};

class EmbeddedLayer final : public Layer {
public:
    /// Makes the first block where there is none, then goes on making them. Error: io.
    static Result<std::unique_ptr<EmbeddedLayer>> open(EmbeddedOptions options = {});
    ~EmbeddedLayer() override;

    Result<std::uint64_t> submit(std::span<const Blob> blobs) override;
    Result<std::vector<LayerBlob>> blobs(std::uint64_t height, const Namespace& name) override;
    Result<ExtendedHeader> header(std::uint64_t height) override { return database_->header(height); }
    Result<ExtendedHeader> head() override { return database_->header(database_->head()); }
    Result<ExtendedHeader> wait_for(std::uint64_t height, std::chrono::milliseconds patience) override;
    Result<CommitmentProof> prove(std::uint64_t height, const Namespace& name,
                                  const Hash& commitment) override;
    Result<std::vector<Sample>> samples(std::uint64_t height, std::span<const Cell> cells) override;
    Result<std::vector<NamespaceRow>> namespace_rows(std::uint64_t height, const Namespace& name) override;

    /// Who wait at once for blocks to come, in this process or elsewhere.
    std::size_t waiters() const;
    /// wait_for() for somebody elsewhere, who keeps a thread of the server: fewer of them than it has, so
    /// that others are answered. Error: busy, too.
    static constexpr std::size_t kMostWaiters = 8;
    Result<ExtendedHeader> wait_from_elsewhere(std::uint64_t height, std::chrono::milliseconds patience);
    /// Whoever waits for a block to come is told now that it did not.
    void release_waiting();

    // ---- What a node of the layer serves besides

    const std::string& chain_id() const { return options_.chain_id; }
    /// Of the newest block.
    std::uint64_t height() const { return database_->head(); }
    /// The square of a block with its parity. Errors: no_such_height, io.
    Result<std::shared_ptr<const ExtendedSquare>> square(std::uint64_t height);
    /// Makes a block now, empty or not; answers its height. Error: io.
    Result<std::uint64_t> make_block();

private:
    /// Blobs that wait for a block, of one submit.
    struct Waiting {
        Bytes transaction;
        std::size_t bytes = 0;
        std::optional<Result<std::uint64_t>> answer;
    };
    /// A block's blobs with their places. Errors: no_such_height, io.
    struct Placed {
        Square square;
        std::vector<Bytes> transactions;
    };
    explicit EmbeddedLayer(EmbeddedOptions options) : options_(std::move(options)) {}
    void loop(const std::stop_token& stop);
    void wait(std::unique_lock<std::mutex>& lock, std::uint64_t height, std::chrono::milliseconds patience);
    /// What waits, as far as it fits into one square.
    Result<Placed> next_square(std::vector<std::shared_ptr<Waiting>>& taken);
    Result<Placed> placed(std::uint64_t height);

    const EmbeddedOptions options_;
    std::unique_ptr<BlockDatabase> database_;

    std::mutex building_;  // one block is made at a time

    mutable std::mutex mutex_;  // guards what follows
    std::condition_variable_any changed_;
    std::deque<std::shared_ptr<Waiting>> waiting_;
    std::size_t waiting_bytes_ = 0;
    /// Who waits for a block to come, and how often they were released.
    std::size_t waiters_ = 0;
    std::uint64_t releases_ = 0;
    /// The squares asked for last.
    std::deque<std::pair<std::uint64_t, std::shared_ptr<const ExtendedSquare>>> squares_;

    std::jthread thread_;
};

}  // namespace valence::da
