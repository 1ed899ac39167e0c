// valence-bench-crossover: from which size on a full node checks a proof sooner than it runs the model again.
//
//     valence-bench-crossover [MODEL…]      default: the benchmark models, families of growing ones, and
//                                           models that were made to be dear to check
//
// One thread, least CPU time of several runs. `work` is what gas is made of (zk::ProofCost::work), next to
// what checking took, and `run` likewise; docs/inference.md has a run of it. `dearest` is what checking a
// proof with every flag set would take: the part of checking that depends on flags is gone through without a
// proof. `margin` is `work`/`dearest`: below 1 a proof would cost its verifiers more than it pays.
#include <ctime>
#include <functional>
#include <memory>

#include "bench/ml/network.hpp"
#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>

#include "valence/ml/executor/run.hpp"
#include "valence/ml/graph/cost.hpp"
#include "valence/zk/protocol/argument/checking_work.hpp"
#include "valence/zk/protocol/argument/proof_cost.hpp"
#include "valence/zk/protocol/argument/statement.hpp"
#include "valence/zk/protocol/circuit/compile.hpp"
#include "valence/zk/protocol/circuit/compile_work.hpp"
#include "valence/zk/protocol/testing/multiplying_graph.hpp"
#include "valence/zk/prover/prove.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace {

using namespace valence;

