// Attacks on the sequencer by those who send transactions that call models: work for nothing, work without
// end, a pool full of what waits, what others owe taken away.
#include "valence/chain/beacon.hpp"
#include "valence/node/inference_fixture.hpp"
#include "valence/outcome/outcome_error.hpp"

namespace valence::node::testing {
namespace {

/// Without input it counts, in slot 0. Input: the call of the precompile, whose last word it replaces by
/// `value` (hexadecimal code that pushes it) as a whole number.
std::string asking_about(std::string_view value) {
    return "0x36600c575f546001015f55005b365f5f37" + std::string{value} +
           "670de0b6b3a764000002602036035"
           "25f5f365f5f60f45af100";
}
constexpr auto kAsker = base::address_from_number(0xa5ce4);

/// Pays its whole balance to its caller.
constexpr auto kSweeper = base::address_from_number(0x5feeb);
constexpr std::string_view kSweeperCode = "0x5f5f5f5f47335af100";

class InferenceAttacks : public NodeInference {
protected:
    NodeConfig manual() const {
        auto made = config();
        made.mining = ManualMining{};
        return made;
    }
    static bool is_in_chain(const Node& node, const sequencer::PoolTransaction& transaction) {
        return node.chain().locate(transaction.hash).has_value();
    }
};

TEST_F(InferenceAttacks, AFloodOfWaitingTransactionsKeepsToItsBounds) {
    dev.accounts = derive_dev_accounts(kDevMnemonic, 40).value();
    auto flooded = manual();
    flooded.parking.total = 8;
    Holding holding;
    const auto desk = holding.desk(*models);
    flooded.jobs = desk;
    const auto node = DevChain::open(flooded);
    for (std::size_t sender = 0; sender < 30; ++sender)
        ASSERT_TRUE(submit(*node, asking(sender, 0, infer(sender, 1))));
    for (int i = 0; i < 5; ++i)
        ASSERT_TRUE(node->mine());
    EXPECT_EQ(desk->dispatched, 8) << "for no more is anything computed";

    for (std::size_t sender = 30; sender < 40; ++sender)
        ASSERT_TRUE(submit(*node, dev.transfer(sender, 0)));
    ASSERT_TRUE(node->mine());
    EXPECT_EQ(node->chain().head().block->block.transactions.size(), 10u) << "the others are not held up";

    for (int i = 0; i < 1'000 && node->pool().counts().pending > 0; ++i) {
        if (desk->dispatched > 0) static_cast<void>(holding.give());
        ASSERT_TRUE(node->mine());
        std::this_thread::sleep_for(std::chrono::milliseconds{1});
    }
    EXPECT_EQ(node->pool().counts().pending, 0u) << "each has its turn";
    for (std::size_t sender = 0; sender < 30; ++sender)
        EXPECT_EQ(node->chain().head().state->account(dev.accounts[sender].address)->nonce, 1u) << sender;
}

/// Runs that come to nothing cost their senders nothing, and each takes as long as any transaction may.
class UnpaidRuns : public InferenceAttacks {
protected:
    class Runs final : public sequencer::ExecutionWatcher {
    public:
        evm::Tracer* before(const sequencer::PoolTransaction& transaction) override {
            of_block.push_back(transaction.hash);
            return nullptr;
        }
        void after(const sequencer::PoolTransaction&, const chain::TransactionResult&) override {}
        std::vector<Hash> of_block;
    };
    static constexpr std::uint64_t kGas = 10'000'000;
    static constexpr std::size_t kSenders = 40;

