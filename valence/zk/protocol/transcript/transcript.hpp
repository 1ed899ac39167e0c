// The Fiat–Shamir transcript: takes in everything that prover and verifier know in common, in order, and
// gives challenges that depend on all of it. Both make the same calls in the same order.
//
// It is one BLAKE3 hash of frames, in a derive_key mode of its own:
//
//     frame        label's length (1 byte), label, kind (1), payload's length (8), payload
//     challenge    a frame that says what is drawn; then the first 32 bytes of the hash's output, framed,
//     begin
//                  the hash of what follows, and the challenge is made of the output after those
//
// A frame can be read back unambiguously, so that two different sequences of calls never hash the same bytes.
#pragma once

#include <ranges>
#include <span>
#include <string_view>
#include <vector>

#include "valence/crypto/blake3.hpp"
#include "valence/zk/protocol/field/extension.hpp"
#include "valence/zk/protocol/transcript/grinding.hpp"

namespace valence::zk {

class Transcript {
public:
    /// Labels, this one and all others, are at most 255 bytes.
    explicit Transcript(std::string_view protocol_label);

    void absorb(std::string_view label, BytesView bytes);
    void absorb(std::string_view label, const Hash& digest) { absorb(label, BytesView(digest.bytes)); }
    void absorb_number(std::string_view label, std::uint64_t number);
    template <FieldElement E>
    void absorb(std::string_view label, const E& element);
    /// Not the same as absorbing each.
    template <FieldElement E>
    void absorb_all(std::string_view label, std::span<const E> elements);
    template <std::ranges::contiguous_range Elements>
        requires FieldElement<std::ranges::range_value_t<Elements>>
    void absorb_all(std::string_view label, const Elements& elements) {
        absorb_all(label, std::span<const std::ranges::range_value_t<Elements>>(elements));
    }

    /// Uniform in E: words not below p are skipped.
    template <ExtensionElement E>
    E challenge(std::string_view label);
    /// Independent and uniform.
    template <ExtensionElement E>
    std::vector<E> challenges(std::string_view label, std::size_t count);
    /// Independent and uniform in 0 … 2^log_domain − 1, log_domain ≤ 64; positions may repeat.
    std::vector<std::uint64_t> positions(std::string_view label, std::size_t count, int log_domain);

    /// Whether a digest of all so far and the nonce begins with `bits` zero bits (0 ≤ bits ≤ 64, of the first
    /// eight bytes, the first byte's highest bit first). Absorbs the nonce either way.
    bool check_grinding(std::string_view label, int bits, std::uint64_t nonce);
    /// The least nonce that passes `check_grinding`, absorbed: 2^bits hashes on average.
    std::uint64_t grind(std::string_view label, int bits, NonceSearch search = least_nonce);

private:
    enum class Kind : std::uint8_t;
    class Stream;

    void open_frame(std::string_view label, Kind kind, std::uint64_t payload_size);
    void put_word(std::uint64_t word);
    Stream draw();
    Hash grinding_seed(std::string_view label, int bits);

    crypto::Blake3 hash_;
};

}  // namespace valence::zk
