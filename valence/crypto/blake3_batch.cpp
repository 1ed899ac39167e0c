#include "valence/crypto/blake3_batch.hpp"

#include "valence/crypto/blake3_lanes.hpp"

namespace valence::crypto {

using namespace blake3_detail;

void Blake3Messages::copy(std::size_t i, std::uint8_t* to) const {
    if (piece == 0) return;
    for (std::size_t row = 0; row < rows; ++row) {
        std::memcpy(to, bytes.data() + row * row_stride + i * piece, piece);
        to += piece;
    }
}

namespace {

void hash_each(const Blake3Messages& messages, const Blake3Key& key, std::span<Hash> digests) {
    for (std::size_t i = 0; i < digests.size(); ++i) {
        Blake3 hash(key);
        for (std::size_t row = 0; row < messages.rows; ++row)
            hash.update(
                messages.bytes.subspan(row * messages.row_stride + i * messages.piece, messages.piece));
        digests[i] = hash.digest();
    }
}

#if defined(__x86_64__)

constexpr std::size_t kLanes = 8;
/// Fewer messages than this are hashed quicker one by one.
constexpr std::size_t kWorthwhile = 3;

/// The same words of eight messages, each register holding one word of all. Passed by reference: vectors by
/// value would have another calling convention without AVX.
using LaneWords = std::array<Lane, 16>;
using LaneValue = std::array<Lane, 8>;

[[gnu::target("avx2"), gnu::always_inline]] inline Lane spread(std::uint32_t word) {
    return _mm256_set1_epi32(static_cast<int>(word));
}

/// Of eight blocks of the same place in their messages, with the fastest instructions of this machine.
void compress_lanes(LaneValue& chaining, const LaneWords& block, std::uint64_t counter, std::uint32_t size,
                    std::uint32_t flags) {
    static const auto compress = __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl")
                                     ? compress_lanes_avx512
                                     : compress_lanes_avx2;
    compress(chaining.data(), block.data(), counter, size, flags);
}

/// Eight rows of eight words become eight columns; its own inverse.
[[gnu::target("avx2"), gnu::always_inline]] inline void transpose(std::span<Lane, 8> rows) {
    std::array<Lane, 8> pairs;
    for (std::size_t i = 0; i < 8; i += 2) {
        pairs[i] = _mm256_unpacklo_epi32(rows[i], rows[i + 1]);
        pairs[i + 1] = _mm256_unpackhi_epi32(rows[i], rows[i + 1]);
    }
    std::array<Lane, 8> fours;
    for (std::size_t half = 0; half < 8; half += 4) {
        fours[half] = _mm256_unpacklo_epi64(pairs[half], pairs[half + 2]);
        fours[half + 1] = _mm256_unpackhi_epi64(pairs[half], pairs[half + 2]);
        fours[half + 2] = _mm256_unpacklo_epi64(pairs[half + 1], pairs[half + 3]);
        fours[half + 3] = _mm256_unpackhi_epi64(pairs[half + 1], pairs[half + 3]);
    }
    for (std::size_t i = 0; i < 4; ++i) {
        rows[i] = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x20);
        rows[i + 4] = _mm256_permute2x128_si256(fours[i], fours[i + 4], 0x31);
    }
}

[[gnu::target("avx2"), gnu::always_inline]] inline Lane load(const std::uint8_t* from) {
    return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}

/// Eight messages, of which the last may be given several times.
class LaneMessages {
public:
    LaneMessages(const Blake3Messages& messages, std::size_t count) : messages_(messages) {
        for (std::size_t lane = 0; lane < kLanes; ++lane)
            offset_[lane] = std::min(lane, count - 1) * messages.piece;
        full_ = count == kLanes;
    }

