#include "valence/zk/prover/commitment/byte_digits.hpp"

#include <algorithm>
#include <numeric>

#include "valence/zk/prover/kernels/row_combination.hpp"
#include "valence/zk/prover/polynomial/multilinear.hpp"
#include "valence/zk/prover/witness/signed.hpp"

namespace valence::zk {
namespace {

constexpr std::size_t kMostPlanes = 6;
constexpr double kMostPasses = 3;

Goldilocks place_value(std::size_t plane) { return Goldilocks(std::uint64_t{1} << (8 * plane)); }

}  // namespace

std::optional<ByteDigits> ByteDigits::of(std::span<const Goldilocks> values) {
    ByteDigits result;
    result.depths_.assign((values.size() + kBlock - 1) / kBlock, 1);
    result.planes_.emplace_back(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        std::int64_t rest = to_signed(values[i]);
        for (std::size_t k = 0; rest != 0; ++k) {
            if (k == kMostPlanes) return std::nullopt;
            if (k == result.planes_.size()) result.planes_.emplace_back(values.size());
            const auto digit = static_cast<std::int8_t>(rest & 0xff);
            result.planes_[k][i] = digit;
            rest = (rest - digit) >> 8;
            std::uint8_t& depth = result.depths_[i / kBlock];
            depth = std::max(depth, static_cast<std::uint8_t>(k + 1));
        }
    }
    const auto passes = std::accumulate(result.depths_.begin(), result.depths_.end(), std::size_t{0});
    result.passes_ = static_cast<double>(passes) / static_cast<double>(result.depths_.size());
    if (result.passes_ > kMostPasses) return std::nullopt;
    return result;
}

std::size_t ByteDigits::depth(std::size_t begin, std::size_t count) const {
    std::size_t deepest = 1;
    for (std::size_t block = begin / kBlock; block * kBlock < begin + count; ++block)
        deepest = std::max<std::size_t>(deepest, depths_[block]);
    return deepest;
}

bool ByteDigits::is_sparse(std::size_t plane) const {
    const auto count = std::ranges::count_if(depths_, [&](std::uint8_t depth) { return depth > plane; });
    return static_cast<std::size_t>(count) < depths_.size() / 8;
}

template <typename E>
E ByteDigits::contract(const RowContraction<E>& columns, std::size_t begin, std::size_t count) const {
    E sum = columns.of(planes_[0].data() + begin);
    const std::size_t deepest = depth(begin, count);
    for (std::size_t k = 1; k < deepest; ++k)
        sum += columns.of(planes_[k].data() + begin) * place_value(k);
    return sum;
}

template <typename E>
void ByteDigits::combine(std::span<const E> coefficients, std::span<E> to) const {
    combine_rows<E, std::int8_t>(plane(0), coefficients, to);
    std::vector<E> of_plane;
    for (std::size_t k = 1; k < planes(); ++k) {
        if (!is_sparse(k)) {
            of_plane.resize(to.size());
            combine_rows<E, std::int8_t>(plane(k), coefficients, of_plane);
            add_multiple<E>(std::span<const E>(of_plane), E(place_value(k)), to.data());
            continue;
        }
        for (std::size_t block = 0; block < depths_.size(); ++block) {
            if (depths_[block] <= k) continue;
            const std::size_t end = std::min((block + 1) * kBlock, planes_[k].size());
            for (std::size_t i = block * kBlock; i < end; ++i) {
                const Goldilocks digit = Goldilocks::of(planes_[k][i]) * place_value(k);
                to[i % to.size()] += coefficients[i / to.size()] * digit;
            }
        }
    }
}

#define VALENCE_BYTE_DIGITS(E)                                                                 \
    template E ByteDigits::contract(const RowContraction<E>&, std::size_t, std::size_t) const; \
    template void ByteDigits::combine(std::span<const E>, std::span<E>) const;
VALENCE_BYTE_DIGITS(Extension2)
VALENCE_BYTE_DIGITS(Extension3)
#undef VALENCE_BYTE_DIGITS

}  // namespace valence::zk
