// The flags, left out of the transcript: chosen when α and γ are known, a thousand of them are so many ways
// to read one committed vector that some way makes false fractions cancel. Absorbed, each way has other α, γ.
#include <gtest/gtest.h>

#include "valence/ml/reference/evaluate.hpp"
#include "valence/zk/accountability/samples.hpp"
#include "valence/zk/accountability/transcript/generalised_birthday.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {
namespace {

using testing::Attempt;
using testing::Attempted;
using testing::Conversation;
using testing::Sample;
using E = Extension2;

// A model of 1,024 requantisations of one element, whose sum is the output. Each has a column of its result
// and one limb of it; each flag adds two columns (15 bits: the excess and a limb) or four (30 bits: three
// limbs). Eight requantisations are a group, with 16 times two columns of excess however they are shared out,
// so that a group's flags move nothing that lies outside it.
constexpr std::size_t kGroups = 128, kMembers = 8, kUnits = 16;
constexpr std::size_t kCells = 2 * (kMembers + kUnits);
constexpr std::size_t kMostChoices = std::size_t{1} << 16;

const Sample& many_requantisations() {
    static const Sample sample = [] {
        const ml::Tensor one{ml::ElementType::activation, ml::Shape{1}, 8};
        constexpr std::size_t kCount = kGroups * kMembers;
        ml::Graph graph;
        graph.main.tensors.assign(kCount + 2, one);
        ml::Node sum{ml::Combination{std::vector<std::int32_t>(kCount, 1), {}, {.shift = 8, .low = 0}},
                     {},
                     {kCount + 1},
                     "sum"};
        for (ml::TensorId y = 1; y <= kCount; ++y) {
            graph.main.nodes.push_back(
                {ml::Combination{{1}, {}, {.shift = 8, .low = 0, .high = (1 << 14) - 1}}, {0}, {y}, "y"});
            sum.inputs.push_back(y);
        }
        graph.main.nodes.push_back(sum);
        graph.main.inputs = {0};
        graph.main.outputs = {kCount + 1};
        graph.inputs.push_back({"x", "", 0, {}});
        graph.outputs.push_back({"y", "", kCount + 1, {}});
        return Sample{ProvingModel::commit(std::make_shared<const ml::Graph>(graph)).value(),
                      {ml::Values{ml::ElementType::activation, {1}, {0}}}};
    }();
    return sample;
}

using Group = std::array<Saturation, kMembers>;
constexpr Saturation kAlike{Excess::bits_15, Excess::bits_15};

/// Results and excesses, at even places, are 0, as they are of this input; limbs are anything, and false. In
/// whatever way its flags say that a group is to be read, no zero is violated.
Goldilocks cell(std::size_t group, std::size_t place) {
    return place % 2 == 0 ? Goldilocks() : Goldilocks(300 + group * kCells + place);
}

/// The fractions of a group's limbs.
class Fractions {
public:
    /// α, γ_0, γ_1, γ_2
    explicit Fractions(const std::vector<E>& drawn) : alpha_(drawn[0]), selector_(drawn[2]), x_(drawn[3]) {}

