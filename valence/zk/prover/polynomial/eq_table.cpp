#include "valence/zk/prover/polynomial/eq_table.hpp"

#include "valence/zk/prover/parallel.hpp"
#include "valence/zk/prover/polynomial/round_kernels.hpp"

namespace valence::zk {
namespace {

constexpr std::size_t kBlock = 4096;

/// Adds a variable in front: eq over (r, point) from eq over the point.
template <typename E>
void expand(const E* from, E* low, E* high, std::size_t size, const E& r) {
    const Multiplier<E> multiplier(r);
    const std::size_t block = std::min(size, kBlock);
    const auto& kernels = round_kernels<E>(block);
    in_parallel(size / block, 3 * block, [&](std::size_t begin, std::size_t end) {
        kernels.expand(from, low, high, {begin * block, (end - begin) * block}, multiplier);
    });
}

/// The tables over each number of a point's last variables, one behind the other.
template <typename E>
Table<E> pyramid(std::span<const E> point) {
    Table<E> tables(std::size_t{2} << point.size());
    tables[0] = E();
    tables[1] = E(std::uint64_t{1});
    for (std::size_t s = 0; s < point.size(); ++s) {
        const std::size_t size = std::size_t{1} << s;
        E* const next = tables.data() + 2 * size;
        expand(tables.data() + size, next, next + size, size, point[point.size() - 1 - s]);
    }
    return tables;
}

}  // namespace

template <typename E>
Table<E> eq_table(std::span<const E> point) {
    Table<E> table(std::size_t{1} << point.size());
    table[0] = E(std::uint64_t{1});
    for (std::size_t s = 0; s < point.size(); ++s) {
        const std::size_t size = std::size_t{1} << s;
        expand(table.data(), table.data(), table.data() + size, size, point[point.size() - 1 - s]);
    }
    return table;
}

template <typename E>
EqSuffixes<E>::EqSuffixes(std::span<const E> point)
    : low_variables_(std::min(point.size(), kLowVariables)),
      low_(pyramid(point.last(low_variables_))),
      high_(pyramid(point.first(point.size() - low_variables_))) {}

template <typename E>
typename EqSuffixes<E>::Weights EqSuffixes<E>::weights(std::size_t variables) const {
    const auto level = [](const Table<E>& tables, std::size_t s) {
        return tables.span().subspan(std::size_t{1} << s, std::size_t{1} << s);
    };
    const std::size_t low = std::min(variables, low_variables_);
    return {level(high_, variables - low), level(low_, low)};
}

template Table<Extension2> eq_table(std::span<const Extension2>);
template Table<Extension3> eq_table(std::span<const Extension3>);
template class EqSuffixes<Extension2>;
template class EqSuffixes<Extension3>;

}  // namespace valence::zk
