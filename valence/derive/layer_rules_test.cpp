// What the layer decides about a chain that names it: references, the sequencing window, forced transactions.
#include <gtest/gtest.h>

#include "valence/chain/system/system_transaction.hpp"
#include "valence/chain/testing/signed_transaction.hpp"
#include "valence/derive/testing.hpp"

namespace valence::derive {
namespace {

using namespace testing;

constexpr std::uint64_t kStart = 10;
constexpr std::uint64_t kWindow = 20;
constexpr std::uint64_t kMaxLag = 8;
constexpr std::uint64_t kDrift = 60;
constexpr std::uint64_t kDelay = 3;
/// Of two transfers.
constexpr std::uint64_t kForcedGas = 42'000;

chain::DaHeader header_at(std::uint64_t height) {
    chain::DaHeader header{height, {}, 1'000 + 6 * height};
    header.hash[0] = 0xda;
    header.hash[31] = static_cast<std::uint8_t>(height);
    return header;
}

const chain::RuleSet& rules() {
    static const auto made = [] {
        auto ours = chain::valence_rules();
        ours.system->layer = {"test", header_at(kStart), kMaxLag, kDrift, kWindow, kDelay, kForcedGas};
        return ours;
    }();
    return made;
}

/// Forced: a transfer of the nonce, in a blob.
Bytes forced(std::uint64_t nonce, std::uint64_t gas = 21'000) {
    Hash key;
    key[31] = 1;
    return encode_forced(1986, chain::testing::signed_transaction(
                                   key, nonce, [&](chain::Transaction& t) { t.gas_limit = gas; }));
}

/// A chain as one who reads the layer derives it; every block is valid that derivation offers.
class LayerDerivation : public ::testing::Test {
public:
    struct Derived {
        std::uint64_t number = 0;
        Hash hash;
        chain::DaHeader reference;
        std::vector<std::uint64_t> due;
        bool is_fallback = false;
        /// With which height it was derived.
        std::uint64_t height = 0;
        bool operator==(const Derived&) const = default;
    };

    LayerDerivation() { start(); }

    /// As a node that remembers nothing does.
    void start() {
        DerivationOptions options{kGenesis, *crypto::bls::Verifier::of(sequencer().public_key()), 1,
                                  [this](std::uint64_t number) -> std::optional<Hash> {
                                      if (number == 0 || number > derived.size()) return std::nullopt;
                                      return derived[number - 1].hash;
                                  },
                                  &rules()};
        derivation.emplace(std::move(options));
    }

    static std::vector<std::uint64_t> nonces(const std::vector<chain::ForcedTransaction>& due) {
        std::vector<std::uint64_t> out;
        for (const auto& one : due)
            out.push_back(one.transaction.nonce);
        return out;
    }

    /// The layer's next height, with these blobs.
    void next(const std::vector<Bytes>& batches = {}, const std::vector<Bytes>& forced = {}) {
        ++height;
        const std::vector<BytesView> views(batches.begin(), batches.end());
        const std::vector<BytesView> forced_views(forced.begin(), forced.end());
        derivation->take(header_at(height), views, forced_views);
        for (;;) {
            if (const auto* candidate = derivation->current()) {
                derived.push_back({derivation->next_number(), candidate->hash, candidate->reference,
                                   nonces(candidate->due), false, height});
                derivation->accept();
            } else if (const auto fallback = derivation->fallback()) {
                Hash hash;
                hash[0] = 0xfb;
                hash[31] = static_cast<std::uint8_t>(fallback->number);
                derived.push_back(
                    {fallback->number, hash, fallback->reference, nonces(fallback->due), true, height});
                derivation->accept_fallback(*fallback, hash);
            } else {
                break;
            }
        }
        for (auto& finding : derivation->take_findings())
            findings.push_back(std::move(finding));
    }
    void skip_to(std::uint64_t to) {
        while (height < to)
            next();
    }
    void post(const BatchBlock& block) { next(blobs_of(std::vector{block})); }

    Hash last() const { return derived.empty() ? kGenesis : derived.back().hash; }
    /// The next block, which refers to this height.
    BatchBlock block(std::uint64_t reference) const { return block(header_at(reference), 1'000); }
    BatchBlock block(const chain::DaHeader& reference, std::uint64_t timestamp) const {
        BatchBlock out;
        out.block.header.number = derived.size() + 1;
        out.block.header.parent_hash = last();
        out.block.header.timestamp = timestamp;
        out.block.header.gas_limit = 30'000'000;
        out.block.header.extra_data = Bytes(32, 0);
        out.block.transactions.push_back(chain::da_info_transaction(out.block.header, reference).transaction);
        return out;
    }
    /// Whether the last thing found is this, and nothing was derived but `count` blocks.
    void expect_refused(FindingKind kind, std::size_t count = 0) const {
        EXPECT_EQ(derived.size(), count);
        ASSERT_FALSE(findings.empty());
        EXPECT_EQ(findings.back().kind, kind) << findings.back().text;
    }

    std::optional<Derivation> derivation;
    std::uint64_t height = kStart;
    std::vector<Derived> derived;
    std::vector<Finding> findings;
};

TEST_F(LayerDerivation, ABlockRefersToTheLayersHeader) {
    post(block(kStart));
    post(block(11));
    post(block(11));
    ASSERT_EQ(derived.size(), 3U);
    EXPECT_EQ(derived[2].reference, header_at(11));
    EXPECT_TRUE(findings.empty());
}

TEST_F(LayerDerivation, AFallingReferenceIsRefused) {
    next();
    post(block(11));
    post(block(kStart));
    expect_refused(FindingKind::invalid_block, 1);
}

TEST_F(LayerDerivation, AForeignHeaderIsRefused) {
    next();
    auto foreign = header_at(11);
    foreign.hash[5] = 1;
    post(block(foreign, 1'000));
    expect_refused(FindingKind::invalid_block);
    foreign = header_at(11);
    foreign.time += 1;
    post(block(foreign, 1'000));
    expect_refused(FindingKind::invalid_block);
}

TEST_F(LayerDerivation, NobodyKnowsTheHeaderOfTheHeightThatHoldsTheBlock) {
    post(block(11));
    expect_refused(FindingKind::invalid_block);
    post(block(13));
    expect_refused(FindingKind::invalid_block);
    post(block(12));
    EXPECT_EQ(derived.size(), 1U);
}

TEST_F(LayerDerivation, AnOldReferenceIsTooLate) {
    skip_to(kStart + kMaxLag);
    post(block(kStart));
    expect_refused(FindingKind::late);
    post(block(kStart + 2));
    EXPECT_EQ(derived.size(), 1U) << "exactly maxLag old";
}

TEST_F(LayerDerivation, TimeStaysNearTheLayers) {
    next();
    const auto most = header_at(11).time + kDrift;
    post(block(header_at(11), most + 1));
    expect_refused(FindingKind::invalid_block);
    post(block(header_at(11), most));
    EXPECT_EQ(derived.size(), 1U);
}

TEST_F(LayerDerivation, ABlockWithoutAReferenceIsRefused) {
    auto without = block(kStart);
    without.block.transactions.clear();
    post(without);
    expect_refused(FindingKind::invalid_block);
}

TEST_F(LayerDerivation, ABlockOnAnotherParentIsRefused) {
    post(block(kStart));
    auto other = block(kStart);
    other.block.header.parent_hash[3] ^= 1;
    post(other);
    expect_refused(FindingKind::invalid_block, 1);
}

TEST_F(LayerDerivation, AfterTheWindowEverybodyDerivesTheFallback) {
    post(block(kStart));
    skip_to(kStart + kWindow - 1);
    EXPECT_EQ(derived.size(), 1U);
    next();
    ASSERT_EQ(derived.size(), 2U);
    EXPECT_TRUE(derived[1].is_fallback);
    EXPECT_EQ(derived[1].reference, header_at(kStart + kWindow));
    // And again, as long as nobody posts.
    skip_to(kStart + 2 * kWindow);
    ASSERT_EQ(derived.size(), 3U);
    EXPECT_EQ(derived[2].height, kStart + 2 * kWindow);
}

TEST_F(LayerDerivation, ABlockInTheWindowsLastHeightIsInTime) {
    skip_to(kStart + kWindow - 1);
    post(block(kStart + kWindow - kMaxLag));
    ASSERT_EQ(derived.size(), 1U);
    EXPECT_FALSE(derived[0].is_fallback);
}

TEST_F(LayerDerivation, WhatComesBehindTheWindowIsLate) {
    const auto late = block(kStart + kWindow - 1);
    skip_to(kStart + kWindow);
    ASSERT_EQ(derived.size(), 1U);
    post(late);
    expect_refused(FindingKind::late, 1);
    // So is what was built on it.
    auto child = block(kStart + kWindow);
    child.block.header.parent_hash = chain::header_hash(late.block.header);
    post(child);
    expect_refused(FindingKind::late, 1);
    for (const auto& finding : findings)
        EXPECT_FALSE(is_discrepancy(finding.kind));
}

/// What was too late once can be posted again by anybody, at any time.
TEST_F(LayerDerivation, WhatWasLeftBehindIsNoDiscrepancyWhenItComesAgain) {
    std::vector<BatchBlock> lost{block(kStart)};
    for (std::uint64_t i = 2; i < 5; ++i) {
        auto next = block(kStart);
        next.block.header.number = i;
        next.block.header.parent_hash = chain::header_hash(lost.back().block.header);
        lost.push_back(std::move(next));
    }
    skip_to(kStart + kMaxLag);
    const auto blobs = blobs_of(lost);
    next(blobs);
    ASSERT_TRUE(derived.empty());
    // The sequencer begins again; at each step somebody posts all of it once more.
    for (std::uint64_t number = 1; number <= 5; ++number) {
        post(block(height));
        next(blobs);
    }
    EXPECT_EQ(derived.size(), 5U);
    for (const auto& finding : findings)
        EXPECT_FALSE(is_discrepancy(finding.kind)) << finding_name(finding.kind) << " " << finding.text;
    EXPECT_FALSE(findings.empty());
}

TEST_F(LayerDerivation, ALieThatComesAgainIsFoundOnce) {
    auto foreign = header_at(kStart);
    foreign.hash[5] = 1;
    const auto blobs = blobs_of(std::vector{block(foreign, 1'000)});
    next(blobs);
    next(blobs);
    ASSERT_EQ(findings.size(), 2U);
    EXPECT_EQ(findings[0].kind, FindingKind::invalid_block);
    EXPECT_EQ(findings[1].kind, FindingKind::replayed);
    // It is the sequencer's own lie in another batch.
    auto child = block(kStart);
    child.block.header.number = 2;
    next(blobs_of(std::vector{block(foreign, 1'000), child}));
    EXPECT_EQ(findings[2].kind, FindingKind::invalid_block);
}

TEST_F(LayerDerivation, ASequencerResumesOnTheFallback) {
    skip_to(kStart + kWindow);
    ASSERT_EQ(derived.size(), 1U);
    post(block(kStart + kWindow));
    ASSERT_EQ(derived.size(), 2U);
    EXPECT_FALSE(derived[1].is_fallback);
}

TEST_F(LayerDerivation, AForcedTransactionIsDueAfterItsDelay) {
    next({}, {forced(7)});
    next();
    post(block(12));
    EXPECT_TRUE(derived[0].due.empty());
    post(block(13));
    EXPECT_TRUE(derived[1].due.empty());
    post(block(14));
    EXPECT_EQ(derived[2].due, std::vector<std::uint64_t>{7});
    post(block(15));
    post(block(15));
    EXPECT_TRUE(derived[4].due.empty()) << "not beyond that height";
}

TEST_F(LayerDerivation, WhatTheParentsReferenceOwesHasItsTurnAgain) {
    next({}, {forced(0), forced(1)});
    next({}, {forced(2)});
    skip_to(17);
    post(block(14));
    post(block(14));
    post(block(18));
    post(block(18));
    ASSERT_EQ(derived.size(), 4U);
    EXPECT_EQ(derived[0].due, (std::vector<std::uint64_t>{0, 1}));
    EXPECT_EQ(derived[1].due, (std::vector<std::uint64_t>{0, 1})) << "as far as the parent left it over";
    EXPECT_EQ(derived[2].due, (std::vector<std::uint64_t>{0, 1, 2}));
    EXPECT_TRUE(derived[3].due.empty());
}

TEST_F(LayerDerivation, GasThatIsOnlyStatedTakesNoRoom) {
    std::vector<Bytes> blobs;
    for (std::uint64_t i = 0; i < 100; ++i)
        blobs.push_back(forced(i, kForcedGas / 2));
    next({}, blobs);
    skip_to(kStart + kWindow);
    ASSERT_EQ(derived.size(), 1U);
    EXPECT_EQ(derived[0].due.size(), 100U) << "all at once: who cannot pay is skipped";
    EXPECT_EQ(derived[0].reference, header_at(kStart + kWindow));
}

TEST_F(LayerDerivation, AFallbackKnowsTheHeadersItMayHaveToReferTo) {
    next({}, {forced(0), forced(1)});
    next({}, {forced(2)});
    while (height < kStart + kWindow - 1)
        next();
    derivation->take(header_at(kStart + kWindow), {}, {});
    const auto fallback = derivation->fallback();
    ASSERT_TRUE(fallback);
    EXPECT_EQ(fallback->nearer, (std::vector{header_at(14), header_at(15)}));
    // Only the first found room: what is left over is due again.
    auto made = *fallback;
    made.reference = header_at(14);
    derivation->accept_fallback(made, Hash{});
    EXPECT_FALSE(derivation->fallback()) << "its window begins there";
}

TEST_F(LayerDerivation, WhatIsNoTransactionOfThisChainIsNeverDue) {
    const auto good = forced(0);
    auto other_chain = good;
    other_chain[7] ^= 1;
    Hash key;
    key[31] = 1;
    // What opens a model could keep everybody from making the block.
    const auto opening =
        encode_forced(1986, chain::testing::signed_transaction(
                                key, 0, [](chain::Transaction& t) { t.to = chain::kModelRegistry; }));
    next({}, {{}, noise(100), other_chain, opening, forced(0, 20'999), forced(0, kForcedGas / 2 + 1), good});
    skip_to(15);
    post(block(15));
    ASSERT_EQ(derived.size(), 1U);
    EXPECT_EQ(derived[0].due, std::vector<std::uint64_t>{0});
}

/// With constants as networks have them: a height makes little room.
chain::RuleSet slow_rules() {
    auto made = rules();
    made.system->layer->sequencing_window = 7'200;
    made.system->layer->forced_delay = 300;
    made.system->layer->forced_gas = 10'000'000;
    return made;
}

std::vector<BytesView> views_of(const std::vector<Bytes>& blobs) { return {blobs.begin(), blobs.end()}; }

TEST_F(LayerDerivation, AFloodHasOnlySoMuchRoom) {
    LayerWindow window(slow_rules());
    std::vector<Bytes> flood;
    for (std::uint64_t i = 0; i < 600; ++i)
        flood.push_back(forced(i));
    const auto one = static_cast<double>(flood.back().size() + LayerWindow::kOverhead);
    const auto burst = window.take(header_at(11), views_of(flood));
    EXPECT_NEAR(static_cast<double>(burst.size()), static_cast<double>(LayerWindow::kMostBurst) / one, 3);
    // Those drawn have their turn in the layer's order.
    EXPECT_TRUE(std::ranges::is_sorted(
        burst, {}, [](const chain::ForcedTransaction& each) { return each.transaction.nonce; }));
    EXPECT_EQ(window.due(311, 311), burst);
    EXPECT_EQ(window.room_of_a_height(), LayerWindow::kMostHeld / 7'500);
    std::size_t taken = 0;
    for (std::uint64_t at = 12; at < 112; ++at)
        taken += window.take(header_at(at), views_of(flood)).size();
    EXPECT_NEAR(static_cast<double>(taken), 100 * static_cast<double>(window.room_of_a_height()) / one, 10);
}

/// Whoever floods the namespace, and pays to be the first in each of the layer's blocks, keeps nobody out for
/// longer than the share of the bytes that he pays for.
TEST_F(LayerDerivation, NobodyIsKeptOutByWhoeverComesFirst) {
    LayerWindow window(slow_rules());
    std::vector<Bytes> blobs;
    for (std::uint64_t i = 0; i < 140; ++i)
        blobs.push_back(forced(i));
    constexpr std::uint64_t kHonest = 1'000;
    blobs.push_back(forced(kHonest));
    int found = 0;
    for (std::uint64_t at = 11; at < 421; ++at) {
        const auto taken = window.take(header_at(at), views_of(blobs));
        const auto is_honest = [](const auto& each) { return each.transaction.nonce == kHonest; };
        // The first heights have room for all.
        if (at > 20 && std::ranges::any_of(taken, is_honest)) ++found;
    }
    // A tenth of what is posted has room.
    EXPECT_GT(found, 20);
    EXPECT_LT(found, 70);
}

TEST_F(LayerDerivation, WhatIsHeldIsBoundedHoweverFarAReferenceLags) {
    auto generous = rules();
    generous.system->layer->forced_gas = 10'000'000;
    LayerWindow window(generous);
    Hash key;
    key[31] = 1;
    const auto blob_with = [&](std::uint64_t gas) {
        return encode_forced(1986, chain::testing::signed_transaction(key, 0, [&](chain::Transaction& t) {
                                 t.gas_limit = gas;
                                 t.data.resize(100'000);
                             }));
    };
    const auto too_little_gas = blob_with(20'999);
    window.take(header_at(11), std::vector<BytesView>(3, too_little_gas));
    EXPECT_EQ(window.held(), 0U) << "what can be in no block takes no memory";
    const auto blob = blob_with(5'000'000);
    const std::vector<BytesView> three(3, blob);
    std::uint64_t at = 12;
    for (; at < 400; ++at) {
        window.take(header_at(at), three);
        ASSERT_LE(window.held(), LayerWindow::kMostHeld);
    }
    EXPECT_TRUE(window.take(header_at(at), three).empty());
    const auto held = window.held();
    window.forget_below(13 + kDelay);
    EXPECT_LT(window.held(), held) << "what was due leaves, and makes room";
    EXPECT_FALSE(window.take(header_at(at + 1), three).empty());
    window.forget_below(at + kDelay + 2);
    EXPECT_EQ(window.held(), 0U);
}

/// Two windows that differ in what they forgot would draw differently: whoever only follows takes over.
TEST_F(LayerDerivation, AWindowThatFollowsAnotherKnowsTheSame) {
    LayerWindow window(slow_rules());
    LayerWindow other(slow_rules());
    std::vector<Bytes> flood;
    for (std::uint64_t i = 0; i < 600; ++i)
        flood.push_back(forced(i));
    for (std::uint64_t at = 11; at < 14; ++at)
        other.follow(header_at(at), window.take(header_at(at), views_of(flood)));
    EXPECT_EQ(other.newest(), 13U);
    EXPECT_EQ(other.due(0, 400), window.due(0, 400));
    EXPECT_EQ(other.held(), window.held());
}

TEST_F(LayerDerivation, WhoeverReadsComesToTheSame) {
    const auto play = [](LayerDerivation& on) {
        on.next({}, {forced(0)});
        on.post(on.block(10));
        on.skip_to(20);
        on.next(blobs_of(std::vector{on.block(19)}), {forced(1), forced(2), forced(3)});
        on.skip_to(60);
        on.post(on.block(58));
    };
    struct Reader : LayerDerivation {
        void TestBody() override {}
    };
    Reader other;
    play(*this);
    play(other);
    EXPECT_EQ(derived, other.derived);
    EXPECT_GT(derived.size(), 3U);
}

/// Whoever goes on from a checkpoint of any height comes to the same as who never stopped.
TEST_F(LayerDerivation, FromACheckpointItGoesOnAsBefore) {
    struct Reader : LayerDerivation {
        void TestBody() override {}
    };
    const auto large = [](LayerDerivation& on, std::uint64_t reference) {
        auto made = on.block(reference);
        made.block.header.extra_data = noise(kMostPart + 1);
        return blobs_of(std::vector{made});
    };
    const auto play = [&](LayerDerivation& on, const std::function<void()>& between) {
        const auto step = [&](const std::vector<Bytes>& batches, const std::vector<Bytes>& forced) {
            on.next(batches, forced);
            between();
        };
        step({}, {forced(0), forced(1)});
        step(blobs_of(std::vector{on.block(11)}), {});
        const auto pieces = large(on, 12);
        step({pieces[1]}, {forced(2)});
        step({pieces[0]}, {});
        for (int i = 0; i < 30; ++i)
            step({}, {});
        step(blobs_of(std::vector{on.block(on.height)}), {});
    };
    Reader straight;
    play(straight, [] {});
    ASSERT_EQ(straight.derived.size(), 4U);
    play(*this, [&] {
        const auto checkpoint = derivation->checkpoint();
        ASSERT_TRUE(checkpoint);
        start();
        ASSERT_TRUE(derivation->resume(*checkpoint));
        EXPECT_EQ(derivation->checkpoint(), checkpoint);
        // Whatever is not all of it is refused, and changes nothing.
        for (std::size_t size = 0; size < checkpoint->size(); size += 1 + size / 16)
            EXPECT_FALSE(derivation->resume(BytesView{*checkpoint}.first(size)));
        EXPECT_EQ(derivation->checkpoint(), checkpoint);
    });
    EXPECT_EQ(derived, straight.derived);
}

/// It takes no room from other files of its height, whenever who reads it was started.
TEST_F(LayerDerivation, AFileOfNoModelIsKnownAfterACheckpointToo) {
    const auto batch = encode_file(noise(1'000)).value();
    const auto pieces = cut(batch, head_of(batch, BatchKind::file, 0, 0), kGenesis, sequencer());
    next(pieces);
    ASSERT_TRUE(derivation->take_file());
    const auto checkpoint = derivation->checkpoint();
    ASSERT_TRUE(checkpoint);
    start();
    ASSERT_TRUE(derivation->resume(*checkpoint));
    next(pieces);
    EXPECT_FALSE(derivation->take_file());
}

}  // namespace
}  // namespace valence::derive
