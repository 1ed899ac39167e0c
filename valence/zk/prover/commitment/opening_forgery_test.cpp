// Openings that must be refused, and by which check.
#include <gtest/gtest.h>

#include "valence/zk/protocol/merkle/merkle_opening.hpp"
#include "valence/zk/prover/commitment/opening_prover.hpp"
#include "valence/zk/prover/commitment/testing/opening_session.hpp"

namespace valence::zk {
namespace {

using testing::Form;
using testing::Kind;
using testing::Session;
using testing::TableCase;
using E = Extension2;

/// Weights and witness, with a level of recursion between them and the vector in clear.
const std::vector<TableCase> kCases{{{15, 3, 2}, Kind::int8, Form::products}, {witness_shape(8)}};

const Session<E>& session() {
    static const Session<E> made = [] {
        Session<E> s(kCases);
        EXPECT_FALSE(s.parameters.levels.empty());
        return s;
    }();
    return made;
}
const Bytes& honest_proof() {
    static const Bytes proof = session().prove();
    return proof;
}

/// A stretch of a proof of one kind.
struct Section {
    enum class Kind { round, root, vector, work, leaves, siblings };
    Kind kind;
    std::size_t begin = 0, end = 0;
};

/// Reads a proof as the verifier does and notes what lies where.
class Dissection {
public:
    Dissection(const Session<E>& session, BytesView proof) : reader_(proof), channel_{transcript_, reader_} {
        const OpeningParameters& p = session.parameters;
        absorb_opening_statement<E>(transcript_, p, session.roots, session.claim);
        rounds(p.first_rounds);
        std::vector<Tree> trees;
        for (std::size_t i = 0; i < p.tables.size(); ++i) {
            const OracleShape shape = p.tables[i].shape.oracle();
            trees.push_back({session.roots[i], shape, p.tables[i].queries, 8 * shape.rows});
        }
        for (const auto& level : p.levels) {
            const Hash root = channel_.receive_digest(opening_label::kRoot).value();
            note(Section::Kind::root);
            query(p, trees);
            rounds(level.shape.log_rows());
            trees = {{root, level.shape, level.queries, 16 * level.shape.rows}};
        }
        channel_.receive_all<E>(opening_label::kVector, p.clear_size).value();
        note(Section::Kind::vector);
        query(p, trees);
        rounds(p.clear_variables());
        EXPECT_TRUE(reader_.finish().has_value());
    }

    std::vector<Section> sections() const { return sections_; }

private:
    struct Tree {
        Hash root;
        OracleShape shape;
        int queries;
        std::size_t leaf_bytes;
    };

    void note(Section::Kind kind) {
        const std::size_t begin = sections_.empty() ? 0 : sections_.back().end;
        sections_.push_back({kind, begin, reader_.position()});
    }
    void rounds(int count) {
        for (int round = 0; round < count; ++round) {
            channel_.receive<E>(opening_label::kRound).value();
            channel_.receive<E>(opening_label::kRound).value();
            note(Section::Kind::round);
            channel_.challenge<E>(opening_label::kChallenge);
        }
    }
    void query(const OpeningParameters& p, const std::vector<Tree>& trees) {
        channel_.check_grinding(opening_label::kWork, p.grinding_bits).value();
        note(Section::Kind::work);
        for (const Tree& tree : trees) {
            const auto positions = opening_order(channel_.positions(
                opening_label::kPositions, static_cast<std::size_t>(tree.queries), tree.shape.log_length()));
            const MerkleShape shape{tree.shape.log_length(), tree.leaf_bytes};
            const auto leaves = receive_merkle_opening(tree.root, shape, positions, reader_).value();
            const std::size_t begin = sections_.back().end;
            sections_.push_back({Section::Kind::leaves, begin, begin + leaves.size()});
            note(Section::Kind::siblings);
        }
        channel_.challenge<E>(opening_label::kJoin);
    }

