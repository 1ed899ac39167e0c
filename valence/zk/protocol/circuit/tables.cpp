#include "valence/zk/protocol/circuit/tables.hpp"

#include "valence/ml/functions/table.hpp"

namespace valence::zk {
namespace {

using Lists = std::vector<std::vector<Goldilocks>>;

constexpr std::int32_t kLeast = -32768;
constexpr std::int32_t kEnd = 32768;

/// Segments outside the exact entries.
std::uint64_t segments(std::int32_t radius) {
    return static_cast<std::uint64_t>((kEnd - kLeast - 2 * radius) / ml::kKnotSpacing);
}

struct RowsOf {
    std::uint64_t operator()(const RangeTable& table) const { return (std::uint64_t{2} << table.bits) - 1; }
    std::uint64_t operator()(const SpanTable& table) const { return std::uint64_t{1} << table.bits; }
    std::uint64_t operator()(const SegmentTable& table) const {
        const std::int32_t radius = ml::exact_radius(table.function.function);
        return segments(radius) + 2 * static_cast<std::uint64_t>(radius);
    }
    std::uint64_t operator()(const EntryTable&) const { return kEnd - kLeast; }
    std::uint64_t operator()(const ListedTable& table) const { return table.entries.at(0).size(); }
    std::uint64_t operator()(const ComputedTable& table) const { return table.rows; }
};

struct EntriesOf {
    std::size_t operator()(const RangeTable&) const { return 1; }
    std::size_t operator()(const SpanTable&) const { return 1; }
    std::size_t operator()(const SegmentTable& table) const {
        return ml::exact_radius(table.function.function) == 0 ? 3 : 4;
    }
    std::size_t operator()(const EntryTable&) const { return 2; }
    std::size_t operator()(const ListedTable& table) const { return table.entries.size(); }
    std::size_t operator()(const ComputedTable& table) const { return table.entries.size(); }
};

struct ListsOf {
    Lists& lists;

    void operator()(const RangeTable& table) const {
        for (std::uint64_t b = 0; b <= table.bits; ++b) {
            for (std::uint64_t v = 0; v < std::uint64_t{1} << b; ++v)
                row(Goldilocks(b), {static_cast<std::int64_t>(v)});
        }
    }
    void operator()(const SpanTable& table) const {
        lists[0].resize(std::uint64_t{1} << table.bits);
        for (std::uint64_t v = 0; v < lists[0].size(); ++v)
            lists[1].emplace_back(v);
    }
    void operator()(const SegmentTable& table) const {
        const std::int32_t radius = ml::exact_radius(table.function.function);
        const auto knots = ml::knots(table.function);
        for (std::int32_t x = kLeast; x < kEnd; x += ml::kKnotSpacing) {
            if (x >= -radius && x < radius) {
                const auto exact = ml::tabulate(table.function);
                for (std::int32_t inside = x; inside < x + ml::kKnotSpacing; ++inside)
                    row({}, {inside, exact->at(static_cast<std::int16_t>(inside)), 0, 0});
                continue;
            }
            const auto j = static_cast<std::size_t>((x - kLeast) / ml::kKnotSpacing);
            if (radius == 0)
                row({}, {x, knots[j], knots[j + 1] - knots[j]});
            else
                row({}, {x, knots[j], knots[j + 1] - knots[j], 1});
        }
    }
    void operator()(const EntryTable& table) const {
        const auto entries = ml::tabulate(table.function);
        for (std::int32_t x = kLeast; x < kEnd; ++x)
            row({}, {x, entries->at(static_cast<std::int16_t>(x))});
    }
    void operator()(const ListedTable& table) const {
        lists[0].resize(table.entries.at(0).size());
        for (std::size_t entry = 0; entry < table.entries.size(); ++entry) {
            for (const std::int64_t element : table.entries[entry])
                lists[1 + entry].push_back(Goldilocks::of(element));
        }
    }
    void operator()(const ComputedTable&) const { lists.clear(); }

private:
    void row(Goldilocks selector, std::initializer_list<std::int64_t> entries) const {
        lists[0].push_back(selector);
        std::size_t at = 1;
        for (const std::int64_t entry : entries)
            lists[at++].push_back(Goldilocks::of(entry));
    }

public:
    explicit ListsOf(Lists& to) : lists(to) {}
};

}  // namespace

std::uint64_t rows(const TableRows& table) { return std::visit(RowsOf{}, table); }

std::size_t width(const TableRows& table) { return 1 + std::visit(EntriesOf{}, table); }

ml::Shape shape_of_rows(const TableRows& table) {
    constexpr std::uint64_t kLong = 4096, kBlock = 256;
    const std::uint64_t count = rows(table);
    if (count < kLong || count % kBlock != 0) return {static_cast<std::uint32_t>(count)};
    return {static_cast<std::uint32_t>(count / kBlock), static_cast<std::uint32_t>(kBlock)};
}

std::vector<std::vector<Goldilocks>> listed(const TableRows& table) {
    Lists lists(width(table));
    std::visit(ListsOf(lists), table);
    return lists;
}

}  // namespace valence::zk