double cpu_microseconds() {
    timespec time{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return 1e6 * static_cast<double>(time.tv_sec) + 1e-3 * static_cast<double>(time.tv_nsec);
}

/// The least of at least five runs, and of as many as half a second takes.
template <typename Run>
double least_microseconds(Run run) {
    double least = 1e300;
    const double begin = cpu_microseconds();
    for (int round = 0; round < 5 || (round < 200 && cpu_microseconds() - begin < 5e5); ++round) {
        const double start = cpu_microseconds();
        run();
        least = std::min(least, cpu_microseconds() - start);
    }
    return least;
}

std::vector<ml::Values> seeded_inputs(const ml::Graph& graph) {
    std::vector<ml::Values> inputs;
    std::uint64_t state = 1;
    for (const ml::TensorId id : graph.main.inputs) {
        const ml::Tensor& tensor = graph.main.tensors[id];
        ml::Values values{tensor.type, tensor.shape, {}};
        for (std::uint64_t k = 0; k < tensor.shape.elements(); ++k) {
            state = state * 6364136223846793005 + 1442695040888963407;
            values.data.push_back(tensor.type == ml::ElementType::index
                                      ? static_cast<std::int64_t>(state >> 40) % 256
                                      : static_cast<std::int64_t>(state >> 48) - 32768);
        }
        inputs.push_back(std::move(values));
    }
    return inputs;
}

/// N of "family-N"; 0 for other names.
std::uint32_t size_after(const std::string& name, std::string_view prefix) {
    if (!name.starts_with(prefix)) return 0;
    const auto rest = name.substr(prefix.size());
    const bool is_number =
        !rest.empty() && std::ranges::all_of(rest, [](char c) { return c >= '0' && c <= '9'; });
    return is_number ? static_cast<std::uint32_t>(std::stoul(rest)) : 0;
}

/// "conv-N": four 3×3 convolutions of N channels on 32×32; "dense-N": four layers of N.
std::optional<bench::Graph> family_member(const std::string& name) {
    if (const auto channels = size_after(name, "conv-"); channels != 0) {
        bench::Network network({1, 3, 32, 32}, 8);
        for (int layer = 0; layer < 4; ++layer)
            network.convolution(channels, 3, 1, bench::Activation::relu);
        network.max_pool();
        network.max_pool();
        network.reshape({1, channels * 64});
        network.linear(10, bench::Activation::none);
        return network.finish();
    }
    if (const auto width = size_after(name, "dense-"); width != 0) {
        bench::Network network({1, 64}, 8);
        for (int layer = 0; layer < 4; ++layer)
            network.linear(width, bench::Activation::relu);
        network.linear(10, bench::Activation::none);
        return network.finish();
    }
    return std::nullopt;
}

/// "moved-N": N layers that put elements one after the other in two orders, so that claims double; "line-N":
/// a kernel of N taps on a line of 2N; "chain-N": a tree of N nodes below each other, and one that is a leaf.
std::optional<bench::Graph> dear_member(const std::string& name) {
    if (const auto layers = size_after(name, "moved-"); layers != 0)
        return zk::testing::multiplying_graph(layers);
    using ml::testing::kActivation;
    if (const auto taps = size_after(name, "line-"); taps != 0) {
        ml::Convolution convolution{0, {}, {}, {}, 1, {.shift = 16}};
        convolution.window.size = {1, taps};
        return ml::testing::one_node(
            convolution, {{kActivation, {1, 1, 1, 2 * taps}, 8}}, {kActivation, {1, 1, 1, taps + 1}, 8},
            {ml::testing::weight(ml::WeightType::int8, {1, 1, 1, taps}, std::vector<std::int64_t>(taps, 1))});
    }
    if (const auto depth = size_after(name, "chain-"); depth != 0) {
        std::vector<std::int64_t> nodes;
        for (std::int64_t row = 0; row < depth; ++row)
            nodes.insert(nodes.end(), {0, row, row + 1, depth});
        nodes.insert(nodes.end(), {-1, 0, 0, 0});
        return ml::testing::one_node(
            ml::TreeEnsemble{0, 1, 2, {}, {.shift = 8}, depth + 2}, {{kActivation, {1, 1}, 8}},
            {kActivation, {1, 1}, 8},
            {ml::testing::weight(ml::WeightType::int32, {depth + 1, 4}, nodes),
             ml::testing::weight(ml::WeightType::int32, {2}, {0, std::int64_t{depth}}),
             ml::testing::weight(ml::WeightType::int64, {1, 1}, {7})});
    }
    return std::nullopt;
}

/// A proof whose flags say that everything is cut off.
class EveryFlag final : public zk::SaturationSource {
public:
    Result<zk::Saturation> saturation(const zk::Circuit&, zk::QuantityId,
                                      const ml::Requantisation&) override {
        return zk::Saturation{zk::Excess::bits_30, zk::Excess::bits_30};
    }
    Result<zk::Saturation> tree_level(const zk::Circuit&, zk::QuantityId, const ml::TreeEnsemble&,
                                      std::uint64_t) override {
        return zk::Saturation{zk::Excess::bits_30, zk::Excess::none};
    }
};

/// Compiling, and what is done with functionals.
double microseconds_of_claims(const ml::Graph& graph, std::span<const ml::Values> inputs,
                              const std::function<std::unique_ptr<zk::SaturationSource>()>& flags) {
    return least_microseconds([&] {
        const auto source = flags();
        const auto circuit = zk::compile(graph, *source, inputs);
        if (circuit)
            static_cast<void>(zk::checking_work(circuit.value(), graph, inputs, std::uint64_t{1} << 40));
    });
}

void measure(const std::string& name) {
    auto member = family_member(name);
    if (!member) member = dear_member(name);
    const auto graph =
        std::make_shared<const ml::Graph>(member ? std::move(*member) : bench::make_model(name).graph);
    const auto inputs = seeded_inputs(*graph);
    const auto run_cost = ml::cost_of(*graph).total;
    const auto proof_cost = zk::proof_cost(*graph);
    const auto committed = zk::ProvingModel::commit(graph);
    if (!proof_cost || !committed) {
        fmt::print("{:<14} has no proof\n", name);
        return;
    }
    const ml::Plan plan = ml::plan(graph).value();
    ml::Workspace workspace;
    const double run = least_microseconds([&] { static_cast<void>(ml::run(plan, workspace, inputs, 1)); });
    const auto proved = zk::prove(committed.value(), inputs, {});
    if (!proved) {
        fmt::print("{:<14} {}\n", name, proved.error().message());
        return;
    }
    const auto& model = committed.value().provable();
    const zk::Statement statement{model.id, inputs, proved.value().outputs, {}};
    bool holds = true;
    const double verify = least_microseconds(
        [&] { holds = zk::verify(model, statement, proved.value().proof).has_value() && holds; });
    const auto& c = proof_cost.value();
    const auto flags =
        zk::decode_flags(BytesView(proved.value().proof).subspan(2, zk::count_saturations(*graph))).value();
    const double own =
        microseconds_of_claims(*graph, inputs, [&] { return std::make_unique<zk::GivenSaturations>(flags); });
    const double most = microseconds_of_claims(*graph, inputs, [] { return std::make_unique<EveryFlag>(); });
    const double dearest = verify - own + most;
    const double work = static_cast<double>(c.work) / 1'000;
    fmt::print(
        "{:<14}{:>13}{:>13}{:>10.0f}{:>10.0f}{:>8.2f}{:>10.0f}{:>10.0f}{:>8.2f}{:>7}{:>9}{:>9}{:>9}"
        "{:>8}{:>10}{:>10}{}\n",
        name, run_cost.multiply_accumulates, run_cost.work, run, verify, verify / run, work, dearest,
        work / dearest, c.quantities, c.touched, zk::compile_work(*graph), c.table_entries, c.elements,
        proved.value().proof.size(), c.most_bytes, holds ? "" : "  REFUSED");
    std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
    const oneapi::tbb::global_control one(oneapi::tbb::global_control::max_allowed_parallelism, 1);
    std::vector<std::string> names(argv + 1, argv + argc);
    if (names.empty())
        names = {"mlp-784-56-10", "lenet5",     "cnn-264k",   "dense-4m",  "vgg16-cifar", "dense-64",
                 "dense-256",     "dense-1024", "dense-2048", "conv-8",    "conv-16",     "conv-32",
                 "conv-64",       "conv-128",   "conv-192",   "conv-256",  "trees-100x6", "small-gpt",
                 "moved-10",      "moved-14",   "line-512",   "line-2048", "chain-20",    "chain-60"};
    fmt::print("{:<14}{:>13}{:>13}{:>10}{:>10}{:>8}{:>10}{:>10}{:>8}{:>7}{:>9}{:>9}{:>9}{:>8}{:>10}{:>10}\n",
               "model", "multiply-acc.", "run work", "run us", "check us", "ratio", "work us", "dearest us",
               "margin", "quant.", "touched", "compiled", "entries", "in/out", "bytes", "at most");
    for (const auto& name : names)
        measure(name);
}
