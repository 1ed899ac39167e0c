// BatchPoster: puts every block of a sequencer's chain into the data-availability layer, on a thread of its
// own.
//
//   new blocks ─► batch ─► intent to the record ─► pieces, some at a time ─► posted to the record ─► safe
//
// However it ends between two of these steps, it goes on without skipping a block or posting a piece twice:
// what an intent left open is looked for in the layer, and what is missing there is sent. A lost record is
// made again from what the layer holds. The files of models that blocks rely on are posted as blocks are.
//
// While too many blocks wait, no more are built.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <set>
#include <thread>

#include "valence/da/layer/layer.hpp"
#include "valence/node/da/post_record.hpp"
#include "valence/node/node.hpp"

namespace valence::node {

struct PosterOptions {
    /// The sequencer's: who signs what is posted.
    crypto::bls::SecretKey key;
    /// Where the record is kept; in memory when absent.
    std::optional<std::filesystem::path> record;
    /// Bytes of a batch before compression, beyond which a new one begins.
    std::size_t batch_bytes = std::size_t{4} << 20;
    /// Blocks that may wait to be posted before no more are built.
    std::uint64_t most_lag = 4'096;
    /// Blocks of the layer after which what was sent and not answered for is not expected any more.
    std::uint64_t settling = 2;
    /// Between two tries after a failure: doubled from the first to the last.
    std::chrono::milliseconds first_pause{250};
    std::chrono::milliseconds longest_pause{30'000};
    /// Told why posting fails, once, and nothing when it goes on; on the poster's thread.
    std::function<void(const std::optional<Error>&)> on_trouble{};
};

struct PostStatus {
    /// All blocks up to this one are in the layer, and the last of them in its block of this height.
    std::uint64_t posted = 0;
    std::uint64_t height = 0;
    /// Blocks that wait to be posted, and how many may before no more are built.
    std::uint64_t lag = 0;
    std::uint64_t most_lag = 0;
    std::uint64_t batches = 0;
    /// Posted since the start, compressed; and before compression.
    std::uint64_t bytes = 0;
    std::uint64_t plain_bytes = 0;
    /// Why the last try failed; nothing when it did not.
    std::optional<Error> trouble;
};

class BatchPoster {
public:
    /// Begins at once; both outlive the poster. Where the record or blocks that were posted are lost, the
    /// layer is read first, and the node's chain brought to what it holds. Errors: those of the record and,
    /// then, of the layer; NodeError::no_beacon_key when the key is not the one that the genesis names.
    static Result<std::unique_ptr<BatchPoster>> start(Node& node, da::Layer& layer, PosterOptions options);
    ~BatchPoster();

    PostStatus status() const;
    /// Whether all blocks up to this one are in the layer, waiting so long for it.
    bool wait_for(std::uint64_t number, std::chrono::milliseconds patience) const;

private:
    /// A batch as it goes out.
    struct Prepared {
        PostIntent intent;
        Bytes batch;
        /// Of its content.
        std::size_t plain = 0;
    };
    /// What of a batch is in the layer.
    struct Found {
        std::set<std::uint16_t> pieces;
        /// Of the last of them.
        std::uint64_t height = 0;
        bool is_whole = false;
    };
    BatchPoster(Node& node, da::Layer& layer, PosterOptions options);
    /// Nothing of the chain is below.
    std::uint64_t first_height() const;
    /// The record, from what the layer holds of this chain.
    Result<PostRecord> recover();
    void loop(const std::stop_token& stop);
    /// One batch; false when there is nothing to post.
    Result<bool> post_next(const std::stop_token& stop);
    /// A file that is not there yet of a model that blocks up to this one need, or that anybody may use now.
    /// Error: why a needed one cannot be read; blocks without it would be refused.
    Result<std::optional<Prepared>> next_file(std::uint64_t head);
    bool is_posted(const Hash& model) const;
    /// Whether the model's file is whole in the layer, whatever the record says.
    Result<bool> is_in_layer(const Hash& model);
    Result<Prepared> prepare_file(const Hash& model);
    /// The blocks from one on up to `most`: all of them, or as many as there are and fit.
    enum class Extent : std::uint8_t { all, as_fits };
    Result<std::optional<Prepared>> prepare_blocks(std::uint64_t first, std::uint64_t most, Extent extent);
    /// Sends the pieces that are not there yet; false when it is to stop.
    Result<bool> send(const Prepared& prepared, const std::set<std::uint16_t>& there,
                      const std::stop_token& stop);
    /// Goes on with what was under way.
    Result<bool> settle(const std::stop_token& stop);
    Result<Found> find(const PostIntent& intent, std::uint64_t to);
    Result<void> finish(const PostIntent& intent, std::uint64_t height);
    /// Where the chain is derived: what was derived needs no posting, and what left the chain is not posted.
    void rejoin();
    Result<void> set_intent(std::optional<PostIntent> intent);
    /// The node's gate.
    Result<void> may_build();

    Node& node_;
    da::Layer& layer_;
    const PosterOptions options_;
    const Hash genesis_hash_;
    const da::Namespace name_;
    const crypto::bls::Verifier verifier_;
    PostRecordFile file_;
    PostRecord record_;
    /// Blocks that were posted left the chain: for want of a file that the record has, for one. Until others
    /// are posted it is not believed.
    bool doubts_files_ = false;
    /// Models whose files cannot be posted.
    std::set<Hash> unpostable_;
    std::atomic<std::uint64_t> posted_ = 0;
    std::atomic<bool> held_up_ = false;

    mutable std::mutex mutex_;  // guards what follows
    mutable std::condition_variable_any changed_;
    PostStatus status_;

    std::jthread thread_;
};

}  // namespace valence::node
