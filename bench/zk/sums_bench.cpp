// What the sumchecks cost: LogUp's sums of fractions per leaf, sums of products and weights per element, rows
// combined per weight. CPU time of one thread; with two threads the time that passes.
#include <chrono>
#include <random>

#include "bench/zk/measure.hpp"
#include <fmt/format.h>
#include <tbb/task_arena.h>

#include "valence/zk/prover/bilinear_sum.hpp"
#include "valence/zk/prover/fractional_sum.hpp"
#include "valence/zk/prover/kernels/row_combination.hpp"
#include "valence/zk/prover/polynomial/eq_table.hpp"
#include "valence/zk/prover/polynomial/multilinear.hpp"
#include "valence/zk/verifier/fractional_sum.hpp"

namespace valence {
namespace {

using zk::Goldilocks;

std::mt19937_64 random_words(11);

template <typename E>
std::vector<E> random_elements(std::size_t count) {
    std::vector<E> elements(count);
    for (E& element : elements) {
        typename E::Coefficients c;
        for (Goldilocks& x : c)
            x = Goldilocks(random_words());
        element = E(c);
    }
    return elements;
}

std::vector<Goldilocks> random_base(std::size_t count) {
    std::vector<Goldilocks> elements(count);
    for (Goldilocks& element : elements)
        element = Goldilocks(random_words());
    return elements;
}

/// Of several calls, in seconds that pass.
template <typename Function>
double smallest_wall_seconds(const Function& function, double budget = 1.0) {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    std::chrono::duration<double> best(1e9);
    while (Clock::now() - begin < std::chrono::duration<double>(budget)) {
        const auto start = Clock::now();
        function();
        best = std::min<std::chrono::duration<double>>(best, Clock::now() - start);
    }
    return best.count();
}

/// One row: nanoseconds per element with one thread and with two.
template <typename Function>
void print_row(std::string_view what, std::size_t elements, const Function& function) {
    const double scale = 1e9 / static_cast<double>(elements);
    tbb::task_arena one(1), two(2);
    const double cpu = one.execute([&] { return bench::smallest_seconds(function, 0.6); });
    const double wall = one.execute([&] { return smallest_wall_seconds(function); });
    const double both = two.execute([&] { return smallest_wall_seconds(function); });
    fmt::print("{:<46} {:9} {:9.2f} {:9.2f} {:9.2f}  ×{:.2f}\n", what, elements, cpu * scale, wall * scale,
               both * scale, wall / both);
}

/// All numerators 1, or `tables` of them not, as a lookup argument's are.
template <typename E>
void fractions(std::size_t leaves, std::size_t tables) {
    const auto denominators = random_elements<E>(leaves);
    const auto rest = random_base(tables);
    const zk::Numerators numerators{leaves - tables, rest};
    Bytes proof;
    print_row(fmt::format("LogUp leaf, degree {}, {:.0f} % of tables", E::kDegree,
                          100.0 * static_cast<double>(tables) / static_cast<double>(leaves)),
              leaves, [&] {
                  zk::Transcript transcript("bench");
                  zk::ProofWriter writer;
                  zk::ProverChannel channel{transcript, writer};
                  zk::prove_fractional_sum<E>(numerators, denominators, channel);
                  proof = writer.take();
              });
}

/// Fractions that do cancel, since only those are verified to the end.
template <typename E>
void verify_fractions(std::size_t log_leaves) {
    std::vector<E> denominators = random_elements<E>(std::size_t{1} << log_leaves);
    const std::size_t half = denominators.size() / 2;
    for (std::size_t i = 0; i < half; ++i)
        denominators[half + i] = denominators[i];
    const std::vector<Goldilocks> rest(half, Goldilocks::of(-1));
    zk::Transcript transcript("bench");
    zk::ProofWriter writer;
    zk::ProverChannel channel{transcript, writer};
    zk::prove_fractional_sum<E>({half, rest}, denominators, channel);
    const double seconds = bench::smallest_seconds([&] {
        zk::Transcript heard("bench");
        zk::ProofReader reader(writer.bytes());
        zk::VerifierChannel listener{heard, reader};
        VALENCE_CHECK(zk::verify_fractional_sum<E>(denominators.size(), listener).has_value());
    });
    fmt::print("verifying 2^{} leaves, degree {}: {:.1f} µs, {} bytes\n", log_leaves, E::kDegree,
               1e6 * seconds, writer.bytes().size());
}

template <typename E>
void products(std::size_t size) {
    const auto left = random_elements<E>(size), right = random_elements<E>(size);
    const auto base = random_base(size);
    const auto prove = [&](const zk::BilinearTerm<E>& term) {
        zk::Transcript transcript("bench");
        zk::ProofWriter writer;
        zk::ProverChannel channel{transcript, writer};
        zk::prove_bilinear_sum<E>(std::span(&term, 1), E(), channel);
    };
    print_row(fmt::format("product, degree {}", E::kDegree), size,
              [&] { prove(zk::BilinearTerm<E>(std::span<const E>(left), right)); });
    print_row(fmt::format("product, left base, degree {}", E::kDegree), size,
              [&] { prove(zk::BilinearTerm<E>(std::span<const Goldilocks>(base), right)); });
}

template <typename E>
void tables(int log_size) {
    const auto point = random_elements<E>(static_cast<std::size_t>(log_size));
    const std::size_t size = std::size_t{1} << log_size;
    print_row(fmt::format("eq table, degree {}", E::kDegree), size, [&] { zk::eq_table<E>(point); });
    const auto a = random_elements<E>(size), b = random_elements<E>(size);
    E sum;
    print_row(fmt::format("inner product, degree {}", E::kDegree), size,
              [&] { sum += zk::inner_product<E>(std::span<const E>(a), b); });
    const auto base = random_base(size);
    print_row(fmt::format("inner product with base, degree {}", E::kDegree), size,
              [&] { sum += zk::inner_product<E>(std::span<const Goldilocks>(base), b); });
}

/// Rows of small integers with coefficients of E, in units of 10^9 weights a second.
template <typename E, typename T>
void rows(std::string_view type, std::size_t count, std::size_t columns) {
    std::vector<T> values(count * columns);
    for (T& value : values)
        value = static_cast<T>(random_words());
    const auto coefficients = random_elements<E>(count);
    std::vector<E> sums(columns);
    const double seconds = tbb::task_arena(1).execute(
        [&] { return bench::smallest_seconds([&] { zk::combine_rows<E, T>(values, coefficients, sums); }); });
    fmt::print("{:<28} {:5} × {:<7} degree {}  {:6.2f} G/s\n", type, count, columns, E::kDegree,
               1e-9 * static_cast<double>(values.size()) / seconds);
}

template <typename E>
void all() {
    for (const int log_leaves : {12, 16, 20})
        fractions<E>(std::size_t{1} << log_leaves, 0);
    fractions<E>(std::size_t{1} << 20, std::size_t{1} << 17);
    fractions<E>(std::size_t{3} << 18, std::size_t{1} << 16);
    fractions<E>(std::size_t{1} << 17, std::size_t{3} << 15);
    for (const int log_size : {12, 16, 20}) {
        products<E>(std::size_t{1} << log_size);
        tables<E>(log_size);
    }
}

}  // namespace
}  // namespace valence

int main() {
    using namespace valence;
    fmt::print("{:<46} {:>9} {:>9} {:>9} {:>9}\n", "ns per element", "elements", "CPU", "1 thread",
               "2 threads");
    all<zk::Extension2>();
    all<zk::Extension3>();
    verify_fractions<zk::Extension2>(16);
    verify_fractions<zk::Extension2>(20);
    verify_fractions<zk::Extension3>(16);
    for (const std::size_t count : {32, 128, 1024}) {
        rows<zk::Extension2, std::int8_t>("int8 rows", count, (std::size_t{1} << 18) / count);
        rows<zk::Extension2, std::int16_t>("int16 rows", count, (std::size_t{1} << 17) / count);
    }
    rows<zk::Extension2, std::int8_t>("int8 rows from memory", 1024, std::size_t{1} << 16);
    rows<zk::Extension3, std::int8_t>("int8 rows", 128, 2048);
    return 0;
}
