// Attacks on the sequencer by way of deliveries, which come before all transactions and cannot be put off.
#include <random>

#include "valence/chain/system_contracts.hpp"
#include "valence/node/system_fixture.hpp"

namespace valence::node::testing {
namespace {

using DeliveryAttacks = NodeSystemTransactions;

/// Pays its whole balance away.
constexpr auto kSweeper = base::address_from_number(0x5feeb);
constexpr std::string_view kSweeperCode = "0x5f5f5f5f4760aa5af100";

TEST_F(DeliveryAttacks, WhoLetsDeliveriesTakeWhatIsOwedGetsNoWorkBeforePaying) {
    auto wary = manual(config());
    wary.parking.wary_blocks = 8;
    wary.genesis.accounts[kSweeper].code = *base::from_hex(kSweeperCode);
    for (const std::size_t account : {1, 2, 3})
        wary.genesis.accounts[dev.accounts[account].address].code =
            *base::from_hex("0xef0100" + base::to_hex(kSweeper));
    const auto desk = std::make_shared<Silent>();
    wary.jobs = desk;
    const auto node = DevChain::open(wary);

    // It has its jobs dispatched, and has been emptied when they are to be paid.
    ASSERT_TRUE(submit(*node, schedule_once(0, 0, dev.accounts[1].address, {}, 100'000)));
    ASSERT_TRUE(submit(*node, asking(1, 0, 1)));
    ASSERT_TRUE(node->mine(2));
    EXPECT_EQ(ids_of(*node, kRan).size(), 1u);
    EXPECT_TRUE(balance(*node, dev.accounts[1].address).is_zero());
    ASSERT_EQ(desk->dispatched, 1);

    // The next of its kind pays in the block in which its work is done.
    const auto next = asking(2, 0, 2);
    ASSERT_TRUE(submit(*node, next));
    ASSERT_TRUE(node->mine());
    EXPECT_EQ(node->chain().locate(next.hash)->block_number, 3u);
    EXPECT_EQ(node->chain().block(3)->outcomes.size(), 1u);
    EXPECT_EQ(desk->dispatched, 1);

    // Whom nobody can take from is not concerned, and in the end nobody is.
    ASSERT_TRUE(submit(*node, asking(0, 1, 3)));
    ASSERT_TRUE(node->mine(8));
    EXPECT_EQ(desk->dispatched, 2);
    ASSERT_TRUE(submit(*node, asking(3, 0, 4)));
    ASSERT_TRUE(node->mine());
    EXPECT_EQ(desk->dispatched, 3);
    EXPECT_EQ(follow(*node, wary)->chain().head().block->hash, node->chain().head().block->hash);
}

/// Passes its input on to the precompile; and one that replaces the input's last word by the block's number.
constexpr auto kAsker = base::address_from_number(0xa5ce4);
constexpr std::string_view kAskerCode = "0x365f5f375f5f365f5f60f45af100";
constexpr auto kChangingAsker = base::address_from_number(0xa5ce6);
constexpr std::string_view kChangingAskerCode =
    "0x365f5f3743670de0b6b3a76400000260203603525f5f365f5f60f45af100";

/// Passes calls on to the Scheduler, with their ether; asks `question` when the Scheduler calls it back.
constexpr auto kCurious = base::address_from_number(0xc01105);
std::string curious_code(const Bytes& question) {
    const auto scheduler = base::to_hex(chain::kScheduler);
    char size[5];
    std::snprintf(size, sizeof size, "%04zx", question.size());
    return "0x3373" + scheduler + "14603b57365f5f375f5f365f3473" + scheduler + "5af100" + "5b61" + size +
           "6100505f395f5f61" + size + "5f5f60f45af100" + base::to_hex(question);
}

/// Loses every third job.
class Forgetful final : public sequencer::JobDesk {
public:
    explicit Forgetful(outcome::ModelSource& models) : desk_(models, base::address_from_number(0x303c3)) {}
    void set_handler(sequencer::AnswerHandler handler) override { desk_.set_handler(std::move(handler)); }
    void stop() override { desk_.stop(); }
    void dispatch(const sequencer::JobOrder& order) override {
        if (++jobs_ % 3 != 0) desk_.dispatch(order);
    }

private:
    sequencer::LocalDesk desk_;
    std::atomic<unsigned> jobs_{0};
};

/// Requests that call back, ask again and share outcomes with transactions, schedules whose questions change,
/// what is cancelled, answers that come at any time or never.
TEST_F(DeliveryAttacks, FullNodesAgreeWithWhateverIsBuilt) {
    auto busy = manual(config());
    busy.coinbase = base::address_from_number(0xc01);
    const auto install = [&](const Address& at, std::string_view code) {
        busy.genesis.accounts[at].nonce = 1;
        busy.genesis.accounts[at].code = *base::from_hex(code);
    };
    install(kAsker, kAskerCode);
    install(kChangingAsker, kChangingAskerCode);
    install(kCurious, curious_code(infer(1)));
    std::size_t deliveries = 0;
    for (const std::uint64_t seed : {1, 2, 3}) {
        SCOPED_TRACE(seed);
        auto computing = busy;
        computing.jobs = std::make_shared<Forgetful>(*models);
        const auto node = DevChain::open(computing);
        std::mt19937_64 random(seed);
        const auto pick = [&](std::uint64_t below) { return random() % below; };
        std::array<std::uint64_t, 4> nonces{};
        for (int step = 0; step < 150; ++step) {
            const auto from = pick(nonces.size());
            const auto nonce = nonces[from];
            const auto head = node->chain().head_number();
            const auto sent = [&]() -> std::optional<sequencer::PoolTransaction> {
                switch (pick(7)) {
                    case 0:
                        return request(from, nonce, pick(3), head + 2 + pick(20), pick(200'000));
                    case 1:
                        return request_signed(from, nonce, head + 2 + pick(20));
                    case 2: {
                        auto through = request(from, nonce, pick(3), head + 2 + pick(20), 400'000);
                        return dev.transaction(from, nonce, [&](chain::Transaction& t) {
                            t.to = kCurious;
                            t.value = U256{kWad};
                            t.gas_limit = 2'000'000;
                            t.data = through.transaction.data;
                        });
                    }
                    case 3: {
                        const auto every = 1 + pick(4);
                        return to_scheduler(
                            from, nonce,
                            encode_call("schedule(address,bytes,uint64,uint64,uint64)",
                                        Items{U256::from_address(pick(2) == 0 ? kAsker : kChangingAsker),
                                              infer(pick(3)), U256{every},
                                              U256{head + 1 + every * (1 + pick(5))}, U256{400'000}}));
                    }
                    case 4:
                        return cancel(from, nonce, 1 + pick(20));
                    case 5:
                        return asking(from, nonce, pick(3));
                    default:
                        return std::nullopt;
                }
            }();
            if (sent) {
                nonces[from] += submit(*node, *sent).has_value() ? 1 : 0;
                continue;
            }
            ASSERT_TRUE(node->mine());
            if (pick(4) == 0) std::this_thread::sleep_for(std::chrono::milliseconds{1});
        }
        ASSERT_TRUE(node->mine(40));
        for (std::uint64_t n = 1; n <= node->chain().head_number(); ++n)
            for (const auto& facts : node->chain().block(n)->facts)
                deliveries += facts.sender == chain::kSystemAddress ? 1 : 0;
        deliveries -= node->chain().head_number();
        expect_consistent(*node);
        EXPECT_EQ(follow(*node, busy)->chain().head().block->hash, node->chain().head().block->hash);
    }
    EXPECT_GT(deliveries, 60u);
}

}  // namespace
}  // namespace valence::node::testing