    Transcript transcript_{"opening test"};
    ProofReader reader_;
    VerifierChannel channel_;
    std::vector<Section> sections_;
};

std::vector<Section> sections_of(Section::Kind kind) {
    std::vector<Section> found;
    for (const Section& section : Dissection(session(), honest_proof()).sections()) {
        if (section.kind == kind && section.begin != section.end) found.push_back(section);
    }
    EXPECT_FALSE(found.empty());
    return found;
}

/// The verdict on the honest proof with one byte changed, at the start, middle and end of a section, there at
/// the lowest byte of a word, so that field elements stay canonical.
std::vector<std::error_code> verdicts_on_altered(const Section& section) {
    std::vector<std::error_code> verdicts;
    const std::size_t words = (section.end - section.begin) / 8;
    for (const std::size_t word : {std::size_t{0}, words / 2, words - 1}) {
        Bytes altered = honest_proof();
        altered[section.begin + 8 * word] ^= 1;
        verdicts.push_back(session().verdict(altered));
    }
    return verdicts;
}

TEST(OpeningForgery, TheHonestProofIsAccepted) {
    EXPECT_EQ(session().verdict(honest_proof()), std::error_code());
}

TEST(OpeningForgery, AlteredLeavesAndSiblingsDoNotLeadToTheRoot) {
    for (const auto kind : {Section::Kind::leaves, Section::Kind::siblings}) {
        for (const Section& section : sections_of(kind)) {
            for (const auto& verdict : verdicts_on_altered(section))
                EXPECT_EQ(verdict, ProofError::merkle_mismatch) << section.begin;
        }
    }
}

// Whatever is absorbed changes all that is drawn after it: the work done is not that of the new transcript.
TEST(OpeningForgery, AlteredMessagesNeedNewWork) {
    const std::size_t last_work = sections_of(Section::Kind::work).back().begin;
    for (const auto kind :
         {Section::Kind::round, Section::Kind::root, Section::Kind::vector, Section::Kind::work}) {
        for (const Section& section : sections_of(kind)) {
            if (section.begin > last_work) continue;
            for (const auto& verdict : verdicts_on_altered(section))
                EXPECT_EQ(verdict, ProofError::wrong_grinding) << section.begin;
        }
    }
}

TEST(OpeningForgery, AlteredLastRoundsMissTheProduct) {
    const std::size_t last_work = sections_of(Section::Kind::work).back().begin;
    for (const Section& section : sections_of(Section::Kind::round)) {
        if (section.begin < last_work) continue;
        for (const auto& verdict : verdicts_on_altered(section))
            EXPECT_EQ(verdict, ProofError::opening_mismatch) << section.begin;
    }
}

TEST(OpeningForgery, ElementsNotBelowTheModulusAreRefused) {
    for (const auto kind : {Section::Kind::round, Section::Kind::vector}) {
        for (const Section& section : sections_of(kind)) {
            Bytes altered = honest_proof();
            std::fill_n(altered.begin() + static_cast<std::ptrdiff_t>(section.end - 8), 8,
                        std::uint8_t{0xff});
            EXPECT_EQ(session().verdict(altered), ProofError::not_canonical);
        }
    }
}

TEST(OpeningForgery, CutAndLengthenedProofsAreRefused) {
    for (const Section& section : Dissection(session(), honest_proof()).sections()) {
        const Bytes cut(honest_proof().begin(),
                        honest_proof().begin() + static_cast<std::ptrdiff_t>(section.end - 1));
        EXPECT_EQ(session().verdict(cut), ProofError::truncated) << section.end;
    }
    EXPECT_EQ(session().verdict({}), ProofError::truncated);
    Bytes longer = honest_proof();
    longer.push_back(0);
    EXPECT_EQ(session().verdict(longer), ProofError::trailing_bytes);
}

// From here on provers follow the transcript they change, as a cheating one would.

TEST(OpeningForgery, AWrongClaim) {
    Session<E> wrong(kCases);
    wrong.claim += E(std::uint64_t{1});
    EXPECT_EQ(wrong.verdict(wrong.prove()), ProofError::opening_mismatch);
}

TEST(OpeningForgery, AWrongFunctional) {
    for (const std::size_t table : {0, 1}) {
        Session<E> wrong(kCases);
        wrong.tables_of_functionals[table][5] += E(std::uint64_t{1});
        EXPECT_EQ(wrong.verdict(wrong.prove()), ProofError::opening_mismatch);
    }
}

TEST(OpeningForgery, AnotherTableThanTheCommittedOne) {
    Session<E> wrong(kCases);
    std::vector<std::int8_t> values = wrong.opened[0]->bytes;
    values[777] = static_cast<std::int8_t>(values[777] ^ 1);
    const CommittedTable under_its_root(kCases[0].shape, std::span<const std::int8_t>(values),
                                        wrong.tables[0]->codeword());
    auto inputs = wrong.inputs();
    inputs[0].table = &under_its_root;
    wrong.claim = apply(under_its_root, inputs[0].functional) + apply(*inputs[1].table, inputs[1].functional);
    EXPECT_EQ(wrong.verdict(wrong.prove_with(inputs)), ProofError::opening_mismatch);
}

/// The verdict on a proof for a root over the weights' codeword with every `step`-th position altered.
std::error_code verdict_on_altered_codeword(std::size_t step) {
    Session<E> wrong(kCases);
    const auto codeword = wrong.tables[0]->codeword();
    std::vector<Goldilocks> altered(codeword.begin(), codeword.end());
    const OracleShape shape = kCases[0].shape.oracle();
    for (std::size_t position = step / 2; position < shape.length(); position += step)
        altered[position * shape.rows + position % shape.rows] += Goldilocks(1);
    const CommittedTable table(kCases[0].shape, wrong.opened[0]->values, altered);
    wrong.roots[0] = table.root();
    auto inputs = wrong.inputs();
    inputs[0].table = &table;
    return wrong.verdict(wrong.prove_with(inputs));
}

TEST(OpeningForgery, ATableThatIsNoCodeword) {
    EXPECT_EQ(verdict_on_altered_codeword(16), ProofError::opening_mismatch);  // few
    EXPECT_EQ(verdict_on_altered_codeword(2), ProofError::opening_mismatch);   // beyond unique decoding
    EXPECT_EQ(verdict_on_altered_codeword(1), ProofError::opening_mismatch);   // all
}

// A word within the unique decoding radius stands for the table it decodes to: one altered position that is
// not queried changes nothing.
TEST(OpeningForgery, AnAlteredPositionThatIsNotQueriedDoesNoHarm) {
    EXPECT_EQ(verdict_on_altered_codeword(kCases[0].shape.oracle().length()), std::error_code());
}

TEST(OpeningForgery, LeavesNotBelowTheModulusAreRefused) {
    Session<E> wrong(kCases);
    const auto codeword = wrong.tables[0]->codeword();
    std::vector<Goldilocks> altered(codeword.begin(), codeword.end());
    std::memset(static_cast<void*>(altered.data()), 0xff, altered.size() * sizeof(Goldilocks));
    const CommittedTable table(kCases[0].shape, wrong.opened[0]->values, altered);
    wrong.roots[0] = table.root();
    auto inputs = wrong.inputs();
    inputs[0].table = &table;
    EXPECT_EQ(wrong.verdict(wrong.prove_with(inputs)), ProofError::not_canonical);
}

/// Deviates from the protocol at one point and follows it everywhere else.
class CheatingProver : public OpeningProver<E> {
public:
    using OpeningProver<E>::OpeningProver;

