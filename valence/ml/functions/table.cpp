#include "valence/ml/functions/table.hpp"

#include <list>
#include <map>

#include "valence/base/mutex.hpp"
#include "valence/base/result.hpp"
#include "valence/crypto/keccak.hpp"
#include "valence/ml/functions/families.hpp"

namespace valence::ml {
namespace {

constexpr std::int32_t kFirst = -32768;
constexpr std::size_t kCachedTables = 256;
constexpr std::size_t kCachedDigests = 4096;

using Knots = std::array<std::int16_t, kKnots>;

/// Exponents of argument and result; so many tables has a function without parameters.
constexpr std::size_t kExponentPairs = 65 * 65;
/// Those of functions whose knots are kept, 2 KiB each: none is ever dropped.
constexpr std::size_t kKeptKnots = [] {
    std::size_t tables = 0;
    for (int function = 0; function <= static_cast<int>(Function::cosine); ++function)
        tables += keeps_knots(static_cast<Function>(function)) ? kExponentPairs : 0;
    return tables;
}();

std::int16_t entry(const Table& table, std::int32_t x) {
    if (const auto exact = families::in_words(table, x)) return *exact;
    auto value = families::algebraic(table, x);
    if (!value) value = families::logarithmic(table, x);
    VALENCE_CHECK(value.has_value());
    return fixed::round_to_16_bits(*value, table.out);
}

/// The family that computes all knots at once; null for functions computed point by point.
std::vector<families::Pair> (*grid_family(Function function))(const Table&) {
    switch (function) {
        case Function::exponential:
        case Function::sigmoid:
        case Function::tanh:
        case Function::softplus:
        case Function::elu:
        case Function::selu:
        case Function::silu:
        case Function::mish:
            return families::exponentials;
        case Function::erf:
        case Function::gelu:
        case Function::gelu_tanh:
            return families::gaussians;
        case Function::sine:
        case Function::cosine:
            return families::circles;
        default:
            return nullptr;
    }
}

Knots compute_knots(const Table& table) {
    Knots values{};
    constexpr std::size_t kMiddle = kKnots / 2;
    if (const auto family = grid_family(table.function)) {
        const auto pairs = family(table);
        for (std::size_t i = 0; i <= kMiddle; ++i) {
            values[kMiddle - i] = fixed::round_to_16_bits(pairs[i].negative, table.out);
            values[kMiddle + i] = fixed::round_to_16_bits(pairs[i].positive, table.out);
        }
        return values;
    }
    for (std::size_t j = 0; j < kKnots; ++j)
        values[j] = entry(table, kFirst + kKnotSpacing * static_cast<std::int32_t>(j));
    return values;
}

/// What tables have by description, the least recently asked for dropped first.
template <typename Value, std::size_t kSize>
class Cache {
public:
    std::optional<Value> find(const Table& table) {
        const std::lock_guard lock(mutex_);
        const auto found = places_.find(table);
        if (found == places_.end()) return std::nullopt;
        recent_.splice(recent_.begin(), recent_, found->second);
        return found->second->second;
    }

    /// Keeps `value`, or what another thread has put in its place; answers what is kept.
    Value insert(const Table& table, Value value) {
        const std::lock_guard lock(mutex_);
        const auto [place, fresh] = places_.try_emplace(table);
        if (fresh) {
            recent_.emplace_front(table, std::move(value));
            place->second = recent_.begin();
            if (recent_.size() > kSize) {
                places_.erase(recent_.back().first);
                recent_.pop_back();
            }
            return recent_.front().second;
        }
        return place->second->second;
    }

private:
    using Recent = std::list<std::pair<Table, Value>>;
    base::Mutex mutex_;  // guards both
    Recent recent_;
    std::map<Table, typename Recent::iterator> places_;
};

TableEntries expand(const Table& table) {
    const std::int32_t radius = exact_radius(table.function);
    // Those that are not kept displace none of others' that are used.
    const auto k = keeps_knots(table.function) ? knots(table) : compute_knots(table);
    TableEntries entries;
    for (std::int32_t x = kFirst; x < -kFirst; ++x) {
        std::int16_t& to = entries.data[static_cast<std::uint16_t>(x)];
        if (x >= -radius && x < radius) {
            to = entry(table, x);
            continue;
        }
        const auto j = static_cast<std::size_t>((x - kFirst) / kKnotSpacing);
        const std::int32_t rest = (x - kFirst) % kKnotSpacing;
        to = static_cast<std::int16_t>(k[j] + (((k[j + 1] - k[j]) * rest + kKnotSpacing / 2) >> 6));
    }
    return entries;
}

using SharedEntries = std::shared_ptr<const TableEntries>;

Cache<SharedEntries, kCachedTables>& entries_cache() {
    static Cache<SharedEntries, kCachedTables> cache;
    return cache;
}

Hash hash_entries(const Table& table, const TableEntries& entries) {
    Bytes bytes;
    const auto put = [&bytes](std::uint32_t value, int size) {
        for (int i = 0; i < size; ++i)
            bytes.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
    };
    put(static_cast<std::uint32_t>(table.function), 1);
    put(static_cast<std::uint8_t>(table.in), 1);
    put(static_cast<std::uint8_t>(table.out), 1);
    put(static_cast<std::uint32_t>(table.a), 4);
    put(static_cast<std::uint32_t>(table.b), 4);
    for (std::int32_t x = kFirst; x < -kFirst; ++x)
        put(static_cast<std::uint16_t>(entries.at(static_cast<std::int16_t>(x))), 2);
    return crypto::keccak256(bytes);
}

}  // namespace

bool is_valid(const Table& table) {
    if (table.function > Function::cosine) return false;
    if (table.in < -32 || table.in > 32 || table.out < -32 || table.out > 32) return false;
    const int count = parameters(table.function);
    return (count >= 1 || table.a == 0) && (count >= 2 || table.b == 0);
}

std::array<std::int16_t, kKnots> knots(const Table& table) {
    VALENCE_CHECK(is_valid(table));
    static Cache<Knots, kKeptKnots> kept;
    static Cache<Knots, kCachedTables> others;
    const auto remembered = [&table](auto& in) {
        const auto found = in.find(table);
        return found ? *found : in.insert(table, compute_knots(table));
    };
    return keeps_knots(table.function) ? remembered(kept) : remembered(others);
}

std::shared_ptr<const TableEntries> tabulate(const Table& table) {
    if (auto found = entries_cache().find(table)) return *found;
    return entries_cache().insert(table, std::make_shared<const TableEntries>(expand(table)));
}

/// Entries that are not there are built and dropped, so that keys of models nobody runs do not displace the
/// tables of those that run.
Hash digest(const Table& table) {
    static Cache<Hash, kCachedDigests> cache;
    if (const auto found = cache.find(table)) return *found;
    const auto entries = entries_cache().find(table);
    return cache.insert(table, entries ? hash_entries(table, **entries) : hash_entries(table, expand(table)));
}

}  // namespace valence::ml
