// How prover and verifier talk: whatever is sent is written to the proof and absorbed by the transcript, in
// one step, and what is received is read and absorbed likewise. Only Merkle openings go past it, into the
// proof alone: roots absorbed before bind them.
#pragma once

#include "valence/zk/protocol/proof/codec.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"
#include "valence/zk/protocol/transcript/transcript.hpp"

namespace valence::zk {

struct ProverChannel {
    Transcript& transcript;
    ProofWriter& proof;

    template <FieldElement E>
    void send(std::string_view label, const E& element) {
        transcript.absorb(label, element);
        proof.put(element);
    }
    void send(std::string_view label, const Hash& digest) {
        transcript.absorb(label, digest);
        proof.put(digest);
    }
    template <std::ranges::contiguous_range Elements>
        requires FieldElement<std::ranges::range_value_t<Elements>>
    void send_all(std::string_view label, const Elements& elements) {
        transcript.absorb_all(label, elements);
        proof.put_all(elements);
    }
    template <ExtensionElement E>
    E challenge(std::string_view label) {
        return transcript.challenge<E>(label);
    }
    template <ExtensionElement E>
    std::vector<E> challenges(std::string_view label, std::size_t count) {
        return transcript.challenges<E>(label, count);
    }
    std::vector<std::uint64_t> positions(std::string_view label, std::size_t count, int log_domain) {
        return transcript.positions(label, count, log_domain);
    }
    /// Does the work and sends its nonce; nothing at all for 0 bits.
    void grind(std::string_view label, int bits, NonceSearch search = least_nonce) {
        if (bits > 0) proof.put_number(transcript.grind(label, bits, search));
    }
};

/// The same calls on the other side.
struct VerifierChannel {
    Transcript& transcript;
    ProofReader& proof;

    /// Errors: truncated, not_canonical.
    template <FieldElement E>
    Result<E> receive(std::string_view label) {
        BOOST_OUTCOME_TRY(const auto element, proof.take<E>());
        transcript.absorb(label, element);
        return element;
    }
    /// Errors: truncated.
    Result<Hash> receive_digest(std::string_view label) {
        BOOST_OUTCOME_TRY(const auto digest, proof.take_digest());
        transcript.absorb(label, digest);
        return digest;
    }
    /// Errors: truncated, not_canonical.
    template <FieldElement E>
    Result<std::vector<E>> receive_all(std::string_view label, std::size_t count) {
        BOOST_OUTCOME_TRY(auto elements, proof.take_all<E>(count));
        transcript.absorb_all(label, elements);
        return elements;
    }
    template <ExtensionElement E>
    E challenge(std::string_view label) {
        return transcript.challenge<E>(label);
    }
    template <ExtensionElement E>
    std::vector<E> challenges(std::string_view label, std::size_t count) {
        return transcript.challenges<E>(label, count);
    }
    std::vector<std::uint64_t> positions(std::string_view label, std::size_t count, int log_domain) {
        return transcript.positions(label, count, log_domain);
    }
    /// Errors: truncated, wrong_grinding.
    Result<void> check_grinding(std::string_view label, int bits) {
        if (bits <= 0) return success();
        BOOST_OUTCOME_TRY(const auto nonce, proof.take_number());
        if (!transcript.check_grinding(label, bits, nonce))
            return Error{ProofError::wrong_grinding, std::string(label)};
        return success();
    }
};

}  // namespace valence::zk