    int round_to_alter = -1;
    bool alter_square = false;
    /// Of the vector committed at the first level; of its codeword; of the vector in clear.
    bool alter_level = false, alter_codeword = false, alter_clear = false;

protected:
    RoundSums<E> message(const RoundSums<E>& honest) override {
        RoundSums<E> sent = honest;
        if (round_++ == round_to_alter) (alter_square ? sent.infinity : sent.zero) += E(std::uint64_t{1});
        return sent;
    }
    Oracle commit(std::span<const E> vector, const OracleShape& shape) override {
        std::vector<E> values(vector.begin(), vector.end());
        if (alter_level) values[values.size() / 2] += E(std::uint64_t{1});
        if (!alter_codeword) return {std::span<const E>(values), shape};
        const Oracle honest(std::span<const E>(values), shape);
        codeword_.assign(honest.codeword().begin(), honest.codeword().end());
        for (std::size_t i = 0; i < codeword_.size(); i += 8)
            codeword_[i] += Goldilocks(1);
        return {std::span<const Goldilocks>(codeword_), shape};
    }
    std::vector<E> in_clear(std::span<const E> vector) override {
        std::vector<E> sent(vector.begin(), vector.end());
        if (alter_clear) sent[3] += E(std::uint64_t{1});
        return sent;
    }

private:
    int round_ = 0;
    std::vector<Goldilocks> codeword_;
};

template <typename Deviate>
std::error_code verdict_on_cheating(Deviate deviate) {
    const auto inputs = session().inputs();
    Transcript transcript("opening test");
    ProofWriter proof;
    ProverChannel channel{transcript, proof};
    absorb_opening_statement<E>(transcript, session().parameters, session().roots, session().claim);
    CheatingProver prover(session().parameters, inputs, channel);
    deviate(prover);
    prover.prove();
    return session().verdict(proof.bytes());
}

TEST(OpeningForgery, ACheatingProverWhoDoesNotCheatIsAccepted) {
    EXPECT_EQ(verdict_on_cheating([](CheatingProver&) {}), std::error_code());
}

TEST(OpeningForgery, AnyRoundsMessage) {
    const OpeningParameters& p = session().parameters;
    const int rounds = p.first_rounds + p.stack_variables();
    for (int round = 0; round < rounds; ++round) {
        for (const bool square : {false, true}) {
            const auto verdict = verdict_on_cheating([&](CheatingProver& prover) {
                prover.round_to_alter = round;
                prover.alter_square = square;
            });
            EXPECT_EQ(verdict, ProofError::opening_mismatch) << round;
        }
    }
}

TEST(OpeningForgery, ALevelOverAnotherVector) {
    EXPECT_EQ(verdict_on_cheating([](CheatingProver& prover) { prover.alter_level = true; }),
              ProofError::opening_mismatch);
}

TEST(OpeningForgery, ALevelThatIsNoCodeword) {
    EXPECT_EQ(verdict_on_cheating([](CheatingProver& prover) { prover.alter_codeword = true; }),
              ProofError::opening_mismatch);
}

TEST(OpeningForgery, AnotherVectorInClear) {
    EXPECT_EQ(verdict_on_cheating([](CheatingProver& prover) { prover.alter_clear = true; }),
              ProofError::opening_mismatch);
}

// Drawn positions repeat where codes are short; each is opened once.
TEST(OpeningForgery, RepeatedPositionsAreOpenedOnce) {
    const Session<E> small({{{4, 1, 1}, Kind::field, Form::dense}});
    const Bytes proof = small.prove();
    EXPECT_EQ(small.verdict(proof), std::error_code());
    const auto sections = Dissection(small, proof).sections();
    const auto leaves = std::ranges::find(sections, Section::Kind::leaves, &Section::kind);
    ASSERT_NE(leaves, sections.end());
    EXPECT_EQ(leaves->end - leaves->begin, 16 * 2 * 8);
}

}  // namespace
}  // namespace valence::zk
