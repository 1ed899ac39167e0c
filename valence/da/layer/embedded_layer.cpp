#include "valence/da/layer/embedded_layer.hpp"

#include "valence/crypto/sha256.hpp"
#include "valence/da/da_error.hpp"
#include "valence/da/inclusion/commitment.hpp"
#include "valence/da/square/pay_for_blobs.hpp"

namespace valence::da {
namespace {

/// Bytes of blobs that wait for a block.
constexpr std::size_t kMostWaiting = std::size_t{64} << 20;
/// Squares kept extended.
constexpr std::size_t kSquaresKept = 2;

LayerTime system_time() {
    return std::chrono::time_point_cast<std::chrono::nanoseconds>(std::chrono::system_clock::now());
}

/// What the layer has in place of a set of validators and of a state: digests that say so.
Hash stand_in(std::string_view what, const std::string& chain_id) {
    return crypto::sha256(base::as_bytes("valence embedded layer " + std::string(what) + " " + chain_id));
}

Result<Bytes> blob_transaction(std::span<const Blob> blobs) {
    PayForBlobs payment;
    payment.signer = "embedded";
    for (const auto& blob : blobs) {
        BOOST_OUTCOME_TRYV(check_blob(blob));
        payment.names.push_back(blob.name);
        payment.sizes.push_back(static_cast<std::uint32_t>(blob.data.size()));
        payment.commitments.push_back(blob_commitment(blob));
        payment.versions.push_back(blob.version);
    }
    return encode_blob_transaction({encode_pay_for_blobs(payment), {blobs.begin(), blobs.end()}});
}

}  // namespace

Result<std::unique_ptr<EmbeddedLayer>> EmbeddedLayer::open(EmbeddedOptions options) {
    if (!options.now) options.now = system_time;
    auto layer = std::unique_ptr<EmbeddedLayer>(new EmbeddedLayer(std::move(options)));
    const auto& given = layer->options_;
    BOOST_OUTCOME_TRY(layer->database_, BlockDatabase::open(given.folder, given.chain_id, given.durability));
    if (layer->database_->head() == 0) {
        BOOST_OUTCOME_TRYV(layer->make_block());
    }
    layer->thread_ = std::jthread([self = layer.get()](const std::stop_token& stop) { self->loop(stop); });
    return layer;
}

EmbeddedLayer::~EmbeddedLayer() {
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    const std::lock_guard guard(mutex_);
    for (const auto& waiting : waiting_)
        waiting->answer = Error{LayerError::unreachable, "the layer stops"};
    changed_.notify_all();
}

void EmbeddedLayer::loop(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (!stop.stop_requested()) {
        const auto wanted = [this] { return !waiting_.empty(); };
        if (options_.empty_every) {
            changed_.wait_for(lock, stop, *options_.empty_every, wanted);
        } else {
            changed_.wait(lock, stop, wanted);
        }
        if (stop.stop_requested()) return;
        lock.unlock();
        // A failure is the answer to those whose blobs were to be in it.
        static_cast<void>(make_block());
        lock.lock();
    }
}

Result<EmbeddedLayer::Placed> EmbeddedLayer::next_square(std::vector<std::shared_ptr<Waiting>>& taken) {
    Placed placed;
    BOOST_OUTCOME_TRY(placed.square, build_square({}, options_.max_width));
    for (;;) {
        std::shared_ptr<Waiting> next;
        {
            const std::lock_guard guard(mutex_);
            if (waiting_.empty()) return placed;
            next = waiting_.front();
        }
        auto transactions = placed.transactions;
        transactions.push_back(next->transaction);
        auto square = build_square(transactions, options_.max_width);
        const bool fits = square.has_value();
        // Behind others it has its turn in the next block; alone it never has.
        if (!fits && !taken.empty()) return placed;
        {
            const std::lock_guard guard(mutex_);
            waiting_.pop_front();
            waiting_bytes_ -= next->bytes;
            if (!fits) {
                next->answer = Error{LayerError::too_large, square.error().message()};
                changed_.notify_all();
                continue;
            }
        }
        placed.square = std::move(square).value();
        placed.transactions = std::move(transactions);
        taken.push_back(std::move(next));
    }
}

Result<std::uint64_t> EmbeddedLayer::make_block() {
    const std::lock_guard building(building_);
    std::vector<std::shared_ptr<Waiting>> taken;
    const auto make = [&]() -> Result<std::uint64_t> {
        BOOST_OUTCOME_TRY(auto placed, next_square(taken));
        BOOST_OUTCOME_TRY(const auto extended, ExtendedSquare::extend(placed.square.shares));
        StoredLayerBlock block;
        auto& header = block.header;
        BOOST_OUTCOME_TRY(header.roots, roots_of(extended));
        header.chain_id = options_.chain_id;
        header.height = database_->head() + 1;
        header.time = options_.now();
        if (header.height > 1) {
            BOOST_OUTCOME_TRY(const auto last, database_->header(header.height - 1));
            header.last_block = {last.hash(), 1, last.data_hash};
            // A header's time rises (CometBFT's rule), whatever the clock does.
            header.time = std::max(header.time, last.time + std::chrono::nanoseconds{1});
        }
        header.data_hash = header.roots.data_root();
        header.last_commit_hash = stand_in("commit", options_.chain_id);
        header.validators_hash = header.next_validators_hash = stand_in("validators", options_.chain_id);
        header.consensus_hash = stand_in("consensus", options_.chain_id);
        header.app_hash = stand_in("state", options_.chain_id);
        header.last_results_hash = header.evidence_hash = crypto::sha256({});
        header.proposer = base::from_exact<Address>(BytesView{header.validators_hash}.first(Address::kSize));
        block.transactions = std::move(placed.transactions);
        BOOST_OUTCOME_TRYV(database_->append(block));
        return header.height;
    };
    auto made = make();
    const std::lock_guard guard(mutex_);
    for (const auto& waiting : taken)
        waiting->answer = made;
    changed_.notify_all();
    return made;
}

Result<std::uint64_t> EmbeddedLayer::submit(std::span<const Blob> blobs) {
    if (blobs.empty()) return Error{DaError::bad_blob, "no blobs"};
    const auto waiting = std::make_shared<Waiting>();
    BOOST_OUTCOME_TRY(waiting->transaction, blob_transaction(blobs));
    waiting->bytes = waiting->transaction.size();
    std::unique_lock lock(mutex_);
    if (waiting_bytes_ + waiting->bytes > kMostWaiting) return Error{LayerError::busy};
    waiting_.push_back(waiting);
    waiting_bytes_ += waiting->bytes;
    changed_.notify_all();
    changed_.wait(lock, [&] { return waiting->answer.has_value(); });
    return *waiting->answer;
}

Result<EmbeddedLayer::Placed> EmbeddedLayer::placed(std::uint64_t height) {
    Placed out;
    BOOST_OUTCOME_TRY(out.transactions, database_->transactions(height));
    BOOST_OUTCOME_TRY(out.square, build_square(out.transactions, options_.max_width));
    return out;
}

Result<std::vector<LayerBlob>> EmbeddedLayer::blobs(std::uint64_t height, const Namespace& name) {
    BOOST_OUTCOME_TRY(const auto block, placed(height));
    std::vector<LayerBlob> out;
    if (block.transactions.empty()) return out;
    std::vector<BlobTransaction> parsed;
    for (const auto& bytes : block.transactions) {
        BOOST_OUTCOME_TRY(auto transaction, parse_blob_transaction(bytes));
        VALENCE_CHECK(transaction.has_value());
        parsed.push_back(*std::move(transaction));
    }
    const auto width = block.square.width;
    for (const auto& place : block.square.blobs) {
        const auto& blob = parsed[place.transaction].blobs[place.blob];
        if (blob.name != name) continue;
        const auto index = place.index / width * 2 * width + place.index % width;
        out.push_back({blob, blob_commitment(blob), index});
    }
    return out;
}

void EmbeddedLayer::wait(std::unique_lock<std::mutex>& lock, std::uint64_t height,
                         std::chrono::milliseconds patience) {
    ++waiters_;
    const auto released = releases_;
    changed_.wait_for(lock, patience, [&] { return database_->head() >= height || releases_ != released; });
    --waiters_;
}

Result<ExtendedHeader> EmbeddedLayer::wait_for(std::uint64_t height, std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    wait(lock, height, patience);
    lock.unlock();
    return database_->header(height);
}

Result<ExtendedHeader> EmbeddedLayer::wait_from_elsewhere(std::uint64_t height,
                                                          std::chrono::milliseconds patience) {
    std::unique_lock lock(mutex_);
    if (database_->head() < height && waiters_ >= kMostWaiters)
        return Error{LayerError::busy, "too many wait for blocks to come"};
    wait(lock, height, patience);
    lock.unlock();
    return database_->header(height);
}

std::size_t EmbeddedLayer::waiters() const {
    const std::lock_guard guard(mutex_);
    return waiters_;
}

void EmbeddedLayer::release_waiting() {
    const std::lock_guard guard(mutex_);
    ++releases_;
    changed_.notify_all();
}

Result<std::shared_ptr<const ExtendedSquare>> EmbeddedLayer::square(std::uint64_t height) {
    {
        const std::lock_guard guard(mutex_);
        for (const auto& [kept, square] : squares_)
            if (kept == height) return square;
    }
    BOOST_OUTCOME_TRY(const auto block, placed(height));
    BOOST_OUTCOME_TRY(auto extended, ExtendedSquare::extend(block.square.shares));
    std::shared_ptr<const ExtendedSquare> square =
        std::make_shared<const ExtendedSquare>(std::move(extended));
    const std::lock_guard guard(mutex_);
    squares_.emplace_front(height, square);
    if (squares_.size() > kSquaresKept) squares_.pop_back();
    return square;
}

Result<std::vector<Sample>> EmbeddedLayer::samples(std::uint64_t height, std::span<const Cell> cells) {
    BOOST_OUTCOME_TRY(const auto extended, square(height));
    std::vector<Sample> out;
    std::optional<std::pair<std::size_t, NamespacedTree>> kept;
    for (const auto& cell : cells) {
        if (cell.row >= extended->width() || cell.column >= extended->width())
            return Error{LayerError::not_found, "a cell outside of the square"};
        const AxisIndex row{Axis::row, cell.row};
        if (!kept || kept->first != cell.row) {
            BOOST_OUTCOME_TRY(auto tree, extended->tree(row));
            kept.emplace(cell.row, std::move(tree));
        }
        out.push_back(make_sample(*extended, kept->second, row, cell.column));
    }
    return out;
}

Result<std::vector<NamespaceRow>> EmbeddedLayer::namespace_rows(std::uint64_t height, const Namespace& name) {
    BOOST_OUTCOME_TRY(const auto header, database_->header(height));
    const auto covers = [&](const NamespacedHash& root) {
        return !(name < root.min()) && !(root.max() < name);
    };
    std::vector<NamespaceRow> out;
    std::shared_ptr<const ExtendedSquare> extended;
    for (std::size_t row = 0; row < header.roots.width() / 2; ++row) {
        if (!covers(header.roots.rows[row])) continue;
        if (!extended) {
            BOOST_OUTCOME_TRY(extended, square(height));
        }
        BOOST_OUTCOME_TRY(const auto tree, extended->tree({Axis::row, row}));
        auto proof = tree.prove(name);
        const auto count = proof.absent_leaf ? 0 : proof.end - proof.start;
        const auto shares = extended->row(row).subspan(proof.start, count);
        out.push_back({{shares.begin(), shares.end()}, std::move(proof)});
    }
    return out;
}

Result<CommitmentProof> EmbeddedLayer::prove(std::uint64_t height, const Namespace& name,
                                             const Hash& commitment) {
    BOOST_OUTCOME_TRY(const auto list, blobs(height, name));
    const auto found = std::ranges::find(list, commitment, &LayerBlob::commitment);
    if (found == list.end()) return Error{LayerError::not_found};
    BOOST_OUTCOME_TRY(const auto header, database_->header(height));
    BOOST_OUTCOME_TRY(const auto extended, square(height));
    const auto width = extended->width() / 2;
    const auto index = found->index / (2 * width) * width + found->index % (2 * width);
    const auto count = blob_share_count(found->blob.data.size(), found->blob.version);
    return prove_commitment(*extended, header.roots, index, count);
}

}  // namespace valence::da
