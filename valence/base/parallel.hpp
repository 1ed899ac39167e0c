// TBB's loops, sorts and calls, in the words that ThreadSanitizer understands. Debian builds TBB without it,
// so that it cannot see that a loop's pieces come after what was before the loop and before what follows it.
// These say so to it, and are nothing but TBB elsewhere. Whoever includes this links TBB::tbb.
#pragma once

#include <algorithm>
#include <cstddef>

#include <oneapi/tbb/blocked_range.h>
#include <oneapi/tbb/parallel_for.h>
#include <oneapi/tbb/parallel_invoke.h>
#include <oneapi/tbb/parallel_sort.h>
#include <oneapi/tbb/partitioner.h>

#if defined(__SANITIZE_THREAD__)
#include <sanitizer/tsan_interface.h>
#endif

namespace valence::base {

namespace parallel {

/// What is done by several threads between two points of the one that waits for them.
class Section {
public:
    Section() { release(); }
    ~Section() { acquire(); }
    Section(const Section&) = delete;
    Section& operator=(const Section&) = delete;

    /// Runs a part of it on any thread.
    template <typename F>
    void part(const F& f) const {
        acquire();
        f();
        release();
    }

private:
#if defined(__SANITIZE_THREAD__)
    void acquire() const { __tsan_acquire(const_cast<Section*>(this)); }
    void release() const { __tsan_release(const_cast<Section*>(this)); }
#else
    void acquire() const {}
    void release() const {}
#endif
};

}  // namespace parallel

/// Calls f(begin, end) for pieces that cover [0, units), on several threads. With the simple partitioner all
/// pieces have at most `grain` units; with the other at least half as many, more where threads are busy.
template <typename F, typename Partitioner = tbb::auto_partitioner>
void in_pieces(std::size_t units, std::size_t grain, const F& f, const Partitioner& partitioner = {}) {
    const parallel::Section section;
    tbb::parallel_for(
        tbb::blocked_range<std::size_t>(0, units, grain),
        [&](const tbb::blocked_range<std::size_t>& piece) {
            section.part([&] { f(piece.begin(), piece.end()); });
        },
        partitioner);
}

/// Calls f(i) for every i of [0, units), on several threads.
template <typename F>
void for_each_of(std::size_t units, const F& f) {
    in_pieces(units, 1, [&](std::size_t begin, std::size_t end) {
        for (auto i = begin; i < end; ++i)
            f(i);
    });
}

/// Calls all of them, on several threads.
template <typename... F>
void all_at_once(const F&... f) {
    const parallel::Section section;
    tbb::parallel_invoke([&] { section.part(f); }...);
}

/// Sorts a range with random access, on several threads where that pays.
template <typename Range, typename Less>
void sort_in_parallel(Range& range, const Less& less) {
#if defined(__SANITIZE_THREAD__)
    std::sort(range.begin(), range.end(), less);
#else
    tbb::parallel_sort(range.begin(), range.end(), less);
#endif
}

}  // namespace valence::base
