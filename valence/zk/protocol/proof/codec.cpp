#include "valence/zk/protocol/proof/codec.hpp"

#include "valence/zk/protocol/proof/little_endian.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {
namespace {

constexpr std::size_t kWordBytes = 8;

std::string at_byte(std::size_t position) { return "at byte " + std::to_string(position); }

/// The element in kCoefficients<E> words, if each is below p.
template <FieldElement E>
bool load_element(BytesView bytes, E& element) {
    std::array<Goldilocks, kCoefficients<E>> coefficients;
    for (std::size_t i = 0; i < coefficients.size(); ++i) {
        const auto word = load_little_endian(bytes.data() + kWordBytes * i);
        if (word >= Goldilocks::kModulus) return false;
        coefficients[i] = Goldilocks(word);
    }
    if constexpr (ExtensionElement<E>) {
        element = E(coefficients);
    } else {
        element = coefficients[0];
    }
    return true;
}

}  // namespace

void ProofWriter::put_number(std::uint64_t number) { put_bytes(little_endian(number)); }

Result<BytesView> ProofReader::take_bytes(std::uint64_t count) {
    if (count > proof_.size() - at_) {
        return Error{ProofError::truncated, at_byte(at_) + ": " + std::to_string(count) + " bytes wanted, " +
                                                std::to_string(proof_.size() - at_) + " left"};
    }
    const auto taken = proof_.subspan(at_, static_cast<std::size_t>(count));
    at_ += taken.size();
    return taken;
}

Result<std::uint64_t> ProofReader::take_number() {
    BOOST_OUTCOME_TRY(const auto bytes, take_bytes(kWordBytes));
    return load_little_endian(bytes.data());
}

Result<Hash> ProofReader::take_digest() {
    BOOST_OUTCOME_TRY(const auto bytes, take_bytes(Hash::kSize));
    return base::from_exact<Hash>(bytes);
}

template <FieldElement E>
Result<E> ProofReader::take() {
    const auto start = at_;
    BOOST_OUTCOME_TRY(const auto bytes, take_bytes(kWordBytes * kCoefficients<E>));
    E element;
    if (!load_element(bytes, element)) return Error{ProofError::not_canonical, at_byte(start)};
    return element;
}

template <FieldElement E>
Result<std::vector<E>> ProofReader::take_all(std::size_t count) {
    constexpr auto kElementBytes = kWordBytes * kCoefficients<E>;
    const auto start = at_;
    // A count whose bytes exceed size_t is longer than any proof.
    if (count > (proof_.size() - at_) / kElementBytes) {
        return Error{ProofError::truncated, at_byte(at_) + ": " + std::to_string(count) +
                                                " elements wanted, " + std::to_string(proof_.size() - at_) +
                                                " bytes left"};
    }
    BOOST_OUTCOME_TRY(const auto bytes, take_bytes(kElementBytes * count));
    std::vector<E> elements(count);
    for (std::size_t i = 0; i < count; ++i) {
        if (!load_element(bytes.subspan(kElementBytes * i, kElementBytes), elements[i]))
            return Error{ProofError::not_canonical, at_byte(start + kElementBytes * i)};
    }
    return elements;
}

Result<void> ProofReader::finish() const {
    if (at_ != proof_.size())
        return Error{ProofError::trailing_bytes, std::to_string(proof_.size() - at_) + " bytes"};
    return success();
}

template Result<Goldilocks> ProofReader::take();
template Result<Extension2> ProofReader::take();
template Result<Extension3> ProofReader::take();
template Result<std::vector<Goldilocks>> ProofReader::take_all(std::size_t);
template Result<std::vector<Extension2>> ProofReader::take_all(std::size_t);
template Result<std::vector<Extension3>> ProofReader::take_all(std::size_t);

}  // namespace valence::zk
