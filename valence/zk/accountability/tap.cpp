#include "valence/zk/accountability/tap.hpp"

#include <span>

#include "valence/zk/protocol/proof/little_endian.hpp"
#include "valence/zk/protocol/transcript/transcript.hpp"

namespace valence::zk::testing {
namespace {

Tap* current = nullptr;

using Text = std::string_view;
using E = Extension2;

std::vector<std::uint64_t> words_of(std::span<const E> elements) {
    std::vector<std::uint64_t> words;
    for (const E& element : elements) {
        for (const Goldilocks c : element.coefficients())
            words.push_back(c.value());
    }
    return words;
}

}  // namespace

Tapped::Tapped(Tap& tap) : before_(current) { current = &tap; }
Tapped::~Tapped() { current = before_; }

Bytes Absorbed::encoded() const {
    if (kind == Kind::bytes) return bytes;
    Bytes encoded;
    for (const std::uint64_t word : words)
        base::append(encoded, little_endian(word));
    return encoded;
}

E Absorbed::element(std::size_t i) const {
    return E(E::Coefficients{Goldilocks(words[2 * i]), Goldilocks(words[2 * i + 1])});
}

void Absorbed::set(std::size_t i, const E& value) {
    words[2 * i] = value[0].value();
    words[2 * i + 1] = value[1].value();
}

// The linker calls the members of Transcript __real_… and sends their callers to __wrap_…; a member is a
// function whose first argument is the object.
#define VALENCE_TRANSCRIPT "_ZN7valence2zk10Transcript"
#define VALENCE_TEXT "St17basic_string_viewIcSt11char_traitsIcEE"
#define VALENCE_ELEMENT "NS0_9ExtensionILi2EEE"
#define VALENCE_TAPPED(result, name, mangled, ...)                                                     \
    result real_##name(Transcript*,                                                                    \
                       Text __VA_OPT__(, ) __VA_ARGS__) __asm__("__real_" VALENCE_TRANSCRIPT mangled); \
    result tapped_##name(Transcript*,                                                                  \
                         Text __VA_OPT__(, ) __VA_ARGS__) __asm__("__wrap_" VALENCE_TRANSCRIPT mangled)

VALENCE_TAPPED(void, absorb_bytes, "6absorbE" VALENCE_TEXT "St4spanIKhLm18446744073709551615EE", BytesView);
VALENCE_TAPPED(void, absorb_number, "13absorb_numberE" VALENCE_TEXT "m", std::uint64_t);
VALENCE_TAPPED(void, absorb_element, "6absorbI" VALENCE_ELEMENT "EEv" VALENCE_TEXT "RKT_", const E&);
VALENCE_TAPPED(void, absorb_list,
               "10absorb_allI" VALENCE_ELEMENT "EEv" VALENCE_TEXT "St4spanIKT_Lm18446744073709551615EE",
               std::span<const E>);
VALENCE_TAPPED(E, challenge, "9challengeI" VALENCE_ELEMENT "EET_" VALENCE_TEXT);
VALENCE_TAPPED(std::vector<E>, challenges,
               "10challengesI" VALENCE_ELEMENT "EESt6vectorIT_SaIS6_EE" VALENCE_TEXT "m", std::size_t);
VALENCE_TAPPED(std::vector<std::uint64_t>, positions, "9positionsE" VALENCE_TEXT "mi", std::size_t, int);
VALENCE_TAPPED(std::uint64_t, grind, "5grindE" VALENCE_TEXT "i", int);
VALENCE_TAPPED(bool, check_grinding, "14check_grindingE" VALENCE_TEXT "im", int, std::uint64_t);

void tapped_absorb_bytes(Transcript* transcript, Text label, BytesView bytes) {
    Absorbed item{Absorbed::Kind::bytes, std::string(label), base::to_bytes(bytes), {}};
    if (current == nullptr || current->absorb(item)) real_absorb_bytes(transcript, label, item.bytes);
}

void tapped_absorb_number(Transcript* transcript, Text label, std::uint64_t number) {
    Absorbed item{Absorbed::Kind::number, std::string(label), {}, {number}};
    if (current == nullptr || current->absorb(item)) real_absorb_number(transcript, label, item.words[0]);
}

void tapped_absorb_element(Transcript* transcript, Text label, const E& element) {
    Absorbed item{Absorbed::Kind::element, std::string(label), {}, words_of({&element, 1})};
    if (current == nullptr || current->absorb(item)) real_absorb_element(transcript, label, item.element(0));
}

void tapped_absorb_list(Transcript* transcript, Text label, std::span<const E> elements) {
    Absorbed item{Absorbed::Kind::list, std::string(label), {}, words_of(elements)};
    if (current != nullptr && !current->absorb(item)) return;
    std::vector<E> list;
    for (std::size_t i = 0; i < item.elements(); ++i)
        list.push_back(item.element(i));
    real_absorb_list(transcript, label, list);
}

E tapped_challenge(Transcript* transcript, Text label) {
    E drawn = real_challenge(transcript, label);
    if (current != nullptr) current->draw(label, drawn);
    return drawn;
}

std::vector<E> tapped_challenges(Transcript* transcript, Text label, std::size_t count) {
    auto drawn = real_challenges(transcript, label, count);
    if (current != nullptr) {
        current->draw_all(label);
        for (E& each : drawn)
            current->draw(label, each);
    }
    return drawn;
}

std::vector<std::uint64_t> tapped_positions(Transcript* transcript, Text label, std::size_t count,
                                            int log_domain) {
    if (current != nullptr) current->draw_all(label);
    return real_positions(transcript, label, count, log_domain);
}

std::uint64_t tapped_grind(Transcript* transcript, Text label, int bits) {
    if (current == nullptr) return real_grind(transcript, label, bits);
    Transcript aside = *transcript;
    Transcript* const of = current->work() ? transcript : &aside;
    const auto nonce = current->nonce();
    if (!nonce) return real_grind(of, label, bits);
    static_cast<void>(real_check_grinding(of, label, bits, *nonce));
    return *nonce;
}

bool tapped_check_grinding(Transcript* transcript, Text label, int bits, std::uint64_t nonce) {
    if (current == nullptr || current->work()) return real_check_grinding(transcript, label, bits, nonce);
    Transcript aside = *transcript;
    return real_check_grinding(&aside, label, bits, nonce);
}

}  // namespace valence::zk::testing
