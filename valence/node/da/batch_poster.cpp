#include "valence/node/da/batch_poster.hpp"

#include <fmt/format.h>

#include "valence/compute/model_store/model_store.hpp"
#include "valence/derive/chain_namespace.hpp"
#include "valence/derive/derive.hpp"
#include "valence/node/da/deriver.hpp"
#include "valence/node/da/posted_models.hpp"

namespace valence::node {
namespace {

/// How often new blocks are looked for.
constexpr std::chrono::milliseconds kEvery{20};
/// How long a poster that stops may wait for the layer.
constexpr std::chrono::milliseconds kPatience{500};
/// Pieces of a file sent at once, and of a batch of several blocks: a Celestia transaction takes 2 MiB.
constexpr std::size_t kPiecesAtOnce = 4;
static_assert(kPiecesAtOnce * derive::kMostPart < std::size_t{2} << 20);
/// Blocks of the layer behind the last sending in which a batch is looked for: no pool keeps anything longer.
constexpr std::uint64_t kSearched = 100;

Error left_the_chain(std::uint64_t number) {
    return {NodeError::no_such_block, fmt::format("block {} was posted and then left the chain", number)};
}

/// Brings the node to what the layer holds.
Result<void> catch_up(Node& node, da::Layer& layer) {
    BOOST_OUTCOME_TRY(const auto deriver, Deriver::create(node, layer));
    BOOST_OUTCOME_TRY(const auto newest, layer.head());
    while (deriver->status().height < newest.height) {
        BOOST_OUTCOME_TRY(const auto more, deriver->step(kPatience));
        if (!more) break;
    }
    if (const auto& wanted = deriver->status().waits_for) return *wanted;
    return success();
}

}  // namespace

Result<std::unique_ptr<BatchPoster>> BatchPoster::start(Node& node, da::Layer& layer, PosterOptions options) {
    const auto& named = node.config().genesis.rules.beacon_key;
    if (named != options.key.public_key())
        return Error{NodeError::no_beacon_key, "batches are signed with it too"};
    auto poster = std::unique_ptr<BatchPoster>(new BatchPoster(node, layer, std::move(options)));
    BOOST_OUTCOME_TRY(auto held, poster->file_.read());
    // Blocks built now would be second versions of what is there.
    if (!held || held->posted > node.chain().head_number()) {
        BOOST_OUTCOME_TRYV(catch_up(node, layer));
    }
    if (!held) {
        BOOST_OUTCOME_TRY(held, poster->recover());
        BOOST_OUTCOME_TRYV(poster->file_.write(*held));
    }
    poster->record_ = *std::move(held);
    const auto& record = poster->record_;
    poster->posted_ = poster->status_.posted = record.posted;
    poster->status_.height = record.height;
    // Where the chain is derived, whoever derives it says what is safe.
    if (!node.is_derived()) {
        const auto posted = std::min(record.posted, node.chain().head_number());
        BOOST_OUTCOME_TRYV(node.set_safe_and_finalized(posted, posted));
    }
    node.set_building_gate([self = poster.get()] { return self->may_build(); });
    poster->thread_ = std::jthread([self = poster.get()](const std::stop_token& stop) { self->loop(stop); });
    return poster;
}

BatchPoster::BatchPoster(Node& node, da::Layer& layer, PosterOptions options)
    : node_(node),
      layer_(layer),
      options_(std::move(options)),
      genesis_hash_(node.chain().block_hash(0).value_or(Hash{})),
      name_(derive::chain_namespace(genesis_hash_)),
      verifier_(*crypto::bls::Verifier::of(options_.key.public_key())),
      file_(options_.record) {}

BatchPoster::~BatchPoster() {
    node_.set_building_gate({});
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
}

PostStatus BatchPoster::status() const {
    const std::lock_guard guard(mutex_);
    auto status = status_;
    const auto head = node_.chain().head_number();
    status.lag = head - std::min(head, status.posted);
    status.most_lag = options_.most_lag;
    return status;
}

bool BatchPoster::wait_for(std::uint64_t number, std::chrono::milliseconds patience) const {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return status_.posted >= number; });
}

Result<void> BatchPoster::may_build() {
    const auto waiting = node_.chain().head_number() - std::min(posted_.load(), node_.chain().head_number());
    if (waiting < options_.most_lag) return success();
    held_up_ = true;
    return Error{NodeError::backlog, fmt::format("{} blocks", waiting)};
}

