#include "valence/outcome/outcome.hpp"

#include <gtest/gtest.h>

#include "valence/crypto/keccak.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/outcome/outcome_error.hpp"
#include "valence/outcome/replay.hpp"
#include "valence/outcome/testing/tiny_model.hpp"

namespace valence::outcome {
namespace {

constexpr std::uint64_t kChain = 1986;
constexpr auto kKey = "0x4646464646464646464646464646464646464646464646464646464646464646"_hash;
constexpr auto kPayee = "0x00000000000000000000000000000000000000aa"_address;

bool fails(const Result<void>& result, OutcomeError code) {
    return result.has_error() && result.error() == Error{code};
}

class Outcomes : public ::testing::Test {
protected:
    Settled replayed() const {
        return {{model, Mode::replay, {}, {10, 4}, {}}, {{8}, kPayee, ReplayEvidence{}}};
    }

    Settled signed_by_operator(std::uint64_t expiry = 100, const Hash& key = kKey) const {
        Settled entry;
        entry.job = {
            model, Mode::operator_signed, *crypto::address_of(kKey), {10, 4}, job_salt({}, 0, {}, 9)};
        entry.outcome = {{8}, kPayee, {}};
        const auto digest =
            signed_digest(kChain, job_id(entry.job), integers_hash(entry.outcome.output), expiry);
        entry.outcome.evidence = SignedEvidence{*crypto::sign(digest, key), expiry};
        return entry;
    }

    Result<void> verified(const Settled& entry, std::uint64_t block = 7) {
        return verify(entry, {kChain, block, models, nothing_provable});
    }

    testing::GivenModels models;
    NothingProvable nothing_provable;
    ml::ModelId model = models.add(testing::tiny_graph());
};

TEST_F(Outcomes, ReplayComputesTheModel) {
    ASSERT_TRUE(ml::validate(testing::tiny_graph()).has_value());
    EXPECT_EQ(replay(*models.load(model).value(), {10, 4}).value(), Integers{8});
    EXPECT_TRUE(replay(*models.load(model).value(), {10}).has_error());
    EXPECT_TRUE(replay(*models.load(model).value(), {10, 40'000}).has_error());
}

TEST_F(Outcomes, ReplayIsHeldAgainstTheModel) {
    EXPECT_TRUE(verified(replayed()).has_value());
    auto wrong = replayed();
    wrong.outcome.output = {9};
    EXPECT_TRUE(fails(verified(wrong), OutcomeError::wrong_output));
    wrong.outcome.output = {8, 0};
    EXPECT_TRUE(fails(verified(wrong), OutcomeError::wrong_output));
    wrong = replayed();
    wrong.job.input = {1};
    EXPECT_TRUE(fails(verified(wrong), OutcomeError::wrong_input));
}

TEST_F(Outcomes, AMissingModelIsNoVerdict) {
    auto entry = replayed();
    entry.job.model.bytes[0] ^= 1;
    EXPECT_TRUE(fails(verified(entry), OutcomeError::model_missing));
}

TEST_F(Outcomes, ReplayIsNeverUnavailable) {
    auto entry = replayed();
    entry.outcome = {{}, {}, Unavailable{}};
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_evidence));
}

TEST_F(Outcomes, AnOperatorsSignatureCoversChainJobOutputAndExpiry) {
    EXPECT_TRUE(verified(signed_by_operator()).has_value());
    auto entry = signed_by_operator();
    entry.outcome.output = {9};
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_signature));
    entry = signed_by_operator();
    entry.job.salt = job_salt({}, 1, {}, 9);
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_signature));
    entry = signed_by_operator();
    std::get<SignedEvidence>(entry.outcome.evidence).expiry_block = 101;
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_signature));
    EXPECT_TRUE(fails(verify(signed_by_operator(), {kChain + 1, 7, models, nothing_provable}),
                      OutcomeError::wrong_signature));
    Hash other_key = kKey;
    other_key.bytes[31] ^= 1;
    EXPECT_TRUE(fails(verified(signed_by_operator(100, other_key)), OutcomeError::wrong_signature));
    EXPECT_TRUE(fails(verified(signed_by_operator(), 101), OutcomeError::expired));
}

TEST_F(Outcomes, ASignatureHasOneForm) {
    auto entry = signed_by_operator();
    auto& signature = std::get<SignedEvidence>(entry.outcome.evidence).signature;
    signature.s = crypto::kSecp256k1Order - signature.s;
    signature.y_odd = !signature.y_odd;
    EXPECT_TRUE(fails(verified(entry), OutcomeError::malformed));
}