    /// Of a value of so many bits from `place` on; 0, of which its limbs are taken.
    E value(std::size_t group, std::size_t place, int bits) const {
        E sum;
        Goldilocks rest;
        Goldilocks unit(1);
        for (; bits > 8; bits -= 8, unit *= Goldilocks(256)) {
            const Goldilocks limb = cell(group, ++place);
            rest -= unit * limb;
            sum += of(8, limb);
        }
        return sum + of(static_cast<std::uint64_t>(bits), rest * unit.inverse());
    }

private:
    E of(std::uint64_t bits, Goldilocks limb) const {
        return (alpha_ - selector_ * Goldilocks(bits) - x_ * limb).inverse();
    }
    E alpha_, selector_, x_;
};

/// Ways to share a group's columns out, and by how much its fractions then add up to more than they do if all
/// its flags are of 15 bits.
struct Choices {
    std::vector<Group> groups;
    std::vector<E> sums;
};

/// values[place][bits / 15]: the fractions of a value there; of 14 bits in the place of 0.
using Values = std::array<std::array<E, 3>, kCells>;

E of_member(const Values& values, std::size_t place, const Saturation& flags) {
    const auto above = static_cast<std::size_t>(flags.above), below = static_cast<std::size_t>(flags.below);
    E sum = values[place][0];
    if (above != 0) sum += values[place + 2][above];
    if (below != 0) sum += values[place + 2 + 2 * above][below];
    return sum;
}

void choose(const Values& values, std::size_t member, std::size_t place, const E& sum, Group& group,
            Choices& to) {
    if (to.groups.size() == kMostChoices) return;
    if (member == kMembers) {
        if (place != kCells) return;
        to.groups.push_back(group);
        to.sums.push_back(sum);
        return;
    }
    for (std::size_t above = 0; above < 3; ++above) {
        // Only below what only above also gives.
        for (std::size_t below = 0; below <= (above == 0 ? 0 : 2); ++below) {
            group[member] = {static_cast<Excess>(above), static_cast<Excess>(below)};
            const std::size_t end = place + 2 * (1 + above + below);
            if (end + 2 * (kMembers - 1 - member) > kCells) continue;
            choose(values, member + 1, end, sum + of_member(values, place, group[member]), group, to);
        }
    }
}

Choices choices_of(std::size_t group, const Fractions& fractions) {
    Values values;
    for (std::size_t place = 0; place < kCells; place += 2) {
        values[place][0] = fractions.value(group, place, 14);
        for (std::size_t bits : {1, 2}) {
            if (place + 2 * bits <= kCells)
                values[place][bits] = fractions.value(group, place, static_cast<int>(15 * bits));
        }
    }
    Choices choices;
    E alike;
    for (std::size_t member = 0; member < kMembers; ++member)
        alike += of_member(values, kCells / kMembers * member, kAlike);
    Group so_far;
    choose(values, 0, 0, -alike, so_far, choices);
    return choices;
}

/// What the vector's columns are, one after the other: the groups' cells, the false result 1 with its limb,
/// and multiplicities, which are as they are at first.
using Vector = std::vector<Goldilocks>;

Attempt forged_as(const std::vector<Group>& groups, Vector& vector) {
    Attempt what = many_requantisations().honest();
    what.flag = [&groups](std::size_t number, Saturation own) {
        return number < kGroups * kMembers ? groups[number / kMembers][number % kMembers] : own;
    };
    what.forge = [&vector](const Circuit& circuit, Assignment& assignment) {
        const bool first = vector.empty();
        if (first) {
            for (std::size_t group = 0; group < kGroups; ++group) {
                for (std::size_t place = 0; place < kCells; ++place)
                    vector.push_back(cell(group, place));
            }
            vector.insert(vector.end(), {Goldilocks(1), Goldilocks(1)});
        }
        std::vector<Assignment::Forgery> forgeries;
        for (ColumnId column = 0; column < circuit.columns.size(); ++column) {
            circuit.columns[column].layout.for_each([&](std::uint64_t k, std::uint64_t at) {
                if (at < vector.size()) forgeries.push_back({column, k, vector[at]});
            });
        }
        assignment.forge(circuit, forgeries, Assignment::Others::stay);
        const auto multiplicities = assignment.column(static_cast<ColumnId>(circuit.columns.size() - 1));
        if (first) vector.insert(vector.end(), multiplicities.begin(), multiplicities.end());
    };
    return what;
}

class Forger : public Conversation {
public:
    explicit Forger(std::uint8_t context) : context_(context) {
        when_drawn<E>([this](std::string_view label, E& challenge) {
            if (label == "alpha" || label == "gamma") drawn_.push_back(challenge);
        });
    }

    Attempted run_as(const std::vector<Group>& groups) {
        drawn_.clear();
        Attempt what = forged_as(groups, vector_);
        what.context = {context_};
        return run(many_requantisations().model, what);
    }
    BytesView root() const { return items()[number("witness")].honest.bytes; }

    /// Flags with which the fractions cancel that do not in the run before; nothing if none are found.
    std::vector<Group> flags_that_cancel() const {
        const auto& sums = items()[number("fractions")].honest;
        const E excess = sums.element<E>(0) * sums.element<E>(2).inverse() +
                         sums.element<E>(1) * sums.element<E>(3).inverse();
        const Fractions fractions(drawn_);
        std::vector<Choices> choices;
        std::vector<std::vector<E>> lists;
        for (std::size_t group = 0; group < kGroups; ++group) {
            choices.push_back(choices_of(group, fractions));
            lists.push_back(choices.back().sums);
        }
        for (E& sum : lists[0])
            sum += excess;
        const auto chosen = testing::that_add_up_to_nothing(lists);
        std::vector<Group> flags;
        for (std::size_t group = 0; group < chosen.size(); ++group)
            flags.push_back(choices[group].groups[chosen[group]]);
        return flags;
    }

private:
    std::uint8_t context_;
    Vector vector_;
    std::vector<E> drawn_;
};

TEST(DroppedFlags, AreChosenSoThatFalseFractionsCancel) {
    const ProvableModel& model = many_requantisations().model.provable();
    Group alike;
    alike.fill(kAlike);
    const std::vector<Group> usual(kGroups, alike);
    Forger counting(0);
    counting.run_as(usual);
    const std::size_t flags = counting.number("flags");

    std::vector<Group> others;
    for (std::uint8_t context = 0; others.empty(); ++context) {
        ASSERT_LT(context, 8);
        Forger forger(context);
        forger.dropped = {flags};
        EXPECT_EQ(verdict_without(forger, model, forger.run_as(usual)), ProofError::lookup_mismatch);
        const Bytes root = base::to_bytes(forger.root());
        others = forger.flags_that_cancel();
        if (others.empty()) continue;
        const Attempted forged = forger.run_as(others);
        EXPECT_TRUE(base::equal(forger.root(), root));
        EXPECT_EQ(forged.outputs[0].data[0], 1);
        EXPECT_EQ(ml::evaluate(many_requantisations().model.graph(), forged.inputs).value()[0].data[0], 0);
        EXPECT_EQ(verdict_without(forger, model, forged), std::error_code());
    }
    // These flags, absorbed, have other α and γ.
    Forger absorbing(0);
    absorbing.run_as(usual);
    EXPECT_EQ(verdict(model, absorbing.run_as(others)), ProofError::lookup_mismatch);
}

}  // namespace
}  // namespace valence::zk