    /// Bytes `at` … `at + size − 1` of each message, size ≤ 64.
    [[gnu::target("avx2")]] void load_block(std::size_t at, std::size_t size, LaneWords& block) const {
        if (size == kBlockBytes && messages_.rows == 1) {
            std::array<const std::uint8_t*, kLanes> lanes;
            for (std::size_t lane = 0; lane < kLanes; ++lane)
                lanes[lane] = messages_.bytes.data() + offset_[lane] + at;
            // Of the next eight messages, if there are any.
            for (const auto* lane : lanes)
                __builtin_prefetch(lane + kLanes * messages_.piece);
            return transpose_blocks(lanes, block);
        }
        if (messages_.piece == 8 && full_) return load_words(at / 8, size / 8, block);
        if (size == kBlockBytes && messages_.piece % 16 == 0) return load_quarters(at, block);
        if (size != 0 && size % 8 == 0 && messages_.piece % 8 == 0) return load_eighths(at, size / 8, block);
        std::array<std::array<std::uint8_t, kBlockBytes>, kLanes> gathered;
        std::array<const std::uint8_t*, kLanes> lanes;
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            gather(lane, at, size, gathered[lane].data());
            lanes[lane] = gathered[lane].data();
        }
        transpose_blocks(lanes, block);
    }

private:
    /// Of a lane, from row to row, and zeros after `size`.
    void gather(std::size_t lane, std::size_t at, std::size_t size, std::uint8_t* to) const {
        std::memset(to + size, 0, kBlockBytes - size);
        for (std::size_t done = 0; done < size;) {
            const auto row = (at + done) / messages_.piece;
            const auto inside = (at + done) % messages_.piece;
            const auto part = std::min(size - done, messages_.piece - inside);
            std::memcpy(to + done,
                        messages_.bytes.data() + row * messages_.row_stride + offset_[lane] + inside, part);
            done += part;
        }
    }

    [[gnu::target("avx2"), gnu::always_inline]] static void transpose_blocks(
        const std::array<const std::uint8_t*, kLanes>& lanes, LaneWords& block) {
        for (std::size_t lane = 0; lane < kLanes; ++lane) {
            block[lane] = load(lanes[lane]);
            block[lane + 8] = load(lanes[lane] + 32);
        }
        transpose(std::span(block).first<8>());
        transpose(std::span(block).last<8>());
    }

    /// Asks for a row of the next block: rows are too many and too far apart for the CPU to foresee.
    void prefetch(std::size_t row, std::size_t inside) const {
        if (row >= messages_.rows) return;
        const auto* from = messages_.bytes.data() + row * messages_.row_stride + inside;
        __builtin_prefetch(from + offset_[0]);
        __builtin_prefetch(from + offset_[kLanes - 1]);
    }

    /// Up to eight rows of eight 8-byte pieces side by side: low and high halves only have to be parted.
    [[gnu::target("avx2"), gnu::always_inline]] void load_words(std::size_t row, std::size_t count,
                                                                LaneWords& block) const {
        const auto* from = messages_.bytes.data() + row * messages_.row_stride;
        for (std::size_t i = 0; i < count; ++i) {
            prefetch(row + 8 + i, 0);
            const __m256 low = _mm256_castsi256_ps(load(from));
            const __m256 high = _mm256_castsi256_ps(load(from + 32));
            // Lanes come out as 0 1 4 5 2 3 6 7.
            block[2 * i] = _mm256_permute4x64_epi64(
                _mm256_castps_si256(_mm256_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0))),
                _MM_SHUFFLE(3, 1, 2, 0));
            block[2 * i + 1] = _mm256_permute4x64_epi64(
                _mm256_castps_si256(_mm256_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1))),
                _MM_SHUFFLE(3, 1, 2, 0));
            from += messages_.row_stride;
        }
        std::fill(block.begin() + static_cast<std::ptrdiff_t>(2 * count), block.end(), Lane{});
    }

    /// Pieces that are multiples of 16 bytes: each quarter of a block lies in one.
    [[gnu::target("avx2"), gnu::always_inline]] void load_quarters(std::size_t at, LaneWords& block) const {
        for (std::size_t quarter = 0; quarter < 4; ++quarter, at += 16) {
            const auto next = at + kBlockBytes;
            prefetch(next / messages_.piece, next % messages_.piece);
            const auto* from =
                messages_.bytes.data() + at / messages_.piece * messages_.row_stride + at % messages_.piece;
            std::array<Lane, 4> both;  // of lanes i and i + 4
            for (std::size_t i = 0; i < 4; ++i) {
                both[i] = _mm256_loadu2_m128i(reinterpret_cast<const __m128i*>(from + offset_[i + 4]),
                                              reinterpret_cast<const __m128i*>(from + offset_[i]));
            }
            const Lane first = _mm256_unpacklo_epi32(both[0], both[1]);
            const Lane second = _mm256_unpacklo_epi32(both[2], both[3]);
            const Lane third = _mm256_unpackhi_epi32(both[0], both[1]);
            const Lane fourth = _mm256_unpackhi_epi32(both[2], both[3]);
            block[4 * quarter] = _mm256_unpacklo_epi64(first, second);
            block[4 * quarter + 1] = _mm256_unpackhi_epi64(first, second);
            block[4 * quarter + 2] = _mm256_unpacklo_epi64(third, fourth);
            block[4 * quarter + 3] = _mm256_unpackhi_epi64(third, fourth);
        }
    }

    /// Pieces that are multiples of 8 bytes, such as elements of degree 3.
    [[gnu::target("avx2"), gnu::always_inline]] void load_eighths(std::size_t at, std::size_t count,
                                                                  LaneWords& block) const {
        auto row = at / messages_.piece;
        auto inside = at % messages_.piece;
        for (std::size_t i = 0; i < count; ++i) {
            const auto* from = messages_.bytes.data() + row * messages_.row_stride + inside;
            const auto word = [&](std::size_t lane) {
                long long loaded = 0;
                std::memcpy(&loaded, from + offset_[lane], sizeof(loaded));
                return loaded;
            };
            const std::array<long long, kLanes> words{word(0), word(1), word(4), word(5),
                                                      word(2), word(3), word(6), word(7)};
            const auto* bytes = reinterpret_cast<const std::uint8_t*>(words.data());
            const __m256 low = _mm256_castsi256_ps(load(bytes));
            const __m256 high = _mm256_castsi256_ps(load(bytes + 32));
            block[2 * i] = _mm256_castps_si256(_mm256_shuffle_ps(low, high, _MM_SHUFFLE(2, 0, 2, 0)));
            block[2 * i + 1] = _mm256_castps_si256(_mm256_shuffle_ps(low, high, _MM_SHUFFLE(3, 1, 3, 1)));
            inside += 8;
            if (inside == messages_.piece) {
                inside = 0;
                prefetch(++row + kBlockBytes / messages_.piece, 0);
            }
        }
        std::fill(block.begin() + static_cast<std::ptrdiff_t>(2 * count), block.end(), Lane{});
    }

    Blake3Messages messages_;
    std::array<std::size_t, kLanes> offset_;
    bool full_;
};

