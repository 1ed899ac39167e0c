#include "cmd/valence/mode_costs.hpp"

#include <chrono>
#include <memory>

#include "cmd/valence/terminal.hpp"
#include <fmt/format.h>

#include "valence/chain/inference/fees.hpp"
#include "valence/ml/executor/plan.hpp"
#include "valence/ml/executor/run.hpp"
#include "valence/zk/prover/prove.hpp"

namespace valence::cmd {
namespace {

using Milliseconds = std::chrono::duration<double, std::milli>;

/// What is measured: nothing where it could not be.
struct Measured {
    std::optional<Milliseconds> run;
    std::optional<Milliseconds> prove;
    /// Why the model cannot be proved on a chain.
    std::string unprovable;
};

std::vector<ml::Values> zeros(const ml::Graph& graph) {
    std::vector<ml::Values> inputs;
    for (const ml::Port& port : graph.inputs) {
        const ml::Tensor& tensor = graph.main.tensors[port.tensor];
        inputs.push_back({tensor.type, tensor.shape, std::vector<std::int64_t>(tensor.shape.elements())});
    }
    return inputs;
}

template <typename Work>
Milliseconds timed(Work work) {
    const auto start = std::chrono::steady_clock::now();
    work();
    return std::chrono::steady_clock::now() - start;
}

std::optional<Milliseconds> run_time(const std::shared_ptr<const ml::Graph>& graph) {
    const auto planned = ml::plan(graph);
    if (!planned) return std::nullopt;
    ml::Workspace workspace;
    const auto inputs = zeros(*graph);
    bool ran = true;
    const auto once = [&] { ran = ran && ml::run(planned.value(), workspace, inputs, 1).has_value(); };
    once();  // takes the memory
    const Milliseconds took = timed(once);
    return ran ? std::optional{took} : std::nullopt;
}

/// Cells that proofs commit to are not above the weights by much: larger models are not committed for this.
bool is_too_large(const ml::Graph& graph) {
    std::uint64_t elements = 0;
    for (const ml::Weight& weight : graph.weights)
        elements += weight.shape.elements();
    return elements > chain::InferenceRules{}.committed_cells;
}

/// The graph with its commitment where proofs cover it.
std::shared_ptr<const ml::Graph> measure(const ml::Graph& graph, Measured& measured) {
    auto plain = std::make_shared<const ml::Graph>(graph);
    measured.run = run_time(plain);
    if (is_too_large(graph)) {
        measured.unprovable =
            fmt::format("more than {} weights cannot be opened for proofs in one transaction",
                        grouped(chain::InferenceRules{}.committed_cells));
        return plain;
    }
    const auto model = zk::ProvingModel::commit(plain);
    if (!model) {
        measured.unprovable = model.error().message();
        return plain;
    }
    const auto inputs = zeros(graph);
    bool proved = true;
    const Milliseconds took = timed([&] { proved = zk::prove(model.value(), inputs, {}).has_value(); });
    if (proved) measured.prove = took;
    return std::make_shared<const ml::Graph>(model.value().graph());
}

std::string text(const std::optional<Milliseconds>& time) {
    if (!time) return "";
    return time->count() < 10 ? fmt::format(", {:.2g} ms here", time->count())
                              : fmt::format(", {:.0f} ms here", time->count());
}

struct Work {
    std::string full_node;
    std::string compute_node;
};

Work work_of(outcome::Mode mode, const chain::DescribedModel& model, const Measured& measured) {
    const std::string running = "runs it" + text(measured.run);
    switch (mode) {
        case outcome::Mode::replay:
            return {"run it" + text(measured.run), running};
        case outcome::Mode::zk:
            return {fmt::format("check a proof, {:.1f} ms, {} bytes",
                                static_cast<double>(model.proofs->cost.work) / 1e6,
                                grouped(model.proofs->cost.most_bytes)),
                    "proves it" + text(measured.prove)};
        default:
            return {"check a signature", running};
    }
}

}  // namespace

std::string describe_modes(const ml::Graph& graph) {
    Measured measured;
    const auto committed = measure(graph, measured);
    const auto model = chain::describe(ml::encode_verifying_key(ml::verifying_key(*committed)));
    if (!model) return "  calls         " + model.error().message() + "\n";
    const chain::InferenceRules rules;
    std::string out =
        fmt::format("  calls, by mode {:>14}   {:<44} {}\n", "gas", "full nodes", "the node that answers");
    for (const auto& mode : outcome::all_modes()) {
        if (mode.available == outcome::Available::no) continue;
        if (!chain::supports(model.value(), mode.mode)) {
            out += fmt::format("    {:<12} {:>14}   {}\n", mode.name, "no", measured.unprovable);
            continue;
        }
        if (mode.mode == outcome::Mode::replay && model.value().cost.total.work > rules.replay_limit) {
            out += fmt::format("    {:<12} {:>14}   more work than full nodes repeat\n", mode.name, "no");
            continue;
        }
        const auto work = work_of(mode.mode, model.value(), measured);
        out += fmt::format("    {:<12} {:>14}   {:<44} {}\n", mode.name,
                           grouped(chain::inference_gas(rules.fees, model.value(), mode.mode).total()),
                           work.full_node, work.compute_node);
    }
    return out;
}

}  // namespace valence::cmd
