#include "valence/zk/accountability/tap.hpp"

#include <algorithm>
#include <span>

#include "valence/zk/protocol/proof/little_endian.hpp"
#include "valence/zk/protocol/transcript/transcript.hpp"

namespace valence::zk::testing {
namespace {

Tap* current = nullptr;

using Text = std::string_view;

template <typename E>
Absorbed elements_of(Absorbed::Kind kind, Text label, std::span<const E> elements) {
    Absorbed item{kind, std::string(label), {}, {}, kCoefficients<E>};
    for (const E& element : elements) {
        for (const Goldilocks c : element.coefficients())
            item.words.push_back(c.value());
    }
    return item;
}

template <typename E, typename Real>
void absorb_element(Transcript* transcript, Text label, const E& given, Real real) {
    Absorbed item = elements_of<E>(Absorbed::Kind::element, label, {&given, 1});
    if (current == nullptr || current->absorb(item)) real(transcript, label, item.element<E>(0));
}

template <typename E, typename Real>
void absorb_list(Transcript* transcript, Text label, std::span<const E> given, Real real) {
    Absorbed item = elements_of<E>(Absorbed::Kind::list, label, given);
    if (current != nullptr && !current->absorb(item)) return;
    std::vector<E> list;
    for (std::size_t i = 0; i < item.elements(); ++i)
        list.push_back(item.element<E>(i));
    real(transcript, label, list);
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

bool Absorbed::is_zero(std::size_t element) const {
    return std::ranges::all_of(std::span(words).subspan(element * degree, degree),
                               [](std::uint64_t word) { return word == 0; });
}

// The linker calls the members of Transcript __real_… and sends their callers to __wrap_…; a member is a
// function whose first argument is the object.
#define VALENCE_TRANSCRIPT "_ZN7valence2zk10Transcript"
#define VALENCE_TEXT "St17basic_string_viewIcSt11char_traitsIcEE"
// clang (from 18 on) has in a template's name what its argument is held to.
#if defined(__clang__)
#define VALENCE_OF_FIELD "ITkNS0_12FieldElementE"
#define VALENCE_OF_EXTENSION "ITkNS0_16ExtensionElementE"
#else
#define VALENCE_OF_FIELD "I"
#define VALENCE_OF_EXTENSION "I"
#endif
#define VALENCE_ELEMENT(degree) "NS0_9ExtensionILi" #degree "EEE"
#define VALENCE_TAPPED(result, name, mangled, ...)                                                     \
    result real_##name(Transcript*,                                                                    \
                       Text __VA_OPT__(, ) __VA_ARGS__) __asm__("__real_" VALENCE_TRANSCRIPT mangled); \
    result tapped_##name(Transcript*,                                                                  \
                         Text __VA_OPT__(, ) __VA_ARGS__) __asm__("__wrap_" VALENCE_TRANSCRIPT mangled)

VALENCE_TAPPED(void, absorb_bytes, "6absorbE" VALENCE_TEXT "St4spanIKhLm18446744073709551615EE", BytesView);
VALENCE_TAPPED(void, absorb_number, "13absorb_numberE" VALENCE_TEXT "m", std::uint64_t);
VALENCE_TAPPED(std::vector<std::uint64_t>, positions, "9positionsE" VALENCE_TEXT "mi", std::size_t, int);
VALENCE_TAPPED(std::uint64_t, grind, "5grindE" VALENCE_TEXT "iPFmRKNS_4base4HashEiE", int, NonceSearch);
VALENCE_TAPPED(bool, check_grinding, "14check_grindingE" VALENCE_TEXT "im", int, std::uint64_t);

void tapped_absorb_bytes(Transcript* transcript, Text label, BytesView bytes) {
    Absorbed item{Absorbed::Kind::bytes, std::string(label), base::to_bytes(bytes), {}};
    if (current == nullptr || current->absorb(item)) real_absorb_bytes(transcript, label, item.bytes);
}

void tapped_absorb_number(Transcript* transcript, Text label, std::uint64_t number) {
    Absorbed item{Absorbed::Kind::number, std::string(label), {}, {number}};
    if (current == nullptr || current->absorb(item)) real_absorb_number(transcript, label, item.words[0]);
}

std::vector<std::uint64_t> tapped_positions(Transcript* transcript, Text label, std::size_t count,
                                            int log_domain) {
    if (current != nullptr) current->draw_all(label);
    return real_positions(transcript, label, count, log_domain);
}

std::uint64_t tapped_grind(Transcript* transcript, Text label, int bits, NonceSearch search) {
    if (current == nullptr) return real_grind(transcript, label, bits, search);
    Transcript aside = *transcript;
    Transcript* const of = current->work() ? transcript : &aside;
    const auto nonce = current->nonce();
    if (!nonce) return real_grind(of, label, bits, search);
    static_cast<void>(real_check_grinding(of, label, bits, *nonce));
    return *nonce;
}

bool tapped_check_grinding(Transcript* transcript, Text label, int bits, std::uint64_t nonce) {
    if (current == nullptr || current->work()) return real_check_grinding(transcript, label, bits, nonce);
    Transcript aside = *transcript;
    return real_check_grinding(&aside, label, bits, nonce);
}

// What is made for each degree.
#define VALENCE_TAPPED_OVER(degree)                                                                \
    VALENCE_TAPPED(void, absorb_element_##degree,                                                  \
                   "6absorb" VALENCE_OF_FIELD VALENCE_ELEMENT(degree) "EEv" VALENCE_TEXT "RKT_",   \
                   const Extension<degree>&);                                                      \
    VALENCE_TAPPED(void, absorb_list_##degree,                                                     \
                   "10absorb_all" VALENCE_OF_FIELD VALENCE_ELEMENT(                                \
                       degree) "EEv" VALENCE_TEXT "St4spanIKT_Lm18446744073709551615EE",           \
                   std::span<const Extension<degree>>);                                            \
    VALENCE_TAPPED(Extension<degree>, challenge_##degree,                                          \
                   "9challenge" VALENCE_OF_EXTENSION VALENCE_ELEMENT(degree) "EET_" VALENCE_TEXT); \
    VALENCE_TAPPED(std::vector<Extension<degree>>, challenges_##degree,                            \
                   "10challenges" VALENCE_OF_EXTENSION VALENCE_ELEMENT(                            \
                       degree) "EESt6vectorIT_SaIS6_EE" VALENCE_TEXT "m",                          \
                   std::size_t);                                                                   \
    void tapped_absorb_element_##degree(Transcript* transcript, Text label,                        \
                                        const Extension<degree>& given) {                          \
        absorb_element(transcript, label, given, real_absorb_element_##degree);                    \
    }                                                                                              \
    void tapped_absorb_list_##degree(Transcript* transcript, Text label,                           \
                                     std::span<const Extension<degree>> given) {                   \
        absorb_list(transcript, label, given, real_absorb_list_##degree);                          \
    }                                                                                              \
    Extension<degree> tapped_challenge_##degree(Transcript* transcript, Text label) {              \
        auto drawn = real_challenge_##degree(transcript, label);                                   \
        if (current != nullptr) current->draw(label, drawn);                                       \
        return drawn;                                                                              \
    }                                                                                              \
    std::vector<Extension<degree>> tapped_challenges_##degree(Transcript* transcript, Text label,  \
                                                              std::size_t count) {                 \
        auto drawn = real_challenges_##degree(transcript, label, count);                           \
        if (current == nullptr) return drawn;                                                      \
        current->draw_all(label);                                                                  \
        for (auto& each : drawn)                                                                   \
            current->draw(label, each);                                                            \
        return drawn;                                                                              \
    }

VALENCE_TAPPED_OVER(2)
VALENCE_TAPPED_OVER(3)

}  // namespace valence::zk::testing
