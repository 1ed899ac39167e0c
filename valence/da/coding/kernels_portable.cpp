// The reference: a chunk after the other, each byte looked up.
#include "valence/da/coding/kernels.hpp"

namespace valence::da {
namespace {

constexpr std::size_t kTwiddles = 1024;

using Chunk = std::array<std::uint8_t, kChunkSize>;

Chunk product(const std::uint8_t* y, const ProductTable<Bits8>& c) {
    Chunk out;
    for (std::size_t i = 0; i < kChunkSize; ++i)
        out[i] = static_cast<std::uint8_t>(c.product[0][0][y[i] & 15] ^ c.product[1][0][y[i] >> 4]);
    return out;
}

Chunk product(const std::uint8_t* y, const ProductTable<Bits16>& c) {
    constexpr std::size_t kHalf = kChunkSize / 2;
    Chunk out;
    for (std::size_t i = 0; i < kHalf; ++i) {
        const auto low = y[i];
        const auto high = y[i + kHalf];
        for (std::size_t b = 0; b < 2; ++b) {
            out[i + b * kHalf] =
                static_cast<std::uint8_t>(c.product[0][b][low & 15] ^ c.product[1][b][low >> 4] ^
                                          c.product[2][b][high & 15] ^ c.product[3][b][high >> 4]);
        }
    }
    return out;
}

void add(const std::uint8_t* x, std::uint8_t* y, std::size_t bytes) {
    for (std::size_t i = 0; i < bytes; ++i)
        y[i] ^= x[i];
}

template <typename Width>
void forward(std::uint8_t* x, std::uint8_t* y, std::size_t bytes, const ProductTable<Width>& c) {
    for (std::size_t i = 0; i < bytes; i += kChunkSize) {
        const auto p = product(y + i, c);
        add(p.data(), x + i, kChunkSize);
        add(x + i, y + i, kChunkSize);
    }
}

template <typename Width>
void inverse(std::uint8_t* x, std::uint8_t* y, std::size_t bytes, const ProductTable<Width>& c) {
    for (std::size_t i = 0; i < bytes; i += kChunkSize) {
        add(x + i, y + i, kChunkSize);
        const auto p = product(y + i, c);
        add(p.data(), x + i, kChunkSize);
    }
}

template <typename Width>
void multiply(std::uint8_t* x, const std::uint8_t* y, std::size_t bytes, const ProductTable<Width>& c) {
    for (std::size_t i = 0; i < bytes; i += kChunkSize) {
        const auto p = product(y + i, c);
        std::copy(p.begin(), p.end(), x + i);
    }
}

}  // namespace

template <typename Width>
ProductTable<Width> product_table(typename Width::Element constant) {
    const auto& field = CantorField<Width>::get();
    ProductTable<Width> table;
    for (std::size_t n = 0; n < table.kNibbles; ++n) {
        for (std::size_t v = 0; v < 16; ++v) {
            const auto symbol = static_cast<typename Width::Element>(v << (4 * n));
            const std::uint32_t product = field.multiply(constant, symbol);
            for (std::size_t b = 0; b < table.kBytes; ++b)
                table.product[n][b][v] = static_cast<std::uint8_t>(product >> (8 * b));
        }
    }
    return table;
}

template <typename Width>
const ProductTable<Width>& twiddle_table(std::size_t constant) {
    static const auto tables = [] {
        std::vector<ProductTable<Width>> all(std::min<std::size_t>(kTwiddles, CantorField<Width>::kElements));
        for (std::size_t c = 0; c < all.size(); ++c)
            all[c] = product_table<Width>(static_cast<typename Width::Element>(c));
        return all;
    }();
    return tables[constant];
}

template <typename Width>
const Kernels<Width>& portable_kernels() {
    static constexpr Kernels<Width> kKernels{forward<Width>, inverse<Width>, add, multiply<Width>};
    return kKernels;
}

template ProductTable<Bits8> product_table<Bits8>(std::uint8_t);
template ProductTable<Bits16> product_table<Bits16>(std::uint16_t);
template const ProductTable<Bits8>& twiddle_table<Bits8>(std::size_t);
template const ProductTable<Bits16>& twiddle_table<Bits16>(std::size_t);
template const Kernels<Bits8>& portable_kernels<Bits8>();
template const Kernels<Bits16>& portable_kernels<Bits16>();

}  // namespace valence::da
