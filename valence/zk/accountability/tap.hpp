// Between the transcript and whoever calls it, prover or verifier, in the programs of this folder alone
// (CMakeLists.txt says how): sees what is absorbed and drawn, over either degree, may change it, and may keep
// it from the transcript.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "valence/base/base.hpp"
#include "valence/zk/protocol/field/extension.hpp"

namespace valence::zk::testing {

/// A call that takes something in.
struct Absorbed {
    enum class Kind { bytes, number, element, list };
    Kind kind = Kind::bytes;
    std::string label;
    Bytes bytes;                       // of kind bytes
    std::vector<std::uint64_t> words;  // the number, or all coefficients in order
    std::size_t degree = 1;            // of the elements

    /// How it stands in a proof, if it is sent.
    Bytes encoded() const;
    std::size_t elements() const { return words.size() / degree; }
    bool is_zero(std::size_t element) const;
    template <typename E>
    E element(std::size_t i) const {
        typename E::Coefficients coefficients;
        for (std::size_t k = 0; k < degree; ++k)
            coefficients[k] = Goldilocks(words[i * degree + k]);
        return E(coefficients);
    }
    template <typename E>
    void set(std::size_t i, const E& value) {
        for (std::size_t k = 0; k < degree; ++k)
            words[i * degree + k] = value[k].value();
    }
};

class Tap {
public:
    virtual ~Tap() = default;

    /// False: the transcript does not take it in.
    virtual bool absorb(Absorbed&) { return true; }
    /// A challenge that was drawn, and is given on.
    virtual void draw(std::string_view, Extension2&) {}
    virtual void draw(std::string_view, Extension3&) {}
    /// Several challenges, or positions.
    virtual void draw_all(std::string_view) {}
    /// False: the transcript takes in neither that there is work nor its nonce.
    virtual bool work() { return true; }
    /// Sent instead of one that has the work.
    virtual std::optional<std::uint64_t> nonce() { return {}; }
};

/// While it exists all transcripts call the tap; of several, the last one made.
class Tapped {
public:
    explicit Tapped(Tap& tap);
    ~Tapped();
    Tapped(const Tapped&) = delete;
    Tapped& operator=(const Tapped&) = delete;

private:
    Tap* before_;
};

}  // namespace valence::zk::testing
