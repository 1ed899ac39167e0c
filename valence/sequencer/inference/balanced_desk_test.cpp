#include "valence/sequencer/inference/balanced_desk.hpp"

#include <condition_variable>
#include <future>
#include <map>

#include <gtest/gtest.h>

#include "valence/outcome/replay.hpp"
#include "valence/outcome/testing/tiny_model.hpp"
#include "valence/outcome/verify.hpp"

namespace valence::sequencer {
namespace {

using compute::FailureKind;
using compute::NodeId;
using outcome::Mode;

/// Compute nodes that behave as they are told.
class Nodes final : public compute::JobBus {
public:
    /// What a node does with a job.
    using Behaviour = std::function<void(const compute::Assignment&, const NodeId&)>;

    Nodes(BalancedDesk& desk, outcome::ModelSource& models) : desk_(desk), models_(models) {}

    NodeId join(std::uint8_t number, Behaviour behaviour) {
        NodeId id;
        id.bytes[19] = number;
        behaviours_[id] = std::move(behaviour);
        compute::NodeAdvert advert;
        advert.node = id;
        advert.modes = outcome::bit(Mode::replay) | outcome::bit(Mode::operator_signed);
        advert.memory = std::uint64_t{1} << 30;
        advert.load_rate = std::uint64_t{1} << 30;
        advert.speed = compute::Ratio::percent(100);
        desk_.post([this, advert] { desk_.on_joined(advert); });
        return id;
    }
    void leave(const NodeId& id) {
        desk_.post([this, id] { desk_.on_left(id); });
    }
    void answer(const compute::Assignment& assignment, const NodeId& node, std::int32_t offset = 0) {
        const auto model = models_.load(assignment.job.model);
        auto output = outcome::replay(*model.value(), assignment.job.input).value();
        output[0] += offset;
        const outcome::Outcome outcome{std::move(output), Address{node.bytes}, outcome::ReplayEvidence{}};
        result({assignment.id, node, outcome, {}});
    }
    void fail(const compute::Assignment& assignment, const NodeId& node, FailureKind kind) {
        result({assignment.id, node, compute::JobFailure{kind, "told to"}, {}});
    }

    void dispatch(const compute::Assignment& assignment, const NodeId& node) override {
        ++asked[node];
        behaviours_.at(node)(assignment, node);
    }
    void cancel(const compute::JobId&, const NodeId&) override {}
    void load_model(const compute::ModelId&, const NodeId&) override {}
    void drop_model(const compute::ModelId&, const NodeId&) override {}

    /// Only on the desk's thread, or once it stands still.
    std::map<NodeId, int> asked;

private:
    void result(compute::JobResult result) {
        desk_.post([this, result = std::move(result)] { desk_.on_result(result); });
    }

    BalancedDesk& desk_;
    outcome::ModelSource& models_;
    std::map<NodeId, Behaviour> behaviours_;
};

compute::BalancerParameters impatient() {
    compute::BalancerParameters parameters;
    parameters.hedge_floor = std::chrono::milliseconds{20};
    parameters.timeout_floor = std::chrono::milliseconds{60};
    parameters.breaker_pause = std::chrono::milliseconds{50};
    return parameters;
}

class BalancedDeskTest : public ::testing::Test {
protected:
    BalancedDeskTest() {
        desk.connect(nodes);
        desk.set_handler([this](const outcome::JobId& id, const outcome::Settled& settled) {
            const bool is_right = !settled.outcome.is_available() ||
                                  outcome::verify(settled, {1986, 1, models, nothing_provable}).has_value();
            const std::lock_guard guard(mutex);
            ++verdicts[is_right];
            if (is_right) answers.emplace(id, settled.outcome);
            changed.notify_all();
            return is_right ? Verdict::believed : Verdict::refused;
        });
    }
    ~BalancedDeskTest() override { desk.stop(); }

    JobOrder order(std::int32_t input, Mode mode = Mode::replay, const Address& operator_address = {}) const {
        outcome::Job job{model, mode, operator_address, {input, 0}, {}};
        if (mode != Mode::replay) job.salt = outcome::job_salt({}, 0, {}, 0);
        return {{outcome::job_id(job), job, 2, 12}, base::address_from_number(1), 100};
    }
    /// Waits for the answer.
    std::optional<outcome::Outcome> answer_to(const JobOrder& asked) {
        desk.dispatch(asked);
        std::unique_lock lock(mutex);
        changed.wait_for(lock, std::chrono::seconds{20}, [&] { return answers.contains(asked.needed.id); });
        const auto found = answers.find(asked.needed.id);
        return found == answers.end() ? std::nullopt : std::optional(found->second);
    }
    Nodes::Behaviour honest() {
        return [this](const compute::Assignment& a, const NodeId& n) { nodes.answer(a, n); };
    }