TEST_F(Outcomes, EvidenceSaltAndOperatorAreThoseOfTheMode) {
    auto entry = signed_by_operator();
    entry.outcome.evidence = ReplayEvidence{};
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_evidence));
    entry = replayed();
    entry.outcome.evidence = signed_by_operator().outcome.evidence;
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_evidence));
    entry = replayed();
    entry.job.salt.bytes[0] = 1;
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_salt));
    entry = replayed();
    entry.job.operator_address = kPayee;
    EXPECT_TRUE(fails(verified(entry), OutcomeError::malformed));
    entry = signed_by_operator();
    entry.job.salt = {};
    EXPECT_TRUE(fails(verified(entry), OutcomeError::wrong_salt));
    for (const auto& row : all_modes()) {
        if (row.available == Available::yes) continue;
        entry.job.mode = row.mode;
        EXPECT_TRUE(fails(verified(entry), OutcomeError::mode_unsupported)) << row.name;
    }
}

TEST_F(Outcomes, UnavailableCarriesNothing) {
    auto entry = signed_by_operator();
    entry.outcome = {{}, {}, Unavailable{UnavailableReason::no_capable_node}};
    EXPECT_TRUE(verified(entry).has_value());
    entry.outcome.output = {1};
    EXPECT_TRUE(fails(verified(entry), OutcomeError::malformed));
    entry.outcome = {{}, kPayee, Unavailable{}};
    EXPECT_TRUE(fails(verified(entry), OutcomeError::malformed));
}

TEST_F(Outcomes, WhatIsEncodedReadsBack) {
    auto unavailable = signed_by_operator();
    unavailable.outcome = {{}, {}, Unavailable{UnavailableReason::asked_anew}};
    const std::vector<Settled> list{replayed(), signed_by_operator(), unavailable};
    const auto bytes = encode_settled(list);
    EXPECT_EQ(decode_settled(bytes).value(), list);
    EXPECT_EQ(decode_settled(encode_settled({})).value(), std::vector<Settled>{});
    for (std::size_t size = 0; size < bytes.size(); ++size)
        EXPECT_TRUE(decode_settled(BytesView{bytes}.first(size)).has_error()) << size;
    auto longer = bytes;
    longer.push_back(0);
    EXPECT_TRUE(decode_settled(longer).has_error());
}

TEST_F(Outcomes, AnyChangedByteIsAnErrorOrAnotherValue) {
    const std::vector<Settled> list{replayed(), signed_by_operator()};
    const auto bytes = encode_settled(list);
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        auto changed = bytes;
        changed[at] ^= 0x40;
        const auto read = decode_settled(changed);
        if (!read) continue;
        EXPECT_NE(read.value(), list) << at;
        EXPECT_EQ(encode_settled(read.value()), changed) << at;
    }
}

TEST_F(Outcomes, EveryPartOfAnOutcomeIsInTheRoot) {
    const std::vector<Settled> list{replayed(), signed_by_operator()};
    const auto root = outcomes_root(list);
    EXPECT_EQ(outcomes_root({}), Hash{});
    EXPECT_EQ(outcomes_root(std::vector{replayed()}),
              outcome_leaf(job_id(replayed().job), replayed().outcome));
    for (const auto& change : std::vector<std::function<void(Settled&)>>{
             [](Settled& s) { s.job.input[0]++; },
             [](Settled& s) { s.outcome.output[0]++; },
             [](Settled& s) { s.outcome.payee.bytes[0]++; },
             [](Settled& s) { s.outcome.evidence = Unavailable{}; },
         }) {
        auto other = list;
        change(other[1]);
        EXPECT_NE(outcomes_root(other), root);
    }
}

TEST(Modes, HaveNamesInEitherCase) {
    EXPECT_EQ(mode_from_name("replay"), Mode::replay);
    EXPECT_EQ(mode_from_name("Signed"), Mode::operator_signed);
    EXPECT_EQ(mode_from_name("auto"), Mode::automatic);
    EXPECT_EQ(mode_from_name("fast"), std::nullopt);
    EXPECT_EQ(find_mode(0), nullptr);
    EXPECT_EQ(find_mode(7), nullptr);
    for (const auto& row : all_modes())
        EXPECT_EQ(find_mode(static_cast<std::uint8_t>(row.mode)), &row) << row.name;
}

}  // namespace
}  // namespace valence::outcome
