// Memory for a prover's tables: cache-line aligned and not cleared, since every table is written whole before
// it is read, and clearing gigabytes costs as much as a pass of the proof.
#pragma once

#include <cstddef>
#include <memory>
#include <span>
#include <type_traits>
#include <vector>

namespace valence::zk {

namespace table_memory {
/// Blocks that were given back are taken again, up to a bound: fresh pages cost small proofs a third of their
/// time. Large blocks lie on huge pages where the system grants them.
void* take(std::size_t bytes);
/// `bytes` as they were asked for.
void give_back(void* memory, std::size_t bytes);
}  // namespace table_memory

/// For vectors as large as tables.
template <typename T>
struct TableAllocator {
    using value_type = T;

    TableAllocator() = default;
    template <typename U>
    TableAllocator(const TableAllocator<U>&) {}
    T* allocate(std::size_t count) { return static_cast<T*>(table_memory::take(count * sizeof(T))); }
    void deallocate(T* memory, std::size_t count) { table_memory::give_back(memory, count * sizeof(T)); }
    bool operator==(const TableAllocator&) const { return true; }
};
/// A vector in memory of that kind; its elements are cleared as any vector's.
template <typename T>
using LargeVector = std::vector<T, TableAllocator<T>>;

template <typename T>
struct UnclearedAllocator : TableAllocator<T> {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>);
    template <typename U>
    struct rebind {  // NOLINT(readability-identifier-naming): what allocators call it
        using other = UnclearedAllocator<U>;
    };
    template <typename U>
    void construct(U*) const {}
    template <typename U, typename First, typename... Rest>
    void construct(U* at, First&& first, Rest&&... rest) const {
        std::construct_at(at, std::forward<First>(first), std::forward<Rest>(rest)...);
    }
};
/// A vector whose elements have no particular value until they are written, where none is given.
template <typename T>
using UnclearedVector = std::vector<T, UnclearedAllocator<T>>;

template <typename T>
    requires std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>
class Table {
public:
    Table() = default;
    /// `size` elements of no particular value.
    explicit Table(std::size_t size)
        : memory_(static_cast<T*>(table_memory::take(size * sizeof(T))), GiveBack{size * sizeof(T)}),
          size_(size) {}

    T* data() { return memory_.get(); }
    const T* data() const { return memory_.get(); }
    std::size_t size() const { return size_; }
    T& operator[](std::size_t i) { return memory_.get()[i]; }
    const T& operator[](std::size_t i) const { return memory_.get()[i]; }
    std::span<const T> span() const { return {data(), size_}; }

private:
    struct GiveBack {
        std::size_t bytes = 0;
        void operator()(T* memory) const { table_memory::give_back(memory, bytes); }
    };
    std::unique_ptr<T[], GiveBack> memory_;
    std::size_t size_ = 0;
};

}  // namespace valence::zk
