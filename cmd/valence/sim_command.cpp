// `valence sim`: networks in virtual time.
#include <atomic>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <thread>

#include "cmd/valence/commands.hpp"
#include "cmd/valence/dev_options.hpp"
#include "cmd/valence/failure.hpp"
#include "cmd/valence/terminal.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "valence/compute/simulation/experiment.hpp"

namespace valence::cmd {
namespace {

namespace simulation = compute::simulation;

struct SimOptions {
    simulation::Experiment experiment;
    std::string out;
};

int run_balancer(const SimOptions& options) {
    // Before the work: it takes minutes.
    const std::filesystem::path folder = options.out;
    std::error_code failed;
    if (!options.out.empty()) std::filesystem::create_directories(folder, failed);
    if (failed)
        return complain(Error{OptionError::file, folder.string() + " cannot be made: " + failed.message()});
    const simulation::Scenario& scenario = options.experiment.scenario;
    std::printf("%s nodes, %s models, %g s measured after %g s, %s; times in seconds%s\n",
                grouped(scenario.nodes).c_str(), grouped(scenario.models).c_str(), scenario.measured,
                scenario.warm_up,
                options.experiment.seeds == 1 ? "one seed"
                                              : fmt::format("{} seeds", options.experiment.seeds).c_str(),
                options.experiment.seeds == 1
                    ? ""
                    : ", ± is the 95 % confidence interval of the mean over the seeds");
    std::fflush(stdout);
    const bool watched = isatty(STDERR_FILENO) != 0;
    const auto cells = simulation::run_experiment(options.experiment, [watched](std::size_t done,
                                                                                std::size_t all) {
        if (watched)
            std::fputs(fmt::format("\r{} of {} runs{}", done, all, done == all ? "\n" : "").c_str(), stderr);
    });
    std::fputs(simulation::table(cells).c_str(), stdout);
    if (options.out.empty()) return 0;

    const std::pair<std::string_view, std::string> files[] = {
        {"balancer.csv", simulation::csv(cells, scenario.seed)},
        {"balancer.json", simulation::json(options.experiment, cells)},
        {"balancer.svg", simulation::plot(cells)},
    };
    for (const auto& [name, text] : files) {
        const auto written = write_file((folder / name).string(), base::as_bytes(text));
        if (!written) return complain(written.error());
    }
    std::printf("written: balancer.csv, balancer.json and balancer.svg in %s\n", folder.c_str());
    return 0;
}

}  // namespace

void add_sim_command(CLI::App& app, int& exit_code) {
    CLI::App* sim = app.add_subcommand("sim", "Simulate networks in virtual time");
    sim->require_subcommand(1);
    CLI::App* balancer = sim->add_subcommand(
        "balancer", "Compare the load balancer with simpler policies on a made-up network");
    const auto options = std::make_shared<SimOptions>();
    simulation::Experiment& experiment = options->experiment;
    experiment.policies = simulation::usual_policies();
    experiment.threads = std::max(1U, std::thread::hardware_concurrency());
    std::vector<std::string> known;
    for (const auto& policy : simulation::all_policies())
        known.emplace_back(policy.name);

    balancer->option_defaults()->always_capture_default();
    balancer->add_option("--nodes", experiment.scenario.nodes, "Compute nodes")
        ->check(CLI::Range(10, 1'000'000));
    balancer->add_option("--models", experiment.scenario.models, "Models")->check(CLI::Range(1, 1'000'000));
    balancer->add_option("--seeds", experiment.seeds, "Runs of each policy at each load")
        ->check(CLI::Range(1, 1000));
    balancer->add_option("--seed", experiment.scenario.seed, "The first seed; the others follow it");
    balancer->add_option("--loads", experiment.loads, "Offered work as shares of the nodes' capacity")
        ->delimiter(',')
        ->check(CLI::Range(0.01, 2.0));
    balancer->add_option("--seconds", experiment.scenario.measured, "Simulated seconds that are measured")
        ->check(CLI::Range(1.0, 100'000.0));
    balancer->add_option("--warm-up", experiment.scenario.warm_up, "Simulated seconds before these")
        ->check(CLI::Range(0.0, 100'000.0));
    balancer->add_option("--policies", experiment.policies, "Policies to compare")
        ->delimiter(',')
        ->check(CLI::IsMember(known));
    balancer->add_option("--threads", experiment.threads, "Threads that work")->check(CLI::Range(1, 256));
    balancer->add_option("-o,--out,--output", options->out,
                         "A folder for balancer.csv, balancer.json and balancer.svg");
    balancer->callback([options, &exit_code] { exit_code = run_balancer(*options); });
}

}  // namespace valence::cmd
