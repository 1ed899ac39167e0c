// What committing to tables and opening them costs: once for weights, in every proof for the rest.
#include <random>

#include "bench/zk/measure.hpp"
#include <fmt/format.h>
#include <tbb/global_control.h>

#include "valence/zk/protocol/commitment/opening_steps.hpp"
#include "valence/zk/protocol/merkle/merkle_opening.hpp"
#include "valence/zk/prover/commitment/opening.hpp"
#include "valence/zk/prover/commitment/query_table.hpp"
#include "valence/zk/prover/commitment/row_rounds.hpp"
#include "valence/zk/prover/kernels/row_combination.hpp"
#include "valence/zk/verifier/opening.hpp"

namespace valence {
namespace {

using namespace zk;
using E = Extension2;

std::vector<E> random_elements(std::size_t count, std::mt19937_64& random) {
    std::vector<E> elements(count);
    for (E& element : elements)
        element = E(E::Coefficients{Goldilocks(random()), Goldilocks(random())});
    return elements;
}

/// Values and a functional of the form that layers have on their weights: a product of rows and columns.
struct Weights {
    explicit Weights(int variables) : shape(weight_shape(variables)), values(std::size_t{1} << variables) {
        std::mt19937_64 random(static_cast<std::uint64_t>(variables));
        for (auto& value : values)
            value = static_cast<std::int8_t>(random());
        point = random_elements(static_cast<std::size_t>(variables), random);
        const auto split = static_cast<std::size_t>(shape.log_rows);
        const std::span<const E> all(point);
        product.columns = eq_weights<E>(all.subspan(split));
        product.factors = eq_weights<E>(all.first(split));
    }
    TableShape shape;
    std::vector<std::int8_t> values;
    std::vector<E> point;
    RowProduct<E> product;
};

/// Field elements and any functional.
struct Witness {
    explicit Witness(int variables) : shape(witness_shape(variables)) {
        std::mt19937_64 random(static_cast<std::uint64_t>(variables));
        for (std::size_t i = 0; i < std::size_t{1} << variables; ++i)
            values.push_back(Goldilocks::of(static_cast<std::int16_t>(random())));
        point = random_elements(static_cast<std::size_t>(variables), random);
        dense = eq_weights<E>(point);
    }
    TableShape shape;
    std::vector<Goldilocks> values;
    std::vector<E> point;
    std::vector<E> dense;
};

FunctionalAtPoint<E> at_point(const std::vector<E>& of) {
    return [&of](std::span<const E> point) {
        const E one(std::uint64_t{1});
        E value = one;
        for (std::size_t i = 0; i < of.size(); ++i)
            value *= of[i] * point[i] + (one - of[i]) * (one - point[i]);
        return value;
    };
}

constexpr double kMilliseconds = 1e3;

void measure(int weight_variables, int witness_variables) {
    Weights weights(weight_variables);
    const Witness witness(witness_variables);
    std::optional<CommittedTable> weight_table, witness_table;
    const double commit_weights = bench::smallest_seconds(
        [&] { weight_table.emplace(weights.shape, std::span<const std::int8_t>(weights.values)); });
    std::vector<TableShape> shapes{weights.shape};
    double commit_witness = 0;
    if (witness_variables > 0) {
        shapes.push_back(witness.shape);
        commit_witness = bench::smallest_seconds(
            [&] { witness_table.emplace(witness.shape, std::span<const Goldilocks>(witness.values)); });
    }
    const auto parameters = opening_parameters(kProfile100, shapes).value();

    std::vector<OpeningInput<E>> inputs{{&*weight_table, {{}, {weights.product}}}};
    std::vector<FunctionalAtPoint<E>> functionals{at_point(weights.point)};
    std::vector<Hash> roots{weight_table->root()};
    E claim = apply(*weight_table, inputs[0].functional);
    if (witness_table) {
        inputs.push_back({&*witness_table, {{witness.dense.begin(), witness.dense.end()}, {}}});
        functionals.push_back(at_point(witness.point));
        roots.push_back(witness_table->root());
        claim += apply(*witness_table, inputs[1].functional);
    }
    Bytes proof;
    const auto open = [&] {
        Transcript transcript("bench");
        ProofWriter writer;
        ProverChannel channel{transcript, writer};
        prove_opening<E>(parameters, inputs, claim, channel);
        proof = writer.take();
    };
    const double open_and_sum = bench::smallest_seconds(open);
    auto& product = inputs[0].functional.products[0];
    product.sums = sums_of(weight_table->values(), weights.shape.oracle(), product);
    const double open_only = bench::smallest_seconds(open);
    bool accepted = false;
    const double verify = bench::smallest_seconds([&] {
        Transcript transcript("bench");
        ProofReader reader(proof);
        VerifierChannel channel{transcript, reader};
        accepted = verify_opening<E>(parameters, roots, functionals, claim, channel).has_value();
    });
    fmt::print("2^{:<2} {:>6} {:>10.2f} {:>10.2f} {:>10.2f} {:>10.2f} {:>10.3f} {:>10.1f} {}\n",
               weight_variables, witness_variables > 0 ? fmt::format("+ 2^{}", witness_variables) : "",
               kMilliseconds * commit_weights, kMilliseconds * commit_witness, kMilliseconds * open_and_sum,
               kMilliseconds * open_only, kMilliseconds * verify, static_cast<double>(proof.size()) / 1024,
               accepted ? "" : "REFUSED");
}

void print_kernel(std::string_view what, double seconds, std::size_t elements) {
    fmt::print("{:<52} {:>9.3f} ms {:>8.3f} ns an element\n", what, kMilliseconds * seconds,
               1e9 * seconds / static_cast<double>(elements));
}

/// The parts that make up the opening of 2^22 weights.
void measure_kernels() {
    const Weights weights(22);
    const std::span<const std::int8_t> values(weights.values);
    std::mt19937_64 random(1);
    std::vector<E> row(weights.shape.oracle().columns());
    print_kernel("rows of int8 combined", bench::smallest_seconds([&] {
                     combine_rows<E, std::int8_t>(values, weights.product.factors, row);
                 }),
                 values.size());
    print_kernel("row sums of int8", bench::smallest_seconds([&] {
                     sums_of<E>(values, weights.shape.oracle(), weights.product);
                 }),
                 values.size());
    for (const int rate : {1, 2, 3}) {
        const OracleShape shape{16, 12, rate};
        const auto vector = random_elements(std::size_t{1} << 16, random);
        std::optional<Oracle> oracle;
        std::vector<Goldilocks> codeword(shape.length() * 32);
        print_kernel(fmt::format("2^16 extension elements encoded, rate 1/{}", 1 << rate),
                     bench::smallest_seconds([&] { encode<E>(vector, shape, codeword); }), codeword.size());
        print_kernel("    and hashed", bench::smallest_seconds([&] {
                         oracle.emplace(std::span<const Goldilocks>(codeword), shape);
                     }),
                     codeword.size());
    }
    const OracleShape shape = weights.shape.oracle();
    const auto positions = [&] {
        std::vector<std::uint64_t> drawn(133);
        for (auto& position : drawn)
            position = random() % shape.length();
        return opening_order(std::move(drawn));
    }();
    const auto coefficients = random_elements(positions.size(), random);
    print_kernel(
        fmt::format("functionals of {} queries on 2^{}", positions.size(), shape.log_columns),
        bench::smallest_seconds([&] { add_query_functionals<E>(shape, positions, coefficients, row); }),
        row.size());
    const auto left = random_elements(std::size_t{1} << 17, random);
    print_kernel("sumcheck of 5 rounds on 2^17", bench::smallest_seconds([&] {
                     RunningProduct<E> rounds{std::span<const E>(left), std::span<const E>(left)};
                     for (int round = 0; round < 5; ++round) {
                         rounds.message();
                         rounds.bind(left[static_cast<std::size_t>(round)]);
                     }
                     rounds.left();
                     rounds.right();
                 }),
                 left.size());
}

}  // namespace
}  // namespace valence

int main(int argc, char** argv) {
    using namespace valence;
    const tbb::global_control one_core(tbb::global_control::max_allowed_parallelism, 1);
    const bool large = argc > 1 && std::string_view(argv[1]) == "--large";
    measure_kernels();
    fmt::print("\n{:<11} {:>10} {:>10} {:>10} {:>10} {:>10} {:>10}\n", "values", "commit", "+ witness",
               "open + sums", "open", "verify ms", "KiB");
    for (const auto& [weights, witness] :
         {std::pair{12, 0}, {16, 0}, {20, 0}, {22, 0}, {16, 10}, {18, 14}, {22, 14}})
        measure(weights, witness);
    if (large) {
        measure(24, 0);
        measure(24, 20);
    }
}
