#include "valence/node/da/batch_poster.hpp"

#include <set>

#include "valence/compute/model_store/model_store.hpp"
#include "valence/derive/chain_namespace.hpp"
#include "valence/derive/derive.hpp"

namespace valence::node {
namespace {

/// How often new blocks are looked for.
constexpr std::chrono::milliseconds kEvery{20};

}  // namespace

Result<std::unique_ptr<BatchPoster>> BatchPoster::start(Node& node, da::Layer& layer, PosterOptions options) {
    const auto& named = node.config().genesis.rules.beacon_key;
    if (named != options.key.public_key())
        return Error{NodeError::no_beacon_key, "batches are signed with it too"};
    auto poster = std::unique_ptr<BatchPoster>(new BatchPoster(node, layer, std::move(options)));
    BOOST_OUTCOME_TRY(const auto held, poster->file_.read());
    poster->record_ = held.value_or(PostRecord{0, poster->genesis_hash_, 0, {}, {}});
    poster->status_.posted = poster->record_.posted;
    poster->status_.height = poster->record_.height;
    const auto posted = std::min(poster->record_.posted, node.chain().head_number());
    BOOST_OUTCOME_TRYV(node.set_safe_and_finalized(posted, posted));
    poster->thread_ = std::jthread([self = poster.get()](const std::stop_token& stop) { self->loop(stop); });
    return poster;
}

BatchPoster::BatchPoster(Node& node, da::Layer& layer, PosterOptions options)
    : node_(node),
      layer_(layer),
      options_(std::move(options)),
      genesis_hash_(node.chain().block_hash(0).value_or(Hash{})),
      name_(derive::chain_namespace(genesis_hash_)),
      file_(options_.record) {}

BatchPoster::~BatchPoster() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

PostStatus BatchPoster::status() const {
    const std::lock_guard guard(mutex_);
    auto status = status_;
    const auto head = node_.chain().head_number();
    status.lag = head - std::min(head, status.posted);
    return status;
}

bool BatchPoster::wait_for(std::uint64_t number, std::chrono::milliseconds patience) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return status_.posted >= number; });
}

void BatchPoster::loop(const std::stop_token& stop) {
    auto pause = options_.first_pause;
    while (!stop.stop_requested()) {
        const auto done = post_next(stop);
        std::unique_lock lock(mutex_);
        status_.trouble = done ? std::nullopt : std::optional{done.error()};
        if (done && done.value()) {
            changed_.notify_all();
            continue;
        }
        changed_.wait_for(lock, stop, done ? kEvery : pause, [] { return false; });
        pause = done ? options_.first_pause : std::min(2 * pause, options_.longest_pause);
    }
}

Result<bool> BatchPoster::post_next(const std::stop_token& stop) {
    if (record_.intent) {
        BOOST_OUTCOME_TRYV(settle(stop));
        return !stop.stop_requested();
    }
    const auto& chain = node_.chain();
    const auto head = chain.head_number();
    if (head <= record_.posted) return false;
    BOOST_OUTCOME_TRYV(post_models());
    if (chain.block_hash(record_.posted) != record_.posted_hash)
        return Error{NodeError::no_such_block,
                     "block " + std::to_string(record_.posted) + " was posted and then left the chain"};
    std::vector<Bytes> blocks;
    std::size_t plain = 0;
    auto hash = record_.posted_hash;
    for (auto number = record_.posted + 1; number <= head && plain < options_.batch_bytes; ++number) {
        const auto block = chain.block(number);
        // The chain may be unwound meanwhile.
        if (block == nullptr || block->block.header.parent_hash != hash) break;
        blocks.push_back(derive::encode_batch_block(block->block, block->supplement()));
        plain += blocks.back().size();
        hash = block->hash;
        if (blocks.size() == derive::kMostBlocks) break;
    }
    if (blocks.empty()) return false;
    BOOST_OUTCOME_TRY(const auto batch, derive::encode_blocks(blocks));
    const auto first = record_.posted + 1;
    const auto last = record_.posted + blocks.size();
    const auto head_of_batch = derive::head_of(batch, derive::BatchKind::blocks, first, last);
    BOOST_OUTCOME_TRY(const auto above, layer_.head());
    const PostIntent intent{first, last, head_of_batch.hash, above.height};
    record_.intent = intent;
    BOOST_OUTCOME_TRYV(file_.write(record_));

    const auto height = submit(head_of_batch, batch);
    if (!height) {
        // Certainly not in: the next try makes a new batch. Otherwise it is looked for first.
        if (height.error() != Error{da::LayerError::unreachable}) {
            record_.intent.reset();
            BOOST_OUTCOME_TRYV(file_.write(record_));
        }
        return height.error();
    }
    {
        const std::lock_guard guard(mutex_);
        ++status_.batches;
        status_.bytes += batch.size();
        status_.plain_bytes += plain;
    }
    BOOST_OUTCOME_TRYV(finish(intent, height.value()));
    return true;
}

