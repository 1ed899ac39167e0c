// Between the transcript and whoever calls it, prover or verifier, in the test program alone (CMakeLists.txt
// says how): sees what is absorbed and drawn, over degree 2, may change it, and may keep it from the
// transcript.
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

    /// How it stands in a proof, if it is sent.
    Bytes encoded() const;
    std::size_t elements() const { return words.size() / 2; }
    Extension2 element(std::size_t i) const;
    void set(std::size_t i, const Extension2& value);
};

class Tap {
public:
    virtual ~Tap() = default;

    /// False: the transcript does not take it in.
    virtual bool absorb(Absorbed&) { return true; }
    /// A challenge that was drawn, and is given on.
    virtual void draw(std::string_view, Extension2&) {}
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
