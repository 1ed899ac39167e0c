// AnalysedCode: code made ready to run, and the cache of it. Analysis pads the code, so that the interpreter
// needs no bound check, and marks its jump destinations.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>

#include "valence/base/base.hpp"

namespace valence::evm {

class AnalysedCode {
public:
    AnalysedCode() = default;
    explicit AnalysedCode(BytesView code) { assign(code); }

    /// Analyses other code, reusing the buffer.
    void assign(BytesView code);

    /// The code followed by kPadding zero bytes (STOP), so that a PUSH at its end reads zeros and then stops.
    const std::uint8_t* begin() const { return bytes_.data(); }
    std::size_t size() const { return size_; }

    /// Whether a JUMP may go there: a JUMPDEST that is not part of a PUSH's immediate.
    bool is_jump_destination(std::uint64_t offset) const {
        return offset < size_ && (jumps_[offset / 64] >> (offset % 64) & 1) != 0;
    }

    /// Makes the fused copy of the code (fusion.hpp).
    void fuse();
    bool is_fused() const { return !fused_.empty(); }
    /// As `begin`, for a loop that knows fusions.
    const std::uint8_t* fused_begin() const { return fused_.data(); }

    std::size_t memory_used() const { return bytes_.capacity() + fused_.capacity() + 8 * jumps_.capacity(); }

    static constexpr std::size_t kPadding = 34;

private:
    Bytes bytes_;
    Bytes fused_;
    std::vector<std::uint64_t> jumps_;
    std::size_t size_ = 0;
};

using SharedAnalysis = std::shared_ptr<const AnalysedCode>;

/// The analyses used last, by code hash. One per thread, so that it needs no lock.
///
/// Calling a contract again costs the caller 100 gas, far less than an analysis is worth; only the first call
/// in a transaction pays for one (2,600, EIP-2929). So nothing makes room while a transaction runs, up to a
/// bound that no transaction can afford to go beyond for long.
class AnalysisCache {
public:
    /// Bytes kept from transaction to transaction, and within one.
    struct Capacity {
        std::size_t between;
        std::size_t within;
    };

    explicit AnalysisCache(Capacity capacity) : capacity_(capacity) {}

    /// A transaction begins: those used longest ago make room.
    void begin_transaction() { make_room(capacity_.between); }
    /// The analysis of `code`, whose keccak256 is `hash`.
    SharedAnalysis get(const Hash& hash, BytesView code);
    void clear();

    static AnalysisCache& of_this_thread();
    static constexpr Capacity kCapacity{std::size_t{16} << 20, std::size_t{256} << 20};

private:
    struct Entry {
        Hash hash;
        std::shared_ptr<AnalysedCode> analysis;
    };

    SharedAnalysis reused(Entry&);
    void make_room(std::size_t capacity);

    Capacity capacity_;
    std::size_t used_ = 0;
    /// Latest used first.
    std::list<Entry> entries_;
    std::unordered_map<Hash, std::list<Entry>::iterator> index_;
};

}  // namespace valence::evm