Result<PostRecord> BatchPoster::recover() {
    PostRecord record{0, genesis_hash_, 0, {}, {}};
    // A file's batch is always the same.
    std::map<Hash, Hash> files;
    for (const auto& model : node_.model_store().list()) {
        const auto id = base::from_exact<Hash>(model->id);
        if (const auto prepared = prepare_file(id)) files.emplace(prepared.value().intent.batch, id);
    }
    derive::Assembler assembler;
    BOOST_OUTCOME_TRY(const auto newest, layer_.head());
    for (auto height = first_height(); height <= newest.height; ++height) {
        BOOST_OUTCOME_TRY(const auto blobs, layer_.blobs(height, name_));
        for (const auto& one : blobs) {
            auto piece = derive::open_piece(one.blob.data, genesis_hash_, verifier_);
            if (!piece) continue;
            const auto batch = assembler.add(std::move(piece).value());
            if (!batch || !batch.value()) continue;
            const auto& [head, bytes] = *batch.value();
            if (head.kind == derive::BatchKind::file) {
                const auto file = files.find(head.hash);
                if (file != files.end()) record.models.push_back(file->second);
                if (file != files.end()) files.erase(file);
                continue;
            }
            const auto blocks = derive::decode_blocks(bytes);
            if (!blocks) continue;
            const auto before = record.posted;
            for (const auto& [block, supplement] : blocks.value()) {
                const auto hash = chain::header_hash(block.header);
                if (block.header.number != record.posted + 1 ||
                    node_.chain().block_hash(block.header.number) != hash)
                    continue;
                ++record.posted;
                record.posted_hash = hash;
                record.height = height;
            }
            if (record.posted == before) continue;
            BOOST_OUTCOME_TRYV(
                node_.block_places().put({before + 1, record.posted, record.posted_hash, head.hash, height}));
        }
    }
    return record;
}

void BatchPoster::loop(const std::stop_token& stop) {
    auto pause = options_.first_pause;
    while (!stop.stop_requested()) {
        const auto done = post_next(stop);
        std::unique_lock lock(mutex_);
        const bool is_news = status_.trouble.has_value() == done.has_value();
        status_.trouble = done ? std::nullopt : std::optional{done.error()};
        if (is_news && options_.on_trouble) {
            const auto trouble = status_.trouble;
            lock.unlock();
            options_.on_trouble(trouble);
            lock.lock();
        }
        if (done && done.value()) {
            changed_.notify_all();
            pause = options_.first_pause;
            continue;
        }
        changed_.wait_for(lock, stop, done ? kEvery : pause, [] { return false; });
        pause = done ? options_.first_pause : std::min(2 * pause, options_.longest_pause);
    }
}

Result<bool> BatchPoster::post_next(const std::stop_token& stop) {
    rejoin();
    if (record_.intent) return settle(stop);
    const auto& chain = node_.chain();
    // Blocks that come meanwhile may need files that were not looked for.
    const auto newest = chain.head_number();
    if (newest <= record_.posted) return false;
    const auto head_to_be = std::min(newest, record_.posted + derive::kMostBlocks);
    BOOST_OUTCOME_TRY(auto next, next_file(head_to_be));
    if (!next) {
        if (chain.block_hash(record_.posted) != record_.posted_hash) return left_the_chain(record_.posted);
        BOOST_OUTCOME_TRY(next, prepare_blocks(record_.posted + 1, head_to_be, Extent::as_fits));
    }
    if (!next) return false;
    BOOST_OUTCOME_TRY(const auto head, layer_.head());
    next->intent.above = next->intent.sent_above = head.height;
    BOOST_OUTCOME_TRYV(set_intent(next->intent));
    return send(*next, {}, stop);
}

bool BatchPoster::is_posted(const Hash& model) const {
    return std::ranges::find(record_.models, model) != record_.models.end();
}

Result<std::optional<BatchPoster::Prepared>> BatchPoster::next_file(std::uint64_t head) {
    for (auto number = record_.posted + 1; number <= head; ++number) {
        const auto block = node_.chain().block(number);
        if (block == nullptr) break;
        for (const auto& model : block->needed_models()) {
            const auto id = base::from_exact<Hash>(model);
            if (is_opened_by(node_.config().genesis, model)) continue;
            if (is_posted(id)) {
                if (!doubts_files_) continue;
                BOOST_OUTCOME_TRY(const auto is_there, is_in_layer(id));
                if (is_there) continue;
                std::erase(record_.models, id);
            }
            BOOST_OUTCOME_TRY(auto prepared, prepare_file(id));
            return std::optional{std::move(prepared)};
        }
    }
    auto& store = node_.model_store();
    for (const auto& model : store.list()) {
        const auto id = base::from_exact<Hash>(model->id);
        if (is_posted(id) || !store.is_kept(model->id) || model->manifest.length > derive::kMostBatch)
            continue;
        if (unpostable_.contains(id)) continue;
        auto prepared = prepare_file(id);
        if (prepared) return std::optional{std::move(prepared).value()};
        // One that is too large, or cannot be read, must not keep blocks from being posted.
        unpostable_.insert(id);
    }
    return std::optional<Prepared>{};
}