    UnpaidRuns() { dev.accounts = derive_dev_accounts(kDevMnemonic, kSenders + 1).value(); }
    /// Nothing can be bound.
    NodeConfig crowded() const {
        auto made = manual();
        made.parking.total = 0;
        made.watcher = runs;
        return made;
    }
    sequencer::PoolTransaction asking_with_much_gas(std::size_t from, std::uint64_t percent = 100) const {
        return dev.transaction(from, 0, [&](chain::Transaction& t) {
            t.to = chain::kInferenceAddress;
            t.value = 0;
            t.gas_limit = kGas;
            t.max_fee_per_gas = 2 * kGwei * percent;
            t.max_priority_fee_per_gas = kGwei * percent / 10;
            t.data = infer(from, 1);
        });
    }
    /// What was run for the next block.
    std::vector<Hash> mine(Node& node) const {
        runs->of_block.clear();
        EXPECT_TRUE(node.mine());
        return runs->of_block;
    }

    std::shared_ptr<Runs> runs = std::make_shared<Runs>();
};

TEST_F(UnpaidRuns, TakeNoMoreOfABlockHoweverManyTheyAre) {
    const auto node = DevChain::open(crowded());
    for (std::size_t sender = 0; sender < kSenders; ++sender)
        ASSERT_TRUE(submit(*node, asking_with_much_gas(sender)));
    // Once each; some were run when they came.
    EXPECT_LE(mine(*node).size(), kSenders);
    std::size_t all = 0;
    for (int i = 0; i < 100; ++i) {
        const auto paying = dev.transfer(kSenders, static_cast<std::uint64_t>(i));
        ASSERT_TRUE(submit(*node, paying));
        const auto run = mine(*node);
        all += run.size() - 1;
        EXPECT_LE((run.size() - 1) * kGas, (1u << 25) + kGas) << i;
        EXPECT_TRUE(is_in_chain(*node, paying)) << "it comes after all of them";
    }
    EXPECT_GT(all, kSenders) << "they have further turns";
}

TEST_F(UnpaidRuns, AreNotGivenAnewToEachReplacement) {
    const auto node = DevChain::open(crowded());
    ASSERT_TRUE(submit(*node, asking_with_much_gas(0)));
    std::size_t all = mine(*node).size();
    std::uint64_t percent = 100;
    for (int i = 0; i < 32; ++i) {
        percent += percent / 8;
        ASSERT_TRUE(submit(*node, asking_with_much_gas(0, percent)));
        all += mine(*node).size();
    }
    EXPECT_LE(all, 6u) << "after 1, 2, 4 … blocks";
    const auto cancelling = dev.transaction(0, 0, [&](chain::Transaction& t) {
        t.max_fee_per_gas = 3 * kGwei * percent;
        t.max_priority_fee_per_gas = kGwei * percent;
    });
    ASSERT_TRUE(submit(*node, cancelling));
    mine(*node);
    EXPECT_TRUE(is_in_chain(*node, cancelling)) << "what can cost little is run at once";
}

/// What the model is asked is another in each block: the sender never pays for what it had computed before.
struct Changing {
    const char* name;
    const char* value;
};
class ReAsking : public InferenceAttacks, public ::testing::WithParamInterface<Changing> {};

TEST_P(ReAsking, ComesToAnEnd) {
    auto changing = manual();
    install(changing, kAsker, asking_about(GetParam().value));
    const auto desk =
        std::make_shared<Between>(*models, [](const outcome::JobId& id, const outcome::Settled& settled,
                                              const Between::Answer& answer) { answer(id, settled); });
    changing.jobs = desk;
    const auto node = DevChain::open(changing);
    const auto asker = calling(0, 0, kAsker, infer(3, 1));
    ASSERT_TRUE(submit(*node, asker));
    // Somebody who changes the asker's storage first in every block.
    for (std::uint64_t n = 0; n < 200 && !is_in_chain(*node, asker); ++n) {
        const auto change = dev.transaction(1, n, [&](chain::Transaction& t) {
            t.to = kAsker;
            t.value = 0;
            t.gas_limit = 100'000;
            t.max_priority_fee_per_gas = 2 * kGwei;
        });
        ASSERT_TRUE(submit(*node, change));
        dev.clock->advance(std::chrono::seconds{1});
        ASSERT_TRUE(node->mine());
        EXPECT_TRUE(is_in_chain(*node, change));
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    }
    ASSERT_TRUE(is_in_chain(*node, asker));
    EXPECT_LE(desk->dispatched, 17);
    const auto place = node->chain().locate(asker.hash);
    const auto block = node->chain().block(place->block_number);
    EXPECT_EQ(block->outcomes.size(), 1u) << "what was asked in vain is in no block";
    EXPECT_TRUE(block->receipts[place->index].succeeded);
}

INSTANTIATE_TEST_SUITE_P(AboutThe, ReAsking,
                         ::testing::Values(Changing{"Number", "43"}, Changing{"Time", "4260ff16"},
                                           Changing{"Randomness", "4460ff16"}, Changing{"State", "5f54"}),
                         [](const auto& test) { return test.param.name; });

/// Compute nodes see inputs: were one made of the next block's randomness, they would know it before that
/// block.
TEST_F(InferenceAttacks, JobsDoNotTellTheRandomnessOfABlockToCome) {
    /// Notes what is asked while which block is the newest.
    class Noting final : public sequencer::JobDesk {
    public:
        void set_handler(sequencer::AnswerHandler) override {}
        void stop() override {}
        void dispatch(const sequencer::JobOrder& order) override {
            const auto* at = node.load();
            const std::lock_guard guard(mutex);
            asked.emplace_back(order.needed.job.input[1] / 256,
                               at == nullptr ? 0 : at->chain().head_number());
        }
        std::mutex mutex;
        std::vector<std::pair<std::int32_t, std::uint64_t>> asked;
        std::atomic<const Node*> node{nullptr};
    };
    const auto randomness = [](std::uint64_t number) {
        const auto signature =
            chain::development_beacon_key().sign(chain::beacon_message(1986, number), chain::kBeaconDomain);
        return std::int32_t{chain::beacon_mix(signature, {})[31]};
    };
    auto noted = manual();
    noted.genesis.rules.system.reset();
    const auto desk = std::make_shared<Noting>();
    noted.jobs = desk;
    noted.parking.per_sender = 64;
    install(noted, kAsker, asking_about("4460ff16"));
    const auto node = DevChain::open(noted);
    desk->node = node.get();
    for (std::size_t sender = 0; sender < 4; ++sender) {
        ASSERT_TRUE(submit(*node, calling(sender, 0, kAsker, infer(3, 1))));
        ASSERT_TRUE(node->mine());
    }
    const std::lock_guard guard(desk->mutex);
    ASSERT_FALSE(desk->asked.empty());
    for (const auto& [asked, head] : desk->asked)
        EXPECT_NE(asked, randomness(head + 1)) << head;
}

TEST_F(InferenceAttacks, TwoBoundSendersWhoTakeWhatEachOtherOwesDoNotStay) {
    auto sweeping = manual();
    install(sweeping, kSweeper, kSweeperCode);
    delegate(sweeping, 0, kSweeper);
    delegate(sweeping, 1, kSweeper);
    // Input: an address, then a call. Hands the call to the precompile, then calls the address; takes ether.
    const auto robber = base::address_from_number(0x20bbe2);
    install(sweeping, robber, "0x36600557005b365f5f375f5f6020360360205f60f45af1505f5f5f5f5f5f355af100");
    Holding holding;
    sweeping.jobs = holding.desk(*models);
    const auto node = DevChain::open(sweeping);
    const auto robbing = [&](std::size_t from, std::size_t victim, std::uint64_t asked) {
        auto data = base::to_bytes(U256::from_address(dev.accounts[victim].address).to_hash());
        base::append(data, infer(asked, 1));
        return calling(from, 0, robber, std::move(data));
    };
    const auto first = robbing(0, 1, 3);
    const auto second = robbing(1, 0, 5);
    ASSERT_TRUE(submit(*node, first));
    ASSERT_TRUE(node->mine());
    ASSERT_TRUE(submit(*node, second));
    ASSERT_TRUE(node->mine());
    ASSERT_TRUE(holding.holds(2));
    EXPECT_EQ(holding.give(), 2u);
    for (int i = 0; i < 40; ++i)
        ASSERT_TRUE(node->mine());
    EXPECT_FALSE(is_in_chain(*node, first)) << "each waits for the other";
    EXPECT_FALSE(is_in_chain(*node, second));
    for (int i = 0; i < 200 && node->pool().counts().pending > 0; ++i)
        ASSERT_TRUE(node->mine());
    EXPECT_TRUE(is_in_chain(*node, first)) << "bound for longest, it goes first in the end";
    EXPECT_FALSE(is_in_chain(*node, second)) << "what it had was taken";
    EXPECT_EQ(node->pool().counts().pending, 0u);
}

/// The model was there when its calls were allowed; its file is lost.
TEST_F(InferenceAttacks, NobodyStaysBoundToAModelThatIsGone) {
    class Losing final : public outcome::ModelSource {
    public:
        explicit Losing(std::shared_ptr<outcome::ModelSource> from) : from_(std::move(from)) {}
        Result<std::shared_ptr<const outcome::LoadedModel>> load(const ml::ModelId& id) override {
            if (is_lost) return Error{outcome::OutcomeError::model_missing};
            return from_->load(id);
        }
        std::atomic<bool> is_lost{true};

    private:
        std::shared_ptr<outcome::ModelSource> from_;
    };
    const auto losing = std::make_shared<Losing>(models);
    auto lost = manual();
    lost.models = losing;
    const auto node = DevChain::open(lost);
    const auto ask = asking(0, 0, infer(3, 1));
    ASSERT_TRUE(submit(*node, ask));
    ASSERT_TRUE(node->mine());
    const auto replaces = [&] {
        return submit(*node, dev.transaction(0, 0,
                                             [](chain::Transaction& t) {
                                                 t.max_fee_per_gas = 1'000 * kGwei;
                                                 t.max_priority_fee_per_gas = 10 * kGwei;
                                             }))
            .has_value();
    };
    bool replaced = false;
    for (int i = 0; i < 1'000 && !(replaced = replaces()); ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds{2});
    EXPECT_TRUE(replaced) << "it is bound no longer";

    const auto other = asking(1, 0, infer(4, 1));
    ASSERT_TRUE(submit(*node, other));
    ASSERT_TRUE(node->mine());
    losing->is_lost = false;
    EXPECT_TRUE(mine_all(*node)) << "and comes once the file is back";
    EXPECT_TRUE(is_in_chain(*node, other));
}

TEST_F(InferenceAttacks, AnAnswerThatIsTooOldForTheNextBlockIsRefused) {
    auto late = config();
    const auto key = dev.accounts[3].private_key;
    late.jobs = std::make_shared<Between>(*models, [&](const outcome::JobId& id, outcome::Settled settled,
                                                       const Between::Answer& answer) {
        auto& out = settled.outcome;
        const auto sign_until = [&](std::uint64_t expiry) {
            out = {{77}, dev.accounts[3].address, {}};
            const auto digest = outcome::signed_digest(1986, id, outcome::integers_hash(out.output), expiry);
            out.evidence = outcome::SignedEvidence{*crypto::sign(digest, key), expiry};
        };
        sign_until(0);
        EXPECT_EQ(answer(id, settled), sequencer::Verdict::refused);
        sign_until(1'000);
        EXPECT_EQ(answer(id, settled), sequencer::Verdict::believed);
    });
    const auto node = DevChain::open(late);
    ASSERT_TRUE(submit(*node, asking(0, 0, infer_signed(3, 1))));
    ASSERT_TRUE(reaches(*node, 1));
    EXPECT_TRUE(node->chain().block(1)->receipts[0].succeeded);
}

}  // namespace
}  // namespace valence::node::testing
