#include "valence/node/inference_fixture.hpp"

namespace valence::node::testing {
namespace {

TEST_F(NodeInference, ATransactionThatAsksAModelIsIncludedWithItsOutcome) {
    const auto node = DevChain::open(config());
    ASSERT_TRUE(submit(*node, asking(0, 0, infer(3, 1))));
    ASSERT_TRUE(reaches(*node, 1));
    const auto block = node->chain().block(1);
    EXPECT_TRUE(block->receipts[0].succeeded);
    ASSERT_EQ(block->outcomes.size(), 1u);
    EXPECT_EQ(block->outcomes[0].outcome.output, outcome::Integers{3 * 256});
    EXPECT_EQ(block->block.header.extra_data, base::to_bytes(outcome::outcomes_root(block->outcomes)));
    EXPECT_LT(block->block.header.gas_used, block->receipts[0].cumulative_gas_used);
    expect_consistent(*node);
}

TEST_F(NodeInference, OthersGoOnWhileOneWaits) {
    std::mutex mutex;
    std::vector<std::function<void()>> held;
    auto with_desk = config();
    const auto desk = std::make_shared<Between>(
        *models,
        [&](const outcome::JobId& id, const outcome::Settled& settled, const Between::Answer& answer) {
            const std::lock_guard guard(mutex);
            held.push_back([=] { answer(id, settled); });
        });
    with_desk.jobs = desk;
    const auto node = DevChain::open(with_desk);
    ASSERT_TRUE(submit(*node, asking(0, 0, infer(3, 1))));
    ASSERT_TRUE(submit(*node, dev.transfer(1, 0)));
    ASSERT_TRUE(submit(*node, dev.transfer(2, 0)));
    EXPECT_EQ(node->chain().head_number(), 2u) << "no block for the one that waits";
    const auto is_held = [&] {
        const std::lock_guard guard(mutex);
        return !held.empty();
    };
    for (int i = 0; i < 1'000 && !is_held(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    ASSERT_TRUE(is_held());
    held.front()();
    ASSERT_TRUE(reaches(*node, 3));
    EXPECT_EQ(node->chain().block(3)->outcomes.size(), 1u);
    EXPECT_EQ(desk->dispatched, 1);
}

TEST_F(NodeInference, WhatIsParkedComesBackAfterARestart) {
    const TestFolder folder;
    auto in_folder = config();
    in_folder.folder = folder.path();
    auto silent = in_folder;
    silent.jobs = std::make_shared<Between>(
        *models, [](const outcome::JobId&, const outcome::Settled&, const Between::Answer&) {});
    {
        const auto node = DevChain::open(silent);
        ASSERT_TRUE(submit(*node, asking(0, 0, infer(3, 1))));
        EXPECT_EQ(node->chain().head_number(), 0u);
    }
    {
        const auto node = DevChain::open(silent);
        EXPECT_EQ(node->pool().counts().pending, 1u) << "it waits, and is written down, again";
    }
    {
        const auto node = DevChain::open(in_folder);
        ASSERT_TRUE(reaches(*node, 1));
        EXPECT_EQ(node->chain().block(1)->outcomes.size(), 1u);
    }
    const auto node = DevChain::open(in_folder);
    EXPECT_EQ(node->pool().counts().pending, 0u);
    EXPECT_EQ(node->chain().head_number(), 1u);
}

TEST_F(NodeInference, ALiarIsNoticedBeforeTheBlockIsSealed) {
    auto with_desk = config();
    with_desk.jobs = std::make_shared<Between>(
        *models, [](const outcome::JobId& id, outcome::Settled settled, const Between::Answer& answer) {
            settled.outcome.output[0] += 1;
            EXPECT_EQ(answer(id, settled), sequencer::Verdict::refused);
            settled.outcome = {{}, {}, outcome::Unavailable{}};
            EXPECT_EQ(answer(id, settled), sequencer::Verdict::believed);
        });
    const auto node = DevChain::open(with_desk);
    ASSERT_TRUE(submit(*node, asking(0, 0, infer(3, 1))));
    ASSERT_TRUE(reaches(*node, 1));
    EXPECT_EQ(node->chain().block(1)->outcomes[0].outcome.output, outcome::Integers{3 * 256})
        << "nobody told the truth, so the sequencer computed it";
}

TEST_F(NodeInference, WhoAnswersTwiceOrForNobodyChangesNothing) {
    auto with_desk = config();
    with_desk.jobs = std::make_shared<Between>(
        *models,
        [](const outcome::JobId& id, const outcome::Settled& settled, const Between::Answer& answer) {
            auto other = settled;
            other.job.input[0] += 1;
            answer(outcome::job_id(other.job), other);
            answer(id, settled);
            answer(id, settled);
        });
    const auto node = DevChain::open(with_desk);
    ASSERT_TRUE(submit(*node, asking(0, 0, infer(3, 1))));
    ASSERT_TRUE(reaches(*node, 1));
    EXPECT_EQ(node->chain().block(1)->outcomes.size(), 1u);
}

TEST_F(NodeInference, TwoTransactionsShareAJob) {
    auto manual = config();
    manual.mining = ManualMining{};
    const auto node = DevChain::open(manual);
    ASSERT_TRUE(submit(*node, asking(0, 0, infer(3, 1))));
    ASSERT_TRUE(submit(*node, asking(1, 0, infer(3, 1))));
    for (int i = 0; i < 500 && node->pool().counts().pending > 0; ++i) {
        ASSERT_TRUE(node->mine());
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    }
    const auto head = node->chain().head().block;
    ASSERT_EQ(head->block.transactions.size(), 2u);
    EXPECT_EQ(head->outcomes.size(), 1u);
    EXPECT_GT(head->facts[0].gas_used, head->facts[1].gas_used);
}

TEST_F(NodeInference, SignedJobsThatNobodyServesRevertWithAReason) {
    const auto node = DevChain::open(config());
    ASSERT_TRUE(submit(*node, asking(0, 0, infer_signed(3, 1))));
    ASSERT_TRUE(reaches(*node, 1));
    const auto block = node->chain().block(1);
    EXPECT_FALSE(block->receipts[0].succeeded);
    ASSERT_EQ(block->outcomes.size(), 1u);
    EXPECT_FALSE(block->outcomes[0].outcome.is_available());
}

TEST_F(NodeInference, ASignedOutcomeNamesWhoSigned) {
    auto with_desk = config();
    const auto key = dev.accounts[3].private_key;
    with_desk.jobs = std::make_shared<Between>(
        *models, [&](const outcome::JobId& id, outcome::Settled settled, const Between::Answer& answer) {
            auto& out = settled.outcome;
            // Whatever it says: nobody checks but its signature.
            out = {{77}, dev.accounts[3].address, {}};
            const auto digest = outcome::signed_digest(1986, id, outcome::integers_hash(out.output), 1'000);
            out.evidence = outcome::SignedEvidence{*crypto::sign(digest, key), 1'000};
            answer(id, settled);
        });
    const auto node = DevChain::open(with_desk);
    ASSERT_TRUE(submit(*node, asking(0, 0, infer_signed(3, 1))));
    ASSERT_TRUE(reaches(*node, 1));
    const auto block = node->chain().block(1);
    EXPECT_TRUE(block->receipts[0].succeeded);
    EXPECT_EQ(block->outcomes[0].job.operator_address, dev.accounts[3].address);
    EXPECT_EQ(block->outcomes[0].outcome.output, outcome::Integers{77});
}

TEST_F(NodeInference, FullNodesVerifyWhatTheyAreGiven) {
    const auto sequencer = DevChain::open(config());
    ASSERT_TRUE(submit(*sequencer, asking(0, 0, infer(3, 1))));
    ASSERT_TRUE(reaches(*sequencer, 1));
    ASSERT_TRUE(submit(*sequencer, asking(0, 1, infer(5, 2))));
    ASSERT_TRUE(reaches(*sequencer, 2));
    const auto first = sequencer->chain().block(1);
    const auto second = sequencer->chain().block(2);

    for (int i = 0; i < 3; ++i) {
        const auto full = DevChain::open(config());
        for (const auto& block : {first, second})
            ASSERT_TRUE(full->import_block(block->block, block->supplement()));
        EXPECT_EQ(full->chain().head().block->hash, second->hash);
    }

    const auto full = DevChain::open(config());
    const auto refusal = [&](std::vector<outcome::Settled> outcomes) {
        // A sequencer that commits to what it says.
        auto block = first->block;
        block.header.extra_data = base::to_bytes(outcome::outcomes_root(outcomes));
        const auto imported = full->import_block(block, {std::move(outcomes), first->beacon});
        return imported ? Error{} : imported.error();
    };
    auto wrong = first->outcomes;
    wrong[0].outcome.output[0] += 1;
    EXPECT_EQ(refusal(wrong), Error{ChainError::outcome_invalid});
    EXPECT_EQ(refusal({}), Error{ChainError::transaction_abandoned});
    auto more = first->outcomes;
    more.push_back(second->outcomes[0]);
    EXPECT_EQ(refusal(more), Error{ChainError::outcome_unused});
    EXPECT_EQ(refusal(std::vector(64, second->outcomes[0])), Error{ChainError::outcome_invalid})
        << "nobody runs for hours what nobody paid for";
    auto none = first->outcomes;
    none[0].outcome = {{}, {}, outcome::Unavailable{}};
    EXPECT_EQ(refusal(none), Error{ChainError::outcome_invalid}) << "REPLAY is always available";
    EXPECT_EQ(full->import_block(first->block, {{}, first->beacon}).error(),
              Error{ChainError::outcomes_root_wrong});
    auto other_payee = first->outcomes;
    other_payee[0].outcome.payee = dev.accounts[2].address;
    EXPECT_EQ(refusal(other_payee), Error{ChainError::state_root_wrong});
    EXPECT_TRUE(full->import_block(first->block, first->supplement()));
}

/// Two transactions that ask for different jobs, in one block.
TEST_F(NodeInference, FullNodesRefuseJobsThatAreTooManyTooFewOrOutOfOrder) {
    auto manual = config();
    manual.mining = ManualMining{};
    Holding holding;
    manual.jobs = holding.desk(*models);
    const auto sequencer = DevChain::open(manual);
    ASSERT_TRUE(submit(*sequencer, asking(0, 0, infer(3, 1))));
    ASSERT_TRUE(submit(*sequencer, asking(1, 0, infer(4, 1))));
    ASSERT_TRUE(sequencer->mine());
    ASSERT_TRUE(holding.holds(2));
    holding.give();
    ASSERT_TRUE(sequencer->mine());
    const auto block = sequencer->chain().head().block;
    ASSERT_EQ(block->outcomes.size(), 2u);
    manual.jobs = nullptr;
    const auto full = DevChain::open(manual);
    for (std::uint64_t n = 1; n < block->number(); ++n)
        ASSERT_TRUE(import(*full, *sequencer->chain().block(n)));
    const auto& right = block->outcomes;
    const auto refusal = [&](std::vector<outcome::Settled> outcomes) {
        auto forged = block->block;
        forged.header.extra_data = base::to_bytes(outcome::outcomes_root(outcomes));
        return full->import_block(forged, {std::move(outcomes), block->beacon}).error();
    };
    EXPECT_EQ(refusal({right[0]}), Error{ChainError::transaction_abandoned});
    EXPECT_EQ(refusal({right[1]}), Error{ChainError::transaction_abandoned});
    EXPECT_EQ(refusal({right[1], right[0]}), Error{ChainError::outcome_unused});
    EXPECT_EQ(refusal({right[0], right[1], right[0]}), Error{ChainError::outcome_unused});
    EXPECT_EQ(refusal({right[0], right[0], right[1]}), Error{ChainError::outcome_unused});
    EXPECT_TRUE(import(*full, *block));
}

TEST_F(NodeInference, GoingBackTakesOutcomesAndPaymentsBack) {
    const auto node = DevChain::open(config());
    const auto full = DevChain::open(config());
    const auto snapshot = node->snapshot().value();
    const auto before = balance(*node, dev.accounts[0].address);
    const auto ask = asking(0, 0, infer(3, 1));
    ASSERT_TRUE(submit(*node, ask));
    ASSERT_TRUE(reaches(*node, 1));
    const auto first = node->chain().block(1);
    ASSERT_TRUE(import(*full, *first));
    ASSERT_TRUE(node->revert(snapshot));
    EXPECT_EQ(node->chain().head_number(), 0u);
    EXPECT_EQ(balance(*node, dev.accounts[0].address), before);

    // Another block in its place, then the same call again: its outcome is known, and in a block once more.
    ASSERT_TRUE(submit(*node, dev.transfer(1, 0)));
    ASSERT_TRUE(submit(*node, ask));
    ASSERT_TRUE(reaches(*node, 2));
    const auto again = node->chain().block(2);
    EXPECT_EQ(again->outcomes, first->outcomes);
    EXPECT_EQ(again->receipts[0].cumulative_gas_used, first->receipts[0].cumulative_gas_used);
    expect_consistent(*node);

    ASSERT_TRUE(full->unwind(1));
    for (std::uint64_t n = 1; n <= 2; ++n)
        ASSERT_TRUE(import(*full, *node->chain().block(n)));
    EXPECT_EQ(full->chain().head().block->block.header.state_root, again->block.header.state_root);
}

TEST_F(NodeInference, GoingBackKeepsWhatWaitsGoing) {
    Holding holding;
    auto with_desk = config();
    with_desk.jobs = holding.desk(*models);
    const auto node = DevChain::open(with_desk);
    ASSERT_TRUE(submit(*node, dev.transfer(1, 0)));
    const auto ask = asking(0, 0, infer(3, 1));
    ASSERT_TRUE(submit(*node, ask));
    ASSERT_TRUE(holding.holds(1));
    ASSERT_TRUE(node->unwind(1));
    EXPECT_EQ(node->chain().head_number(), 0u);
    holding.give();
    ASSERT_TRUE(reaches(*node, 1));
    EXPECT_TRUE(node->chain().locate(ask.hash));
}

TEST_F(NodeInference, WithoutAModelsFileThereIsNoVerdict) {
    const auto sequencer = DevChain::open(config());
    ASSERT_TRUE(submit(*sequencer, asking(0, 0, infer(3, 1))));
    ASSERT_TRUE(reaches(*sequencer, 1));
    auto poor = config();
    poor.models = nullptr;
    const auto full = DevChain::open(poor);
    const auto block = sequencer->chain().block(1);
    EXPECT_EQ(full->import_block(block->block, block->supplement()).error(),
              Error{ChainError::model_missing});
}

TEST_F(NodeInference, OutcomesSurviveARestart) {
    const TestFolder folder;
    auto durable = config();
    durable.folder = folder.path();
    sequencer::SharedBlock before;
    {
        const auto node = DevChain::open(durable);
        ASSERT_TRUE(submit(*node, asking(0, 0, infer(3, 1))));
        ASSERT_TRUE(reaches(*node, 1));
        before = node->chain().block(1);
    }
    {
        const auto node = DevChain::open(durable);
        EXPECT_EQ(node->chain().block(1)->outcomes, before->outcomes);
    }
}

TEST_F(NodeInference, WhatABoundSenderOwesCannotBeTakenFromIt) {
    std::mutex mutex;
    std::vector<std::function<void()>> held;
    auto with_desk = config();
    with_desk.mining = ManualMining{};
    // Pays its whole balance to its caller; account 0 delegates to it.
    const auto sweeper = base::address_from_number(0x5feeb);
    auto& code = with_desk.genesis.accounts[sweeper];
    code.nonce = 1;
    code.code = *base::from_hex("0x5f5f5f5f47335af100");
    with_desk.genesis.accounts[dev.accounts[0].address].code =
        *base::from_hex("0xef0100" + base::to_hex(sweeper));
    with_desk.jobs = std::make_shared<Between>(
        *models,
        [&](const outcome::JobId& id, const outcome::Settled& settled, const Between::Answer& answer) {
            const std::lock_guard guard(mutex);
            held.push_back([=] { answer(id, settled); });
        });
    const auto node = DevChain::open(with_desk);
    ASSERT_TRUE(submit(*node, asking(0, 0, infer(3, 1))));
    ASSERT_TRUE(node->mine());
    EXPECT_EQ(node->chain().head().block->block.transactions.size(), 0u);
    const auto sweep = dev.transaction(1, 0, [&](chain::Transaction& t) {
        t.to = dev.accounts[0].address;
        t.value = 0;
        t.gas_limit = 100'000;
    });
    ASSERT_TRUE(submit(*node, sweep));
    ASSERT_TRUE(node->mine());
    EXPECT_EQ(node->chain().head().block->block.transactions.size(), 0u) << "postponed";
    const auto is_held = [&] {
        const std::lock_guard guard(mutex);
        return !held.empty();
    };
    for (int i = 0; i < 1'000 && !is_held(); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    held.front()();
    // It is tried ever more rarely.
    for (int i = 0; i < 8; ++i)
        ASSERT_TRUE(node->mine());
    EXPECT_EQ(node->pool().counts().pending, 0u);
    EXPECT_TRUE(node->chain().locate(sweep.hash)) << "and comes once the inference is paid";
}

TEST_F(NodeInference, WhoBecomesBoundInABlockKeepsWhatItOwesInItToo) {
    auto with_desk = config();
    with_desk.mining = ManualMining{};
    const auto sweeper = base::address_from_number(0x5feeb);
    auto& code = with_desk.genesis.accounts[sweeper];
    code.nonce = 1;
    code.code = *base::from_hex("0x5f5f5f5f47335af100");
    with_desk.genesis.accounts[dev.accounts[0].address].code =
        *base::from_hex("0xef0100" + base::to_hex(sweeper));
    const auto desk = std::make_shared<Between>(
        *models, [](const outcome::JobId&, const outcome::Settled&, const Between::Answer&) {});
    with_desk.jobs = desk;
    const auto node = DevChain::open(with_desk);
    // The call is its sender's next only once the block has the transfer before it.
    const auto first = dev.transaction(0, 0, [&](chain::Transaction& t) {
        t.max_priority_fee_per_gas = 3 * kGwei;
        t.max_fee_per_gas = 100 * kGwei;
    });
    auto ask = dev.transaction(0, 1, [&](chain::Transaction& t) {
        t.to = chain::kInferenceAddress;
        t.value = 0;
        t.gas_limit = 500'000;
        t.data = infer(3, 1);
        t.max_priority_fee_per_gas = 2 * kGwei;
        t.max_fee_per_gas = 100 * kGwei;
    });
    const auto sweep = dev.transaction(1, 0, [&](chain::Transaction& t) {
        t.to = dev.accounts[0].address;
        t.value = 0;
        t.gas_limit = 100'000;
        t.max_priority_fee_per_gas = 1 * kGwei;
        t.max_fee_per_gas = 100 * kGwei;
    });
    ASSERT_TRUE(submit(*node, first));
    ASSERT_TRUE(submit(*node, ask));
    ASSERT_TRUE(submit(*node, sweep));
    ASSERT_TRUE(node->mine());
    EXPECT_EQ(desk->dispatched, 1);
    EXPECT_TRUE(node->chain().locate(first.hash));
    EXPECT_FALSE(node->chain().locate(sweep.hash)) << "it would take what the call must pay with";
}

TEST_F(NodeInference, AnOperatorWhoSignsNonsenseFreesNobody) {
    auto with_desk = config();
    const auto key = dev.accounts[3].private_key;
    with_desk.jobs = std::make_shared<Between>(
        *models, [&](const outcome::JobId& id, outcome::Settled settled, const Between::Answer& answer) {
            auto& out = settled.outcome;
            // Signed well, but the model has one output.
            out = {{77, 78}, dev.accounts[3].address, {}};
            const auto digest = outcome::signed_digest(1986, id, outcome::integers_hash(out.output), 1'000);
            out.evidence = outcome::SignedEvidence{*crypto::sign(digest, key), 1'000};
            EXPECT_EQ(answer(id, settled), sequencer::Verdict::refused);
            settled.outcome = {{}, {}, outcome::Unavailable{}};
            EXPECT_EQ(answer(id, settled), sequencer::Verdict::believed);
        });
    const auto node = DevChain::open(with_desk);
    ASSERT_TRUE(submit(*node, asking(0, 0, infer_signed(3, 1))));
    ASSERT_TRUE(reaches(*node, 1));
    EXPECT_FALSE(node->chain().block(1)->receipts[0].succeeded);
}

TEST_F(NodeInference, ABoundTransactionCannotBeReplaced) {
    auto with_desk = config();
    with_desk.jobs = std::make_shared<Between>(
        *models, [](const outcome::JobId&, const outcome::Settled&, const Between::Answer&) {});
    const auto node = DevChain::open(with_desk);
    ASSERT_TRUE(submit(*node, asking(0, 0, infer(3, 1))));
    const auto dearer = dev.transaction(0, 0, [](chain::Transaction& t) {
        t.max_fee_per_gas = 1'000 * kGwei;
        t.max_priority_fee_per_gas = 10 * kGwei;
    });
    EXPECT_EQ(submit(*node, dearer).error(), Error{sequencer::PoolError::bound});
    EXPECT_EQ(node->chain().head_number(), 0u);
}

TEST_F(NodeInference, WhatArrivesBetweenBlocksIsUnderWayBeforeTheNext) {
    auto manual = config();
    manual.mining = ManualMining{};
    const auto desk =
        std::make_shared<Between>(*models, [](const outcome::JobId& id, const outcome::Settled& settled,
                                              const Between::Answer& answer) { answer(id, settled); });
    manual.jobs = desk;
    const auto node = DevChain::open(manual);
    ASSERT_TRUE(submit(*node, asking(0, 0, infer(3, 1))));
    for (int i = 0; i < 1'000 && desk->dispatched == 0; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds{5});
    EXPECT_EQ(desk->dispatched, 1);
    for (int i = 0; i < 500 && node->pool().counts().pending > 0; ++i)
        ASSERT_TRUE(node->mine());
    EXPECT_EQ(desk->dispatched, 1);
}

TEST_F(NodeInference, ATapeThatNeverEndsIsAnsweredAtOnce) {
    // Asks the model about the block's number, which is another each time: it would never find its answer.
    // Calldata: the call of the precompile, whose last two words are replaced.
    auto interval = config();
    interval.mining = ManualMining{};
    const auto changing = base::address_from_number(0xc0de);
    auto& account = interval.genesis.accounts[changing];
    account.nonce = 1;
    // copy the input; number · 10^18 into its last word; call; stop
    account.code = *base::from_hex("0x365f5f3743670de0b6b3a76400000260203603525f5f365f5f60f45af100");
    const auto node = DevChain::open(interval);
    ASSERT_TRUE(submit(*node, dev.transaction(0, 0, [&](chain::Transaction& t) {
        t.to = changing;
        t.value = 0;
        t.gas_limit = 1'000'000;
        t.data = infer(3, 1);
    })));
    for (int i = 0; i < 500 && node->pool().counts().pending > 0; ++i) {
        ASSERT_TRUE(node->mine());
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    EXPECT_EQ(node->pool().counts().pending, 0u);
    const auto head = node->chain().head().block;
    EXPECT_LE(head->number(), 60u);
    EXPECT_EQ(head->outcomes.size(), 1u);
    EXPECT_EQ(head->outcomes[0].job.input[1], static_cast<std::int32_t>(head->number()) * 256);
}

TEST_F(NodeInference, SimulationsComputeWithinABudget) {
    const auto node = DevChain::open(config());
    const auto simulated = SimulatedInference::of(*node);
    const outcome::Job job{tiny, Mode::operator_signed, dev.accounts[3].address, {768, 256}, Hash{{1}}};
    const auto* answer = simulated->environment().outcomes.find(outcome::job_id(job), job);
    ASSERT_NE(answer, nullptr);
    EXPECT_EQ(answer->output, outcome::Integers{3 * 256});
    sequencer::OutcomePool remembered;
    SimulationSlots slots{1, 0};
    SimulatedOutcomes poor(*models, remembered, slots, 1);
    EXPECT_EQ(poor.find(outcome::job_id(job), job), nullptr);
}

TEST_F(NodeInference, SimulationsOfSomeSizeAreFewAtATime) {
    const outcome::Job job{tiny, Mode::replay, {}, {768, 256}, {}};
    SimulationSlots slots{1, 0};
    sequencer::OutcomePool remembered;
    SimulatedOutcomes outcomes(*models, remembered, slots, 1'000);
    {
        const auto taken = slots.take(1);
        ASSERT_TRUE(taken);
        EXPECT_FALSE(slots.take(1));
        EXPECT_EQ(outcomes.find(outcome::job_id(job), job), nullptr) << "somebody else computes";
        EXPECT_TRUE(SimulationSlots(0, 10).take(10)) << "small ones need no slot";
    }
    EXPECT_NE(outcomes.find(outcome::job_id(job), job), nullptr);
    const auto taken = slots.take(1);
    EXPECT_NE(outcomes.find(outcome::job_id(job), job), nullptr) << "what is known costs nothing";
}

}  // namespace
}  // namespace valence::node::testing
