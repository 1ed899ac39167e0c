// BatchPoster: puts every block of a sequencer's chain into the data-availability layer, on a thread of its
// own.
//
//   new blocks ─► batch ─► intent to the record ─► submit ─► posted to the record ─► safe
//
// However it ends between two of these steps, it goes on without skipping a block or posting one twice: what
// an intent left open is looked for in the layer first. The files of models that blocks rely on are posted
// too.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "valence/da/layer/layer.hpp"
#include "valence/derive/piece.hpp"
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
    /// Blocks of the layer after which what was sent before a crash is not expected any more.
    std::uint64_t settling = 2;
    /// Between two tries after a failure: doubled from the first to the last.
    std::chrono::milliseconds first_pause{250};
    std::chrono::milliseconds longest_pause{30'000};
};

struct PostStatus {
    /// All blocks up to this one are in the layer, and the last of them in its block of this height.
    std::uint64_t posted = 0;
    std::uint64_t height = 0;
    /// Blocks that wait to be posted.
    std::uint64_t lag = 0;
    std::uint64_t batches = 0;
    /// Posted, compressed; and before compression.
    std::uint64_t bytes = 0;
    std::uint64_t plain_bytes = 0;
    /// Why the last try failed; nothing when it did not.
    std::optional<Error> trouble;
};

class BatchPoster {
public:
    /// Begins at once. Both outlive the poster. Errors: those of the record; NodeError::no_beacon_key when
    /// the key is not the one that the genesis names.
    static Result<std::unique_ptr<BatchPoster>> start(Node& node, da::Layer& layer, PosterOptions options);
    ~BatchPoster();

    PostStatus status() const;
    /// Whether all blocks up to this one are in the layer, waiting so long for it.
    bool wait_for(std::uint64_t number, std::chrono::milliseconds patience) const;

private:
    BatchPoster(Node& node, da::Layer& layer, PosterOptions options);
    void loop(const std::stop_token& stop);
    /// One batch; false when there is nothing to post.
    Result<bool> post_next(const std::stop_token& stop);
    /// The files of models that anybody may use now and that are not there yet.
    Result<void> post_models();
    Result<std::uint64_t> submit(const derive::BatchHead& head, BytesView batch);
    /// What was under way when the last process ended.
    Result<void> settle(const std::stop_token& stop);
    /// The height of the layer's block with all pieces of the batch, if there is one.
    Result<std::optional<std::uint64_t>> find(const PostIntent& intent, std::uint64_t to);
    Result<void> finish(const PostIntent& intent, std::uint64_t height);

    Node& node_;
    da::Layer& layer_;
    const PosterOptions options_;
    const Hash genesis_hash_;
    const da::Namespace name_;
    PostRecordFile file_;
    PostRecord record_;

    mutable std::mutex mutex_;  // guards what follows
    mutable std::condition_variable_any changed_;
    PostStatus status_;

    std::jthread thread_;
};

}  // namespace valence::node
