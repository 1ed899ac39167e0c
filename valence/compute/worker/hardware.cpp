#include "valence/compute/worker/hardware.hpp"

#include <thread>

#include <unistd.h>

#include "valence/ml/executor/run.hpp"

namespace valence::compute {
namespace {

constexpr std::uint32_t kWidth = 512;

const char* name_of(ml::executor::InstructionSet set) {
    return set == ml::executor::InstructionSet::avx2 ? "avx2" : "portable";
}

/// y = W·x, 512 × 512: a quarter of a million products.
ml::Graph probe() {
    ml::Graph graph;
    graph.main.tensors = {{ml::ElementType::activation, {kWidth}, 8},
                          {ml::ElementType::activation, {kWidth}, 8}};
    graph.main.inputs = {0};
    graph.main.nodes = {{ml::Linear{0, {}, {}, {.shift = 16}}, {0}, {1}, ""}};
    graph.main.outputs = {1};
    graph.inputs = {{"x", "", 0, {}}};
    graph.outputs = {{"y", "", 1, {}}};
    graph.weights = {{ml::WeightType::int8, {kWidth, kWidth}, Bytes(std::size_t{kWidth} * kWidth, 3)}};
    return graph;
}

}  // namespace

Hardware this_machine() {
    Hardware machine;
    machine.instruction_set = name_of(ml::executor::best_instruction_set());
    machine.cores = std::max(std::thread::hardware_concurrency(), 1U);
    const auto pages = sysconf(_SC_PHYS_PAGES);
    const auto page = sysconf(_SC_PAGESIZE);
    if (pages > 0 && page > 0)
        machine.memory = static_cast<std::uint64_t>(pages) * static_cast<std::uint64_t>(page);
    return machine;
}

std::uint64_t measure_rate() {
    const auto plan = ml::plan(std::make_shared<const ml::Graph>(probe()));
    VALENCE_CHECK(plan.has_value());
    ml::Workspace workspace;
    const std::vector<std::int16_t> input(kWidth, 5);
    std::vector<std::int16_t> output(kWidth);
    const std::vector<ml::TensorView> inputs{std::span<const std::int16_t>(input)};
    const std::vector<ml::MutableTensorView> outputs{std::span<std::int16_t>(output)};
    using Clock = std::chrono::steady_clock;
    // The best of a few: what else runs here makes a machine slower, never faster.
    constexpr int kRounds = 8;
    constexpr std::uint64_t kRuns = 32;
    auto best = Clock::duration::max();
    for (int round = 0; round < kRounds; ++round) {
        const auto begin = Clock::now();
        for (std::uint64_t run = 0; run < kRuns; ++run)
            VALENCE_CHECK(ml::run(plan.value(), workspace, inputs, outputs).has_value());
        best = std::min(best, Clock::now() - begin);
    }
    const auto nanoseconds = std::chrono::duration_cast<std::chrono::nanoseconds>(best).count();
    const std::uint64_t products = kRuns * kWidth * kWidth;
    return products * 1'000'000'000 / static_cast<std::uint64_t>(std::max<std::int64_t>(nanoseconds, 1));
}

}  // namespace valence::compute
