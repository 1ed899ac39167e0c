#include "valence/state/store/pruner.hpp"

#include "valence/state/store/history.hpp"

namespace valence::state {
namespace {

/// Blocks pruned in one batch at most.
constexpr std::uint64_t kBatch = 32;

}  // namespace

Pruner::Pruner(std::shared_ptr<Tables> tables, std::uint64_t depth, std::uint64_t oldest)
    : tables_(std::move(tables)), depth_(depth), oldest_(oldest), thread_([this] { run(); }) {}

Pruner::~Pruner() {
    {
        const std::lock_guard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    thread_.join();
}

std::uint64_t Pruner::oldest() const {
    const std::lock_guard lock(mutex_);
    return oldest_;
}

void Pruner::starts_at(std::uint64_t number) {
    const std::lock_guard lock(mutex_);
    oldest_ = number;
}

void Pruner::head_is(std::uint64_t number) {
    {
        const std::lock_guard lock(mutex_);
        head_ = number;
        if (target() == oldest_) return;
    }
    changed_.notify_all();
}

std::unique_lock<std::mutex> Pruner::pause() const { return std::unique_lock(removing_); }

void Pruner::wait() const {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return stopping_ || (!busy_ && target() == oldest_); });
}

std::uint64_t Pruner::target() const {
    const auto wanted = head_ > depth_ ? head_ - depth_ : 0;
    return wanted > oldest_ ? std::min(wanted, oldest_ + kBatch) : oldest_;
}

void Pruner::run() {
    while (true) {
        {
            std::unique_lock lock(mutex_);
            changed_.wait(lock, [&] { return stopping_ || target() != oldest_; });
            if (stopping_) return;
            busy_ = true;
        }
        {
            const std::lock_guard removing(removing_);
            std::uint64_t first = 0;
            std::uint64_t last = 0;
            {
                // Looked at again: the head may have been unwound in between.
                const std::lock_guard lock(mutex_);
                first = oldest_ + 1;
                last = target();
                oldest_ = last;
            }
            if (last >= first) {
                rocksdb::WriteBatch batch;
                remove_history(*tables_, batch, first, last, HistoryRemoval::pruned);
                tables_->put(batch, Table::meta, base::as_bytes(kOldestKey), with_block({}, last));
                // A disk that refuses shows at the next commit; the rows left over are never read.
                (void)tables_->write(batch);
            }
        }
        {
            const std::lock_guard lock(mutex_);
            busy_ = false;
        }
        changed_.notify_all();
    }
}

}  // namespace valence::state