Result<bool> BatchPoster::is_in_layer(const Hash& model) {
    BOOST_OUTCOME_TRY(auto prepared, prepare_file(model));
    prepared.intent.above = first_height() - 1;
    BOOST_OUTCOME_TRY(const auto head, layer_.head());
    BOOST_OUTCOME_TRY(const auto found, find(prepared.intent, head.height));
    return found.is_whole;
}

std::uint64_t BatchPoster::first_height() const {
    const auto& system = node_.config().genesis.rules.system;
    return system && system->layer ? system->layer->start.height : 1;
}

Result<BatchPoster::Prepared> BatchPoster::prepare_file(const Hash& model) {
    auto& store = node_.model_store();
    const ml::ModelId id{model.bytes};
    const auto record = store.find(id);
    if (record == nullptr) return Error{NodeError::no_such_block, "a model's file that was dropped"};
    Bytes file;
    file.reserve(record->manifest.length);
    for (std::uint64_t i = 0; i < record->manifest.chunks.size(); ++i) {
        BOOST_OUTCOME_TRY(const auto chunk, store.chunk(id, i));
        base::append(file, chunk);
    }
    Prepared out;
    out.plain = file.size();
    BOOST_OUTCOME_TRY(out.batch, derive::encode_file(file));
    const auto head = derive::head_of(out.batch, derive::BatchKind::file, 0, 0);
    out.intent = {head.kind, 0, 0, {}, model, head.hash, 0, 0};
    return out;
}

Result<std::optional<BatchPoster::Prepared>> BatchPoster::prepare_blocks(std::uint64_t first,
                                                                         std::uint64_t most, Extent extent) {
    const auto& chain = node_.chain();
    const bool is_all = extent == Extent::all;
    for (;;) {
        derive::BatchWriter writer;
        auto hash = chain.block_hash(first - 1);
        for (auto number = first; number <= most && (is_all || !writer.is_full(options_.batch_bytes));
             ++number) {
            const auto block = chain.block(number);
            // The chain may be unwound meanwhile.
            if (block == nullptr || block->block.header.parent_hash != hash) break;
            writer.add(block->block, block->supplement());
            hash = block->hash;
        }
        if (writer.blocks() == 0) return std::optional<Prepared>{};
        Prepared out;
        out.plain = writer.size();
        BOOST_OUTCOME_TRY(out.batch, writer.pack());
        const auto blocks = std::uint64_t{writer.blocks()};
        const auto head = derive::head_of(out.batch, derive::BatchKind::blocks, first, first + blocks - 1);
        out.intent = {head.kind, head.first, head.last, hash.value_or(Hash{}), {}, head.hash, 0, 0};
        if (is_all || blocks == 1 || head.count <= kPiecesAtOnce) return std::optional{std::move(out)};
        // It did not compress as far as it was thought to.
        most = first + blocks / 2 - 1;
    }
}

Result<bool> BatchPoster::send(const Prepared& prepared, const std::set<std::uint16_t>& there,
                               const std::stop_token& stop) {
    const auto& intent = prepared.intent;
    const auto head = derive::head_of(prepared.batch, intent.kind, intent.first, intent.last);
    auto pieces = derive::cut(prepared.batch, head, genesis_hash_, options_.key);
    // What takes more than goes at once counts where its last piece is.
    bool has_sent = !there.empty();
    std::uint64_t height = 0;
    for (std::size_t next = 0; next < pieces.size();) {
        if (stop.stop_requested()) return false;
        std::vector<da::Blob> blobs;
        for (; next < pieces.size() && blobs.size() < kPiecesAtOnce; ++next) {
            if (there.contains(static_cast<std::uint16_t>(next))) continue;
            blobs.push_back({name_, da::kShareVersionPlain, std::move(pieces[next]), {}});
        }
        if (blobs.empty()) break;
        const auto submitted = layer_.submit(blobs);
        if (!submitted) {
            // Certainly not in: the next try makes a new batch. Otherwise it is looked for first.
            const bool is_out = !has_sent && submitted.error() != Error{da::LayerError::unreachable};
            if (is_out) {
                BOOST_OUTCOME_TRYV(set_intent({}));
            }
            return submitted.error();
        }
        has_sent = true;
        height = submitted.value();
    }
    {
        const std::lock_guard guard(mutex_);
        ++status_.batches;
        status_.bytes += prepared.batch.size();
        status_.plain_bytes += prepared.plain;
    }
    BOOST_OUTCOME_TRYV(finish(intent, height));
    return true;
}