[[gnu::target("avx2")]] void start(const Blake3Key& key, LaneValue& value) {
    for (std::size_t i = 0; i < value.size(); ++i)
        value[i] = spread(key.words[i]);
}

/// The chaining values of the subtrees over bytes `at` … `at + size − 1`, as the paper's section 2.1 divides
/// them: the left part is the largest power of two of chunks that leaves something to the right.
[[gnu::target("avx2")]] void hash_subtrees(const LaneMessages& messages, std::size_t at, std::size_t size,
                                           const Blake3Key& key, std::uint32_t root_flag, LaneValue& value) {
    LaneWords block;
    if (size <= kChunkBytes) {
        start(key, value);
        std::size_t done = 0;
        do {
            const auto part = std::min(size - done, kBlockBytes);
            messages.load_block(at + done, part, block);
            auto flags = key.flags;
            if (done == 0) flags |= chunk_start;
            if (done + part == size) flags |= chunk_end | root_flag;
            compress_lanes(value, block, at / kChunkBytes, static_cast<std::uint32_t>(part), flags);
            done += part;
        } while (done < size);
        return;
    }
    const auto left = kChunkBytes * std::bit_floor((size - 1) / kChunkBytes);
    LaneValue child;
    hash_subtrees(messages, at, left, key, 0, child);
    std::copy(child.begin(), child.end(), block.begin());
    hash_subtrees(messages, at + left, size - left, key, 0, child);
    std::copy(child.begin(), child.end(), block.begin() + child.size());
    start(key, value);
    compress_lanes(value, block, 0, kBlockBytes, key.flags | parent | root_flag);
}

[[gnu::target("avx2")]] void hash_in_lanes(const Blake3Messages& messages, const Blake3Key& key,
                                           std::span<Hash> digests) {
    LaneValue value;
    hash_subtrees(LaneMessages(messages, digests.size()), 0, messages.length(), key, root, value);
    transpose(value);
    for (std::size_t lane = 0; lane < digests.size(); ++lane)
        _mm256_storeu_si256(reinterpret_cast<__m256i*>(digests[lane].data()), value[lane]);
}

#endif

}  // namespace

void blake3_batch(const Blake3Messages& messages, const Blake3Key& key, std::span<Hash> digests) {
    if (digests.empty()) return;
    VALENCE_CHECK((messages.rows - 1) * messages.row_stride + digests.size() * messages.piece <=
                  messages.bytes.size());
    std::size_t done = 0;
#if defined(__x86_64__)
    if (__builtin_cpu_supports("avx2")) {
        while (digests.size() - done >= kWorthwhile) {
            const auto count = std::min(digests.size() - done, kLanes);
            hash_in_lanes(messages.from(done), key, digests.subspan(done, count));
            done += count;
        }
    }
#endif
    if (done < digests.size()) hash_each(messages.from(done), key, digests.subspan(done));
}

}  // namespace valence::crypto
