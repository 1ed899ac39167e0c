#include <cmath>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "valence/compute/simulation/experiment.hpp"

namespace valence::compute::simulation {
namespace {

using ::testing::HasSubstr;

TEST(Statistics, QuantilesAreNearestRanks) {
    std::vector<float> values;
    for (int i = 100; i >= 1; --i)
        values.push_back(static_cast<float>(i));
    EXPECT_EQ(quantile(values, 0.5), 50);
    EXPECT_EQ(quantile(values, 0.99), 99);
    EXPECT_EQ(quantile(values, 0.999), 100);
    std::vector<float> none;
    EXPECT_EQ(quantile(none, 0.5), 0);
}

TEST(Statistics, JainsIndexIsOneForEqualsAndOneNthForOneWhoHasAll) {
    EXPECT_DOUBLE_EQ(jain_index({3, 3, 3}), 1);
    EXPECT_DOUBLE_EQ(jain_index({0, 0, 0, 5}), 0.25);
}

TEST(Statistics, ConfidenceIntervalsAreStudents) {
    // 1 … 10: mean 5.5, standard deviation 3.0277, t(9) 2.262: half width 2.1658.
    const Interval interval = confidence({1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
    EXPECT_DOUBLE_EQ(interval.mean, 5.5);
    EXPECT_NEAR(interval.half, 2.1658, 1e-3);
    EXPECT_EQ(confidence({7}).half, 0);
}

Scenario small(double load) {
    Scenario scenario;
    scenario.nodes = 120;
    scenario.models = 40;
    scenario.senders = 8;
    scenario.load = load;
    scenario.measured = 30;
    scenario.warm_up = 10;
    scenario.drain = 200;
    return scenario;
}

const PolicyFacts& policy(std::string_view name) {
    for (const PolicyFacts& facts : all_policies())
        if (facts.name == name) return facts;
    ADD_FAILURE() << name;
    return all_policies().front();
}

TEST(World, OffersTheLoadThatIsAskedFor) {
    Scenario scenario = small(0.6);
    scenario.nodes = 2000;
    const World world = make_world(scenario);
    double capacity = 0;
    for (const NodeSpec& node : world.nodes)
        capacity += node.broken ? 0 : node.speed;
    double work = 0;
    for (const JobSpec& job : world.jobs)
        work += world.models[job.model].service * static_cast<double>(job.noise);
    EXPECT_NEAR(work / (capacity * (scenario.measured + scenario.warm_up)), 0.6, 0.06);
}

TEST(World, StartsWithWhatFitsInMemory) {
    const World world = make_world(small(0.5));
    for (const NodeSpec& node : world.nodes) {
        double gigabytes = 0;
        for (const auto model : node.cached)
            gigabytes += world.models[model].gigabytes;
        EXPECT_LE(gigabytes, node.gigabytes);
    }
}

class EveryPolicy : public ::testing::TestWithParam<std::string> {};

TEST_P(EveryPolicy, GivesTheSameRunForTheSameSeed) {
    const World world = make_world(small(0.6));
    EXPECT_EQ(simulate(world, policy(GetParam())), simulate(world, policy(GetParam())));
}

TEST_P(EveryPolicy, AnswersEveryJobWhenThereIsTime) {
    Scenario scenario = small(0.3);
    scenario.drain = 2000;
    const RunResult result = simulate(make_world(scenario), policy(GetParam()));
    EXPECT_GT(result.jobs, 100U);
    EXPECT_EQ(result.unfinished, 0);
    EXPECT_LE(result.useful, result.busy);
    EXPECT_LE(result.p50, result.p99);
    EXPECT_LE(result.p99, result.p999);
}

INSTANTIATE_TEST_SUITE_P(Policies, EveryPolicy,
                         ::testing::Values("random", "round-robin", "least-loaded", "two-choices", "affinity",
                                           "affinity-two", "unhedged", "balancer"));

/// A quiet network: one speed, no failures, no lies. Then queueing is all there is.
TEST(Simulation, AnUndisturbedJobTakesItsServiceAndTwoMessages) {
    Scenario scenario = small(0.01);
    scenario.liars = scenario.broken = 0;
    scenario.mean_life = scenario.mean_between_spells = 0;
    scenario.burst_share = 0;
    scenario.service_noise = 0;
    World world = make_world(scenario);
    for (NodeSpec& node : world.nodes)
        node.speed = node.advertised_speed = 1;
    for (ModelSpec& model : world.models)
        model.service = 2;
    const RunResult result = simulate(world, policy("affinity-two"));
    EXPECT_NEAR(result.p50, 2 + 2 * scenario.message_delay, 1e-3);
    EXPECT_EQ(result.copies, 1);
}

TEST(Simulation, TheBalancerHasTheLeastP99) {
    Experiment experiment;
    experiment.scenario = small(0);
    experiment.scenario.drain = 30;
    experiment.loads = {0.5, 0.9};
    experiment.seeds = 6;
    experiment.policies = usual_policies();
    const auto cells = run_experiment(experiment, [](std::size_t, std::size_t) {});
    const auto all = verdicts(cells);
    ASSERT_EQ(all.size(), 2U);
    for (const Verdict& verdict : all)
        EXPECT_TRUE(verdict.beats_all()) << table(cells);
}

TEST(Experiment, DoesNotDependOnTheNumberOfThreads) {
    Experiment experiment;
    experiment.scenario = small(0);
    experiment.scenario.measured = 5;
    experiment.loads = {0.5, 0.8};
    experiment.seeds = 2;
    experiment.policies = {"random", "balancer"};
    const auto nothing = [](std::size_t, std::size_t) {};
    experiment.threads = 1;
    const std::string alone = csv(run_experiment(experiment, nothing), 1);
    experiment.threads = 3;
    EXPECT_EQ(csv(run_experiment(experiment, nothing), 1), alone);
}

std::vector<Cell> made_up_cells() {
    std::vector<Cell> cells;
    for (const double load : {0.5, 0.9}) {
        for (const char* name : {"random", "balancer"}) {
            Cell cell{name, load, {}};
            for (int i = 0; i < 3; ++i) {
                RunResult run;
                run.p50 = 1 + load;
                run.p99 = (name == std::string("random") ? 20 : 8) + i;
                run.p999 = 30;
                run.hits = 0.5;
                cell.runs.push_back(run);
            }
            cells.push_back(cell);
        }
    }
    return cells;
}

TEST(Report, SaysWhoIsBetterByHowMuch) {
    const auto all = verdicts(made_up_cells());
    ASSERT_EQ(all.size(), 2U);
    EXPECT_EQ(all[0].rival, "random");
    EXPECT_DOUBLE_EQ(all[0].gain.mean, 12);
    EXPECT_DOUBLE_EQ(all[0].gain.half, 0);
    EXPECT_THAT(table(made_up_cells()), HasSubstr("of the best other (random) 21.00 s: 12.00 ±0.00 s less"));
}

TEST(Report, ClaimsNoIntervalOfOneSeed) {
    auto cells = made_up_cells();
    for (Cell& cell : cells)
        cell.runs.resize(1);
    EXPECT_THAT(table(cells), testing::Not(HasSubstr("±")));
    EXPECT_THAT(table(cells), HasSubstr("(random) 20.00 s: 12.00 s less, with one seed"));
}

TEST(Report, HasALineOfCsvForEveryRun) {
    const std::string text = csv(made_up_cells(), 7);
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1 + 12);
    EXPECT_THAT(text, HasSubstr("balancer,0.9,9,0,1.9,10,30,"));
}

TEST(Plot, LabelsBothAxesAndEveryLine) {
    const std::string svg = plot(made_up_cells());
    for (const char* label : {"latency, seconds (logarithmic)", "offered load, share of capacity", ">p99<",
                              ">p99.9<", ">random<", ">balancer<", ">0.9<", ">10<"})
        EXPECT_THAT(svg, HasSubstr(label));
    EXPECT_EQ(svg.find("nan"), std::string::npos);
    EXPECT_EQ(svg.find("inf"), std::string::npos);
}

}  // namespace
}  // namespace valence::compute::simulation
