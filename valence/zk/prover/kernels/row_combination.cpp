#include "valence/zk/prover/kernels/row_combination.hpp"

#include <algorithm>
#include <memory>
#include <type_traits>
#include <vector>

#include "valence/zk/prover/kernels/digit_sums.hpp"
#include "valence/zk/prover/kernels/row_transform.hpp"
#include "valence/zk/prover/parallel.hpp"

namespace valence::zk {
namespace {

Goldilocks as_element(std::int64_t integer) { return Goldilocks::of(integer); }
Goldilocks as_element(Goldilocks element) { return element; }
template <typename E>
E as_element(const E& element)
    requires requires { E::kDegree; }
{
    return element;
}

template <typename E, typename T>
void combine_portably(std::span<const T> values, std::span<const E> coefficients, std::span<E> to) {
    std::ranges::fill(to, E());
    for (std::size_t row = 0; row < coefficients.size(); ++row) {
        const std::size_t start = row * to.size();
        for (std::size_t column = 0; column < to.size() && start + column < values.size(); ++column)
            to[column] += coefficients[row] * as_element(values[start + column]);
    }
}

#if defined(__x86_64__)

/// Fewer columns are done one by one.
constexpr std::size_t kWorthTiles = 8;

/// The digits of all coefficients, in tiles of 64 rows.
template <typename E>
std::vector<TileCoefficients<kDigits * E::kDegree>> tile_coefficients(std::span<const E> coefficients) {
    constexpr std::size_t kAll = kDigits * E::kDegree;
    constexpr std::size_t kRows = 2 * kTilePairs;
    std::vector<TileCoefficients<kAll>> tiles((coefficients.size() + kRows - 1) / kRows);
    for (auto& tile : tiles)
        tile.digits.fill(0);
    for (std::size_t row = 0; row < coefficients.size(); ++row) {
        auto& digits = tiles[row / kRows].digits;
        for (std::size_t j = 0; j < E::kDegree; ++j) {
            const auto of_coefficient = balanced_digits(coefficients[row][j]);
            for (std::size_t i = 0; i < kDigits; ++i) {
                const std::size_t at = ((row % kRows / 2) * kAll + j * kDigits + i) * 16 + row % 2;
                for (std::size_t copy = 0; copy < 8; ++copy)
                    digits[at + 2 * copy] = of_coefficient[i];
            }
        }
    }
    return tiles;
}

/// Small integers, tiles of columns `begin` … `end` − 1.
template <typename E, typename T>
void combine_tiles(std::span<const T> values, std::span<const E> coefficients,
                   std::span<const TileCoefficients<kDigits * E::kDegree>> all_digits, std::span<E> to,
                   std::size_t begin, std::size_t end) {
    constexpr std::size_t kAll = kDigits * E::kDegree;
    const std::size_t columns = to.size();
    static constexpr std::array<T, kTileColumns> kZeros{};
    auto low = std::make_unique<Tile>(), high = std::make_unique<Tile>();
    TileSums<kAll> low_sums, high_sums;
    std::array<E, kTileColumns> sums;
    // Copies of the last columns, where they are no whole tile.
    std::array<T, kTileColumns> first_part{}, second_part{};
    for (std::size_t column = begin * kTileColumns; column < end * kTileColumns; column += kTileColumns) {
        const std::size_t count = std::min(kTileColumns, columns - column);
        const auto whole = [&](const T* row, std::array<T, kTileColumns>& part) {
            if (count == kTileColumns) return row;
            std::copy_n(row, count, part.begin());
            return static_cast<const T*>(part.data());
        };
        sums.fill(E());
        for (std::size_t tile = 0; tile < all_digits.size(); ++tile) {
            const std::size_t first_row = tile * 2 * kTilePairs;
            const std::size_t rows = std::min(2 * kTilePairs, coefficients.size() - first_row);
            const std::size_t pairs = (rows + 1) / 2;
            for (std::size_t pair = 0; pair < pairs; ++pair) {
                const T* row = values.data() + (first_row + 2 * pair) * columns + column;
                const T* first = whole(row, first_part);
                const T* second = 2 * pair + 1 < rows ? whole(row + columns, second_part) : kZeros.data();
                std::int16_t* low_at = &low->values[pair * kTileColumns * 2];
                if constexpr (sizeof(T) == 1)
                    fill_pair_avx2(first, second, low_at);
                else
                    fill_pair_avx2(first, second, low_at, &high->values[pair * kTileColumns * 2]);
            }
            sum_tile_avx2(*low, all_digits[tile], pairs, low_sums);
            if constexpr (sizeof(T) == 2) sum_tile_avx2(*high, all_digits[tile], pairs, high_sums);
            for (std::size_t j = 0; j < E::kDegree; ++j) {
                const std::size_t at = j * kDigits * kTileColumns;
                // Extension elements are their coefficients, one after the other.
                add_digit_sums_avx2(&low_sums.sums[at], sizeof(T) == 2 ? &high_sums.sums[at] : nullptr,
                                    reinterpret_cast<Goldilocks*>(sums.data()) + j, E::kDegree);
            }
        }
        std::copy_n(sums.begin(), count, to.begin() + static_cast<std::ptrdiff_t>(column));
    }
}

#endif

/// Rows of field elements: coefficient by coefficient, in pieces that stay in the nearest cache.
template <typename E>
void combine_elements(std::span<const Goldilocks> values, std::span<const E> coefficients, std::span<E> to,
                      InstructionSet instructions) {
    constexpr std::size_t kPiece = 512;
    const auto piece = [&](std::size_t begin) {
        std::array<std::array<Goldilocks, kPiece>, E::kDegree> sums;
        const std::size_t count = std::min(kPiece, to.size() - begin);
        for (auto& sum : sums)
            sum.fill(Goldilocks());
        for (std::size_t row = 0; row < coefficients.size(); ++row) {
            const std::size_t start = row * to.size() + begin;
            if (start >= values.size()) break;
            const std::size_t present = std::min(count, values.size() - start);
            for (std::size_t j = 0; j < E::kDegree; ++j)
                add_scaled_row(&values[start], coefficients[row][j], sums[j].data(), present, instructions);
        }
        for (std::size_t i = 0; i < count; ++i) {
            typename E::Coefficients c;
            for (std::size_t j = 0; j < E::kDegree; ++j)
                c[j] = sums[j][i];
            to[begin + i] = E(c);
        }
    };
    in_parallel((to.size() + kPiece - 1) / kPiece, E::kDegree * coefficients.size() * kPiece,
                [&](std::size_t begin, std::size_t end) {
                    for (std::size_t i = begin; i < end; ++i)
                        piece(i * kPiece);
                });
}

}  // namespace

template <typename E, typename T>
void combine_rows(std::span<const T> values, std::span<const E> coefficients, std::span<E> to,
                  InstructionSet instructions) {
    if constexpr (std::is_same_v<T, Goldilocks>) {
        if (instructions != InstructionSet::portable)
            return combine_elements(values, coefficients, to, instructions);
    }
#if defined(__x86_64__)
    if constexpr (std::is_integral_v<T>) {
        if (instructions != InstructionSet::portable && to.size() >= kWorthTiles &&
            values.size() >= to.size() && values.size() % to.size() == 0) {
            const auto present = coefficients.first(std::min(coefficients.size(), values.size() / to.size()));
            const auto digits = tile_coefficients(present);
            in_parallel((to.size() - 1) / kTileColumns + 1, present.size() * kTileColumns / 4,
                        [&](std::size_t begin, std::size_t end) {
                            combine_tiles<E, T>(values, present, digits, to, begin, end);
                        });
            return;
        }
    }
#endif
    combine_portably(values, coefficients, to);
}

#define VALENCE_COMBINE(E, T) \
    template void combine_rows<E, T>(std::span<const T>, std::span<const E>, std::span<E>, InstructionSet);
#define VALENCE_COMBINE_ALL(E)       \
    VALENCE_COMBINE(E, std::int8_t)  \
    VALENCE_COMBINE(E, std::int16_t) \
    VALENCE_COMBINE(E, Goldilocks)   \
    VALENCE_COMBINE(E, E)
VALENCE_COMBINE_ALL(Extension2)
VALENCE_COMBINE_ALL(Extension3)
#undef VALENCE_COMBINE_ALL
#undef VALENCE_COMBINE

}  // namespace valence::zk
