#include "valence/zk/protocol/transcript/transcript.hpp"

#include "valence/zk/protocol/proof/little_endian.hpp"
#include "valence/zk/protocol/transcript/grinding.hpp"
#include "valence/zk/protocol/transcript/uniform.hpp"

namespace valence::zk {
namespace {

constexpr std::size_t kMaxLabel = 255;

const crypto::Blake3Key& transcript_key() {
    static const auto key = crypto::Blake3Key::of_context("Valence 2026-11 proof transcript");
    return key;
}

}  // namespace

/// What a frame holds. A span of one element is not that element, and a number is not a base element.
enum class Transcript::Kind : std::uint8_t {
    protocol = 1,
    state,
    bytes,
    number,
    /// + degree over the base field.
    element = 0x10,
    elements = 0x20,
    challenge = 0x30,
    challenges = 0x40,
    positions = 0x50,
    grinding,
};

namespace {

template <typename Kind, typename E>
constexpr Kind kind_of(Kind kind) {
    return static_cast<Kind>(static_cast<std::size_t>(kind) + kCoefficients<E>);
}

}  // namespace

/// The words of the hash's output behind the 32 bytes that the transcript goes on with.
class Transcript::Stream {
public:
    explicit Stream(const crypto::Blake3& hash) : hash_(hash), block_(hash.output(0)) {}

    Hash next_state() const { return base::from_exact<Hash>(BytesView(block_).first(Hash::kSize)); }

    std::uint64_t word() {
        if (at_ == block_.size()) {
            block_ = hash_.output(++index_);
            at_ = 0;
        }
        const auto word = load_little_endian(block_.data() + at_);
        at_ += 8;
        return word;
    }

    template <ExtensionElement E>
    E element() {
        return uniform_element<E>([this] { return word(); });
    }

private:
    crypto::Blake3 hash_;
    crypto::Blake3::OutputBlock block_;
    std::uint64_t index_ = 0;
    std::size_t at_ = Hash::kSize;
};

Transcript::Transcript(std::string_view protocol_label) : hash_(transcript_key()) {
    open_frame(protocol_label, Kind::protocol, 0);
}

void Transcript::open_frame(std::string_view label, Kind kind, std::uint64_t payload_size) {
    VALENCE_CHECK(label.size() <= kMaxLabel);
    const auto length = static_cast<std::uint8_t>(label.size());
    const auto tag = static_cast<std::uint8_t>(kind);
    hash_.update({&length, 1}).update(base::as_bytes(label)).update({&tag, 1});
    put_word(payload_size);
}

void Transcript::put_word(std::uint64_t word) { hash_.update(little_endian(word)); }

Transcript::Stream Transcript::draw() {
    Stream stream(hash_);
    hash_ = crypto::Blake3(transcript_key());
    open_frame({}, Kind::state, Hash::kSize);
    hash_.update(stream.next_state().bytes);
    return stream;
}

void Transcript::absorb(std::string_view label, BytesView bytes) {
    open_frame(label, Kind::bytes, bytes.size());
    hash_.update(bytes);
}

void Transcript::absorb_number(std::string_view label, std::uint64_t number) {
    open_frame(label, Kind::number, 8);
    put_word(number);
}

template <FieldElement E>
void Transcript::absorb(std::string_view label, const E& element) {
    open_frame(label, kind_of<Kind, E>(Kind::element), 8 * kCoefficients<E>);
    for (std::size_t i = 0; i < kCoefficients<E>; ++i)
        put_word(coefficient(element, i).value());
}

template <FieldElement E>
void Transcript::absorb_all(std::string_view label, std::span<const E> elements) {
    open_frame(label, kind_of<Kind, E>(Kind::elements), 8 * kCoefficients<E> * elements.size());
    for (const E& element : elements) {
        for (std::size_t i = 0; i < kCoefficients<E>; ++i)
            put_word(coefficient(element, i).value());
    }
}

template <ExtensionElement E>
E Transcript::challenge(std::string_view label) {
    open_frame(label, kind_of<Kind, E>(Kind::challenge), 0);
    return draw().element<E>();
}

template <ExtensionElement E>
std::vector<E> Transcript::challenges(std::string_view label, std::size_t count) {
    open_frame(label, kind_of<Kind, E>(Kind::challenges), 8);
    put_word(count);
    Stream stream = draw();
    std::vector<E> elements(count);
    for (E& element : elements)
        element = stream.element<E>();
    return elements;
}

std::vector<std::uint64_t> Transcript::positions(std::string_view label, std::size_t count, int log_domain) {
    VALENCE_CHECK(log_domain >= 0 && log_domain <= 64);
    open_frame(label, Kind::positions, 16);
    put_word(count);
    put_word(static_cast<std::uint64_t>(log_domain));
    Stream stream = draw();
    std::vector<std::uint64_t> positions(count);
    for (auto& position : positions) {
        const auto word = stream.word();
        position = log_domain == 0 ? 0 : word >> (64 - log_domain);
    }
    return positions;
}

Hash Transcript::grinding_seed(std::string_view label, int bits) {
    VALENCE_CHECK(bits >= 0 && bits <= 64);
    open_frame(label, Kind::grinding, 8);
    put_word(static_cast<std::uint64_t>(bits));
    Stream stream = draw();
    Hash seed;
    for (std::size_t i = 0; i < Hash::kSize; i += 8) {
        const auto word = little_endian(stream.word());
        std::copy(word.begin(), word.end(), seed.begin() + i);
    }
    return seed;
}

bool Transcript::check_grinding(std::string_view label, int bits, std::uint64_t nonce) {
    const Hash seed = grinding_seed(label, bits);
    absorb_number(label, nonce);
    return has_work(seed, bits, nonce);
}

std::uint64_t Transcript::grind(std::string_view label, int bits, NonceSearch search) {
    const auto nonce = search(grinding_seed(label, bits), bits);
    absorb_number(label, nonce);
    return nonce;
}

template void Transcript::absorb(std::string_view, const Goldilocks&);
template void Transcript::absorb(std::string_view, const Extension2&);
template void Transcript::absorb(std::string_view, const Extension3&);
template void Transcript::absorb_all(std::string_view, std::span<const Goldilocks>);
template void Transcript::absorb_all(std::string_view, std::span<const Extension2>);
template void Transcript::absorb_all(std::string_view, std::span<const Extension3>);
template Extension2 Transcript::challenge(std::string_view);
template Extension3 Transcript::challenge(std::string_view);
template std::vector<Extension2> Transcript::challenges(std::string_view, std::size_t);
template std::vector<Extension3> Transcript::challenges(std::string_view, std::size_t);

}  // namespace valence::zk