Result<std::uint64_t> BatchPoster::submit(const derive::BatchHead& head, BytesView batch) {
    std::vector<da::Blob> blobs;
    for (auto& piece : derive::cut(batch, head, genesis_hash_, options_.key))
        blobs.push_back({name_, da::kShareVersionPlain, std::move(piece), {}});
    return layer_.submit(blobs);
}

Result<void> BatchPoster::post_models() {
    auto& store = node_.model_store();
    for (const auto& model : store.list()) {
        const auto id = base::from_exact<Hash>(model->id);
        const auto& manifest = model->manifest;
        const bool is_posted = std::ranges::find(record_.models, id) != record_.models.end();
        if (is_posted || !store.is_kept(model->id) || manifest.length > derive::kMostBatch) continue;
        Bytes file;
        file.reserve(manifest.length);
        for (std::uint64_t i = 0; i < manifest.chunks.size(); ++i) {
            BOOST_OUTCOME_TRY(const auto chunk, store.chunk(model->id, i));
            base::append(file, chunk);
        }
        BOOST_OUTCOME_TRY(const auto batch, derive::encode_file(file));
        BOOST_OUTCOME_TRYV(submit(derive::head_of(batch, derive::BatchKind::file, 0, 0), batch));
        record_.models.push_back(id);
        BOOST_OUTCOME_TRYV(file_.write(record_));
    }
    return success();
}

Result<void> BatchPoster::settle(const std::stop_token& stop) {
    const auto intent = *record_.intent;
    const auto last = intent.above + options_.settling;
    for (;;) {
        BOOST_OUTCOME_TRY(const auto head, layer_.head());
        BOOST_OUTCOME_TRY(const auto found, find(intent, head.height));
        if (found) return finish(intent, *found);
        if (head.height >= last || stop.stop_requested()) break;
        const auto next = layer_.wait_for(head.height + 1, std::chrono::milliseconds{500});
        if (!next && next.error() != Error{da::LayerError::no_such_height}) return next.error();
    }
    if (stop.stop_requested()) return success();
    record_.intent.reset();
    return file_.write(record_);
}

Result<std::optional<std::uint64_t>> BatchPoster::find(const PostIntent& intent, std::uint64_t to) {
    for (auto height = intent.above + 1; height <= to; ++height) {
        BOOST_OUTCOME_TRY(const auto blobs, layer_.blobs(height, name_));
        std::set<std::uint16_t> pieces;
        for (const auto& one : blobs) {
            const auto piece = derive::parse_piece(one.blob.data);
            if (!piece || piece.value().head.hash != intent.batch) continue;
            pieces.insert(piece.value().index);
            if (pieces.size() == piece.value().head.count) return std::optional{height};
        }
    }
    return std::optional<std::uint64_t>{};
}

Result<void> BatchPoster::finish(const PostIntent& intent, std::uint64_t height) {
    const auto hash = node_.chain().block_hash(intent.last);
    if (!hash)
        return Error{NodeError::no_such_block,
                     "block " + std::to_string(intent.last) + " was posted and then left the chain"};
    record_ = {intent.last, *hash, height, {}, std::move(record_.models)};
    BOOST_OUTCOME_TRYV(file_.write(record_));
    // A layer's block is final as soon as there is one. Unwound meanwhile, it says so with the next batch.
    static_cast<void>(node_.set_safe_and_finalized(intent.last, intent.last));
    const std::lock_guard guard(mutex_);
    status_.posted = intent.last;
    status_.height = height;
    changed_.notify_all();
    return success();
}

}  // namespace valence::node
