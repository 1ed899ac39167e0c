#include "valence/da/coding/reed_solomon.hpp"

#include <fmt/format.h>

#include "valence/da/coding/transform.hpp"
#include "valence/da/da_error.hpp"

namespace valence::da {
namespace {

/// Bytes of each piece that are worked on at once: the rows of one pass stay in the second-level cache.
constexpr std::size_t kTile = 512;

/// Memory for the rows of a pass, kept by each thread.
Rows scratch_rows(std::size_t count, std::size_t length) {
    thread_local std::vector<std::uint8_t> memory;
    memory.resize(std::max(memory.size(), count * length));
    return {memory.data(), length};
}

template <typename Width>
void encode_in(std::size_t k, const Pieces<const std::uint8_t>& data, const Pieces<std::uint8_t>& parity,
               const Kernels<Width>& kernels) {
    const auto count = std::bit_ceil(k);
    for (std::size_t at = 0; at < data.length; at += kTile) {
        const auto length = std::min(kTile, data.length - at);
        const auto rows = scratch_rows(count, length);
        for (std::size_t i = 0; i < k; ++i)
            std::copy_n(data[i] + at, length, rows[i]);
        std::fill(rows[k], rows[count], std::uint8_t{0});
        inverse_transform(rows, count, count, kernels);
        transform(rows, count, 0, kernels);
        for (std::size_t i = 0; i < k; ++i)
            std::copy_n(rows[i], length, parity[i] + at);
    }
}

/// In place: each pair's sum and difference, for pairs at all power-of-two distances.
void hadamard(std::vector<std::int64_t>& values) {
    for (std::size_t half = 1; half < values.size(); half *= 2) {
        for (std::size_t i = 0; i < values.size(); ++i) {
            if ((i & half) != 0) continue;
            const auto a = values[i];
            const auto b = values[i + half];
            values[i] = a + b;
            values[i + half] = a - b;
        }
    }
}

/// For each position x, the logarithm of the product of x − e over all missing positions e ≠ x.
template <typename Width>
std::vector<std::uint32_t> locator_logs(const std::vector<bool>& missing) {
    const auto& field = CantorField<Width>::get();
    const auto count = missing.size();
    std::vector<std::int64_t> chosen(count);
    std::vector<std::int64_t> logs(count);
    for (std::size_t i = 0; i < count; ++i) {
        chosen[i] = missing[i] ? 1 : 0;
        logs[i] = i == 0 ? 0 : field.log(static_cast<typename Width::Element>(i));
    }
    // A sum over e of log(x xor e) is a convolution, which the Hadamard transform turns into products. All
    // stays below 2⁶³: count² · 2¹⁶ ≤ 2³⁶.
    hadamard(chosen);
    hadamard(logs);
    for (std::size_t i = 0; i < count; ++i)
        logs[i] *= chosen[i];
    hadamard(logs);
    std::vector<std::uint32_t> sums(count);
    for (std::size_t i = 0; i < count; ++i) {
        sums[i] = static_cast<std::uint32_t>(logs[i] / static_cast<std::int64_t>(count) %
                                             CantorField<Width>::kOrder);
    }
    return sums;
}

/// With L the polynomial that vanishes at the missing positions and c the codeword's: the values of c·L are
/// known everywhere, and at a missing position (c·L)′ = c·L′, whence c.
template <typename Width>
void repair_in(std::size_t k, const Pieces<std::uint8_t>& codeword, const std::vector<bool>& known,
               const Kernels<Width>& kernels) {
    const auto& field = CantorField<Width>::get();
    const auto half = std::bit_ceil(k);
    const auto count = 2 * half;
    // Where a position's piece is; none for those a k that is no power of two leaves over.
    const auto piece_of = [&](std::size_t position) -> std::optional<std::size_t> {
        if (position % half >= k) return std::nullopt;
        return position < half ? k + position : position - half;
    };
    // Left-over data is zero, left-over parity is not known.
    std::vector<bool> missing(count);
    for (std::size_t position = 0; position < count; ++position) {
        const auto piece = piece_of(position);
        missing[position] = piece ? !known[*piece] : position < half;
    }
    const auto logs = locator_logs<Width>(missing);
    for (std::size_t at = 0; at < codeword.length; at += kTile) {
        const auto length = std::min(kTile, codeword.length - at);
        const auto rows = scratch_rows(count, length);
        for (std::size_t position = 0; position < count; ++position) {
            const auto piece = piece_of(position);
            if (missing[position] || !piece) {
                std::fill_n(rows[position], length, std::uint8_t{0});
            } else {
                kernels.multiply(rows[position], codeword[*piece] + at, length,
                                 product_table<Width>(field.exp(logs[position])));
            }
        }
        inverse_transform(rows, count, 0, kernels);
        differentiate(rows, count, kernels);
        transform(rows, count, 0, kernels);
        for (std::size_t position = 0; position < count; ++position) {
            const auto piece = piece_of(position);
            if (!missing[position] || !piece) continue;
            const auto inverse = field.exp(CantorField<Width>::kOrder - logs[position]);
            kernels.multiply(codeword[*piece] + at, rows[position], length, product_table<Width>(inverse));
        }
    }
}

bool fits_eight_bits(std::size_t k) { return 2 * std::bit_ceil(k) <= CantorField<Bits8>::kElements; }

}  // namespace

void encode(std::size_t k, const Pieces<const std::uint8_t>& data, const Pieces<std::uint8_t>& parity,
            InstructionSet set) {
    VALENCE_CHECK(k >= 1 && k <= kMaxSquareWidth && data.length % kChunkSize == 0);
    if (fits_eight_bits(k)) {
        encode_in(k, data, parity, kernels_for<Bits8>(set));
    } else {
        encode_in(k, data, parity, kernels_for<Bits16>(set));
    }
}

Result<void> repair(std::size_t k, const Pieces<std::uint8_t>& codeword, const std::vector<bool>& known,
                    InstructionSet set) {
    VALENCE_CHECK(k >= 1 && k <= kMaxSquareWidth && codeword.length % kChunkSize == 0);
    VALENCE_CHECK(known.size() == 2 * k);
    const auto present = static_cast<std::size_t>(std::count(known.begin(), known.end(), true));
    if (present < k)
        return Error{DaError::unrepairable, fmt::format("{} pieces of {} known", present, 2 * k)};
    if (present == 2 * k) return success();
    if (fits_eight_bits(k)) {
        repair_in(k, codeword, known, kernels_for<Bits8>(set));
    } else {
        repair_in(k, codeword, known, kernels_for<Bits16>(set));
    }
    return success();
}

}  // namespace valence::da