Result<bool> BatchPoster::settle(const std::stop_token& stop) {
    auto intent = *record_.intent;
    Found found;
    for (;;) {
        BOOST_OUTCOME_TRY(const auto head, layer_.head());
        BOOST_OUTCOME_TRY(found, find(intent, std::min(head.height, intent.sent_above + kSearched)));
        if (found.is_whole) {
            BOOST_OUTCOME_TRYV(finish(intent, found.height));
            return true;
        }
        if (head.height >= intent.sent_above + options_.settling) {
            intent.sent_above = head.height;
            break;
        }
        if (stop.stop_requested()) return false;
        const auto next = layer_.wait_for(head.height + 1, kPatience);
        if (!next && next.error() != Error{da::LayerError::no_such_height}) return next.error();
    }
    auto again = std::optional<Prepared>{};
    if (intent.kind == derive::BatchKind::file) {
        auto file = prepare_file(intent.model);
        if (file) again = std::move(file).value();
    } else {
        BOOST_OUTCOME_TRY(again, prepare_blocks(intent.first, intent.last, Extent::all));
    }
    // Other blocks now, or packed by another version of this program: it begins anew.
    if (!again || again->intent.batch != intent.batch) {
        BOOST_OUTCOME_TRYV(set_intent({}));
        return true;
    }
    again->intent = intent;
    BOOST_OUTCOME_TRYV(set_intent(intent));
    return send(*again, found.pieces, stop);
}

Result<BatchPoster::Found> BatchPoster::find(const PostIntent& intent, std::uint64_t to) {
    Found found;
    for (auto height = intent.above + 1; height <= to && !found.is_whole; ++height) {
        BOOST_OUTCOME_TRY(const auto blobs, layer_.blobs(height, name_));
        for (const auto& one : blobs) {
            // Before the signature is verified, which takes longer.
            const auto piece = derive::parse_piece(one.blob.data);
            if (!piece || piece.value().head.hash != intent.batch) continue;
            if (!derive::open_piece(one.blob.data, genesis_hash_, verifier_)) continue;
            found.pieces.insert(piece.value().index);
            found.height = height;
            found.is_whole = found.pieces.size() == piece.value().head.count;
        }
    }
    return found;
}

Result<void> BatchPoster::set_intent(std::optional<PostIntent> intent) {
    record_.intent = intent;
    return file_.write(record_);
}

void BatchPoster::rejoin() {
    const auto& chain = node_.chain();
    const auto safe = chain.safe_number();
    if (!node_.is_derived() || !safe) return;
    const bool has_left = chain.block_hash(record_.posted) != record_.posted_hash;
    const auto hash = chain.block_hash(*safe);
    if (!hash || (record_.posted >= *safe && !has_left)) return;
    if (has_left) doubts_files_ = true;
    record_.posted = *safe;
    record_.posted_hash = *hash;
    posted_ = *safe;
    const std::lock_guard guard(mutex_);
    status_.posted = *safe;
    changed_.notify_all();
}

Result<void> BatchPoster::finish(const PostIntent& intent, std::uint64_t height) {
    if (intent.kind == derive::BatchKind::file) {
        record_.models.push_back(intent.model);
        return set_intent({});
    }
    BOOST_OUTCOME_TRYV(
        node_.block_places().put({intent.first, intent.last, intent.last_hash, intent.batch, height}));
    record_ = {intent.last, intent.last_hash, height, {}, std::move(record_.models)};
    BOOST_OUTCOME_TRYV(file_.write(record_));
    // A layer's block is final as soon as there is one. Unwound meanwhile, it says so with the next batch.
    if (!node_.is_derived()) static_cast<void>(node_.set_safe_and_finalized(intent.last, intent.last));
    posted_ = intent.last;
    doubts_files_ = false;
    {
        const std::lock_guard guard(mutex_);
        status_.posted = intent.last;
        status_.height = height;
        changed_.notify_all();
    }
    if (held_up_.exchange(false)) node_.building_gate_opened();
    return success();
}

}  // namespace valence::node
