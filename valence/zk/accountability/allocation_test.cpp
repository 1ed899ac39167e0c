// What verify() allocates: no more than follows from the model's key, whatever the proof's bytes are.
#include <atomic>
#include <cstdlib>
#include <new>

#include <gtest/gtest.h>
#include <malloc.h>

#include "valence/zk/accountability/samples.hpp"
#include "valence/zk/protocol/argument/proof_cost.hpp"
#include "valence/zk/protocol/circuit/compile_work.hpp"

namespace {

std::atomic<std::int64_t> bytes_live{0};
std::atomic<std::int64_t> bytes_most{0};

void* counted(void* taken) {
    if (taken == nullptr) std::abort();
    const auto size = static_cast<std::int64_t>(malloc_usable_size(taken));
    const std::int64_t live = bytes_live += size;
    for (std::int64_t most = bytes_most; live > most && !bytes_most.compare_exchange_weak(most, live);) {
    }
    return taken;
}

void given_back(void* pointer) {
    bytes_live -= static_cast<std::int64_t>(malloc_usable_size(pointer));
    std::free(pointer);
}

}  // namespace

// All of this program's memory that does not come from malloc itself.
void* operator new(std::size_t size) { return counted(std::malloc(size)); }
void* operator new(std::size_t size, const std::nothrow_t&) noexcept { return counted(std::malloc(size)); }
void* operator new(std::size_t size, std::align_val_t alignment) {
    const auto unit = static_cast<std::size_t>(alignment);
    return counted(std::aligned_alloc(unit, (size + unit - 1) / unit * unit));
}
void operator delete(void* pointer) noexcept { given_back(pointer); }
void operator delete(void* pointer, std::size_t) noexcept { given_back(pointer); }
void operator delete(void* pointer, std::align_val_t) noexcept { given_back(pointer); }
void operator delete(void* pointer, std::size_t, std::align_val_t) noexcept { given_back(pointer); }

namespace valence::zk {
namespace {

using testing::attempt;
using testing::Attempted;
using testing::Sample;

/// From the key alone: a circuit, the functionals of its claims at their fullest, tables as lists, and what
/// an opening's positions take.
std::int64_t bound_of(const ml::Graph& graph) {
    const ProofCost cost = proof_cost(graph).value();
    return static_cast<std::int64_t>((64U << 10U) + 16 * compile_work(graph) + 1'536 * cost.quantities +
                                     96 * cost.factors + 24 * cost.table_entries + 64 * cost.elements +
                                     2 * cost.most_bytes);
}

std::int64_t most_allocated_by(const ProvableModel& model, const Attempted& attempted) {
    const std::int64_t before = bytes_live;
    bytes_most = before;
    static_cast<void>(verdict(model, attempted));
    return bytes_most - before;
}

class AllocationOf : public ::testing::TestWithParam<int> {};

TEST_P(AllocationOf, VerifyingIsBoundedByTheKey) {
    const Sample& sample = testing::sample_of(GetParam());
    const std::int64_t bound = bound_of(sample.model.graph());
    const Attempted honest = attempt(sample.model, sample.honest()).value();
    const auto most = [&](Bytes proof) {
        Attempted other = honest;
        other.proof = std::move(proof);
        return most_allocated_by(sample.model.provable(), other);
    };
    const std::int64_t usual = most(honest.proof);
    RecordProperty("bytes", std::to_string(usual) + " of " + std::to_string(bound));
    EXPECT_LE(usual, bound);
    EXPECT_GT(16 * usual, bound) << "the bound says next to nothing";
    // Cut, continued by megabytes, and made of megabytes of anything.
    EXPECT_LE(most(Bytes(honest.proof.begin(), honest.proof.begin() + 100)), bound);
    Bytes longer = honest.proof;
    longer.resize(4U << 20U);
    EXPECT_LE(most(longer), bound);
    for (const int value : {0, 1, 8, 255}) {
        const auto byte = static_cast<std::uint8_t>(value);
        Bytes other(4U << 20U, byte);
        other[0] = 1;
        other[1] = byte % 2 == 0 ? 100 : 128;
        EXPECT_LE(most(other), bound) << value;
    }
    Bytes flags = honest.proof;
    for (std::size_t at = 2; at < 2 + 16 && at < flags.size(); ++at)
        flags[at] = 8;
    EXPECT_LE(most(flags), bound);
}

INSTANTIATE_TEST_SUITE_P(Zk, AllocationOf, ::testing::Range(0, testing::operator_count()),
                         [](const auto& of) { return testing::operator_name(of.param); });

}  // namespace
}  // namespace valence::zk