    outcome::testing::GivenModels models;
    outcome::NothingProvable nothing_provable;
    ml::ModelId model = models.add(outcome::testing::tiny_graph());
    std::mutex mutex;
    std::condition_variable changed;
    std::map<outcome::JobId, outcome::Outcome> answers;
    std::map<bool, int> verdicts;
    BalancedDesk desk{impatient()};
    Nodes nodes{desk, models};
};

TEST_F(BalancedDeskTest, AJobGoesToANodeAndComesBack) {
    const auto node = nodes.join(1, honest());
    const auto outcome = answer_to(order(512));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(outcome->output, outcome::Integers{1'024});
    EXPECT_EQ(outcome->payee, Address{node.bytes});
    const auto explanation = desk.explain(order(512).needed.id);
    ASSERT_TRUE(explanation);
    EXPECT_NE(explanation->find("0x00000000"), std::string::npos) << *explanation;
}

TEST_F(BalancedDeskTest, WithoutNodesThereIsNoAnswer) {
    const auto outcome = answer_to(order(512));
    ASSERT_TRUE(outcome);
    EXPECT_EQ(std::get<outcome::Unavailable>(outcome->evidence).reason,
              outcome::UnavailableReason::no_capable_node);
}

TEST_F(BalancedDeskTest, ALiarsJobGoesToAnother) {
    const auto liar = nodes.join(1, [this](const auto& a, const auto& n) { nodes.answer(a, n, 1); });
    const auto other = nodes.join(2, honest());
    for (std::int32_t input = 0; input < 8; ++input) {
        const auto outcome = answer_to(order(input));
        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->output, outcome::Integers{2 * input});
    }
    desk.stop();
    EXPECT_EQ(nodes.asked[other], 8);
    EXPECT_LT(nodes.asked[liar], 8) << "it is asked less and less";
}

TEST_F(BalancedDeskTest, WhoIsSilentOrFailsOrDiesIsReplaced) {
    nodes.join(1, [](const auto&, const auto&) {});
    nodes.join(2, [this](const auto& a, const auto& n) { nodes.fail(a, n, FailureKind::error); });
    nodes.join(3, [this](const auto&, const auto& n) { nodes.leave(n); });
    nodes.join(4, honest());
    for (std::int32_t input = 0; input < 6; ++input) {
        const auto outcome = answer_to(order(input));
        ASSERT_TRUE(outcome);
        EXPECT_EQ(outcome->output, outcome::Integers{2 * input});
    }
}

TEST_F(BalancedDeskTest, AnswersTwiceAndToNothingChangeNothing) {
    nodes.join(1, [this](const auto& a, const auto& n) {
        for (int i = 0; i < 100; ++i)
            nodes.answer(a, n);
        auto unasked = a;
        unasked.id.bytes[0] ^= 1;
        nodes.answer(unasked, n);
    });
    for (std::int32_t input = 0; input < 10; ++input)
        ASSERT_TRUE(answer_to(order(input)));
    desk.stop();
    EXPECT_EQ(verdicts[true], 10) << "only the first of each was looked at";
    EXPECT_EQ(verdicts[false], 0);
}

TEST_F(BalancedDeskTest, WhatComesAfterTheDeadlineIsNotLookedAt) {
    std::optional<compute::Assignment> kept;
    const auto slow = nodes.join(1, [&](const auto& a, const auto&) { kept = a; });
    const auto outcome = answer_to(order(512));
    ASSERT_TRUE(outcome);
    EXPECT_FALSE(outcome->is_available());
    desk.post([&] { nodes.answer(*kept, slow); });
    // Behind it in the same line.
    std::promise<void> done;
    desk.post([&] { desk.post([&] { done.set_value(); }); });
    done.get_future().wait();
    desk.stop();
    EXPECT_EQ(verdicts[true], 1) << "that there was none";
    EXPECT_EQ(verdicts[false], 0);
}

TEST_F(BalancedDeskTest, ASignedJobGoesToItsOperatorOrNobody) {
    nodes.join(1, honest());
    const auto absent = answer_to(order(1, Mode::operator_signed, base::address_from_number(9)));
    ASSERT_TRUE(absent);
    EXPECT_FALSE(absent->is_available());
    desk.stop();
    EXPECT_TRUE(nodes.asked.empty());
}

}  // namespace
}  // namespace valence::sequencer
