// An allocator for buffers of many megabytes: in pages of 2 MiB where the system has them, and left as they
// are. A square's memory in pages of 4 KiB, zeroed first, takes longer to get than its parity to compute.
#pragma once

#include <cstdlib>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>

#if defined(__linux__)
#include <sys/mman.h>
#endif

namespace valence::base {

template <typename T>
struct LargePageAllocator {
    using value_type = T;
    static constexpr std::size_t kPage = std::size_t{2} << 20;

    LargePageAllocator() = default;
    template <typename U>
    explicit(false) LargePageAllocator(const LargePageAllocator<U>&) {}

    T* allocate(std::size_t count) {
        if (count * sizeof(T) < kPage) return static_cast<T*>(::operator new(count * sizeof(T)));
        const auto bytes = (count * sizeof(T) + kPage - 1) / kPage * kPage;
        void* const memory = std::aligned_alloc(kPage, bytes);
        if (memory == nullptr) throw std::bad_alloc{};
#if defined(__linux__)
        // A hint: where it is refused the pages are small ones.
        static_cast<void>(madvise(memory, bytes, MADV_HUGEPAGE));
#endif
        return static_cast<T*>(memory);
    }

    void deallocate(T* memory, std::size_t count) {
        if (count * sizeof(T) < kPage) {
            ::operator delete(memory);
        } else {
            std::free(memory);  // NOLINT: from aligned_alloc
        }
    }

    /// Elements without a value are not written to.
    template <typename U>
    void construct(U*) {
        static_assert(std::is_trivially_copyable_v<U> && std::is_trivially_destructible_v<U>);
    }
    template <typename U, typename... Arguments>
        requires(sizeof...(Arguments) != 0)
    void construct(U* at, Arguments&&... arguments) {
        std::construct_at(at, std::forward<Arguments>(arguments)...);
    }

    bool operator==(const LargePageAllocator&) const { return true; }
};

}  // namespace valence::base
