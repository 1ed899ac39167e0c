// Pruner: removes history beyond the depth in the background, on a thread of its own, so that no commit waits
// for it.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "valence/state/store/tables.hpp"

namespace valence::state {

class Pruner {
public:
    /// `oldest` is the oldest block that can be read now.
    Pruner(std::shared_ptr<Tables>, std::uint64_t depth, std::uint64_t oldest);
    ~Pruner();
    Pruner(const Pruner&) = delete;
    Pruner& operator=(const Pruner&) = delete;

    /// The oldest block that can be read. Moves on before anything is removed; readers made before keep their
    /// moment.
    std::uint64_t oldest() const;
    /// The first block was committed.
    void starts_at(std::uint64_t number);
    void head_is(std::uint64_t number);
    /// Nothing is removed while the lock is held.
    std::unique_lock<std::mutex> pause() const;
    /// Until nothing remains to be removed.
    void wait() const;

private:
    void run();
    /// The next block to prune up to; `oldest_` when there is none.
    std::uint64_t target() const;

    std::shared_ptr<Tables> tables_;
    const std::uint64_t depth_;

    /// Held while a batch is removed.
    mutable std::mutex removing_;
    /// Guards what follows.
    mutable std::mutex mutex_;
    mutable std::condition_variable changed_;
    std::uint64_t oldest_;
    std::uint64_t head_ = 0;
    bool busy_ = false;
    bool stopping_ = false;
    std::thread thread_;
};

}  // namespace valence::state
