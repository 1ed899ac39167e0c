// Statements about committed tables of random values, proved and verified: what tests of openings share.
#pragma once

#include <memory>
#include <random>
#include <vector>

#include "valence/zk/protocol/commitment/opening_steps.hpp"
#include "valence/zk/prover/commitment/opening.hpp"
#include "valence/zk/prover/polynomial/multilinear.hpp"
#include "valence/zk/verifier/opening.hpp"

namespace valence::zk::testing {

template <typename E>
E random_element(std::mt19937_64& random) {
    typename E::Coefficients c;
    for (Goldilocks& x : c)
        x = Goldilocks(random());
    return E(c);
}

template <typename E>
std::vector<E> random_elements(std::size_t count, std::mt19937_64& random) {
    std::vector<E> elements(count);
    for (E& element : elements)
        element = random_element<E>(random);
    return elements;
}

/// How a case's functional on a table is given.
enum class Form { dense, products, both };
/// How its values are stored.
enum class Kind { int8, int16, field };

struct TableCase {
    TableShape shape;
    Kind kind = Kind::field;
    Form form = Form::dense;
};

/// A table with values and functional, as prover and verifier have them.
template <typename E>
struct Opened {
    std::vector<std::int8_t> bytes;
    std::vector<std::int16_t> shorts;
    std::vector<Goldilocks> elements;
    TableValues values;
    TableFunctional<E> functional;

    Opened(const TableCase& c, std::mt19937_64& random) {
        const std::size_t size = std::size_t{1} << c.shape.variables;
        for (std::size_t i = 0; i < size; ++i) {
            bytes.push_back(static_cast<std::int8_t>(random()));
            shorts.push_back(static_cast<std::int16_t>(random()));
            elements.emplace_back(random());
        }
        // Rows that are not used are zero.
        for (std::size_t at = c.shape.oracle().rows << c.shape.oracle().log_columns; at < size; ++at) {
            bytes[at] = 0;
            shorts[at] = 0;
            elements[at] = Goldilocks();
        }
        // Some keep them and some do not.
        const std::size_t kept = c.shape.oracle().rows << c.shape.oracle().log_columns;
        if (c.kind == Kind::int8) values = std::span<const std::int8_t>(bytes).first(kept);
        if (c.kind == Kind::int16) values = std::span<const std::int16_t>(shorts);
        if (c.kind == Kind::field) values = std::span<const Goldilocks>(elements).first(kept);
        const OracleShape shape = c.shape.matrix();
        if (c.form != Form::products) {
            const auto dense = random_elements<E>(size, random);
            functional.dense.assign(dense.begin(), dense.end());
        }
        if (c.form != Form::dense) {
            // Two blocks of columns, and one over all of them.
            const std::size_t split = shape.columns() / 3;
            for (const auto& [first, count] :
                 {std::pair{std::size_t{0}, split}, std::pair{split, shape.columns() - split},
                  std::pair{std::size_t{0}, shape.columns()}}) {
                if (count == 0) continue;
                functional.products.push_back({.first_column = first,
                                               .columns = random_elements<E>(count, random),
                                               .factors = random_elements<E>(shape.rows, random),
                                               .sums = {}});
            }
            // And the same few columns again and again.
            const std::size_t stride = shape.columns() / 5, length = (stride + 1) / 2;
            if (length != 0) {
                functional.products.push_back({.first_column = 1,
                                               .columns = random_elements<E>(length, random),
                                               .repeats = 3,
                                               .stride = stride,
                                               .factors = random_elements<E>(3 * shape.rows, random),
                                               .sums = {}});
            }
        }
    }

    std::vector<E> expanded(const OracleShape& shape) const {
        std::vector<E> table(functional.dense.begin(), functional.dense.end());
        table.resize(shape.rows * shape.columns());
        for (const auto& product : functional.products) {
            for (std::size_t i = 0; i < product.factors.size(); ++i) {
                const std::size_t row = i / product.repeats, repeat = i % product.repeats;
                E* const at =
                    table.data() + row * shape.columns() + product.first_column + repeat * product.stride;
                for (std::size_t j = 0; j < product.columns.size(); ++j)
                    at[j] += product.factors[i] * product.columns[j];
            }
        }
        return table;
    }
};

/// A statement about a few tables, proved and verified.
template <typename E>
class Session {
public:
    explicit Session(const std::vector<TableCase>& cases, const SecurityProfile& profile = kProfileOf<E>)
        : parameters(parameters_for(cases, profile)) {
        std::mt19937_64 random(cases.size() * 100 + static_cast<std::size_t>(cases[0].shape.variables));
        for (const TableCase& c : cases) {
            opened.push_back(std::make_unique<Opened<E>>(c, random));
            tables.push_back(std::make_unique<CommittedTable>(c.shape, opened.back()->values));
            roots.push_back(tables.back()->root());
            claim += apply(*tables.back(), opened.back()->functional);
            tables_of_functionals.push_back(opened.back()->expanded(c.shape.matrix()));
        }
    }

    std::vector<OpeningInput<E>> inputs() const {
        std::vector<OpeningInput<E>> all;
        for (std::size_t i = 0; i < tables.size(); ++i)
            all.push_back({tables[i].get(), opened[i]->functional});
        return all;
    }
    Bytes prove() const { return prove_with(inputs()); }
    Bytes prove_with(const std::vector<OpeningInput<E>>& inputs) const {
        Transcript transcript("opening test");
        ProofWriter proof;
        ProverChannel channel{transcript, proof};
        prove_opening<E>(parameters, inputs, claim, channel);
        return proof.take();
    }

    Result<void> verify(BytesView bytes) const {
        Transcript transcript("opening test");
        ProofReader reader(bytes);
        VerifierChannel channel{transcript, reader};
        std::vector<FunctionalAtPoint<E>> functionals;
        for (const auto& table : tables_of_functionals)
            functionals.push_back([&table](std::span<const E> point) { return evaluate<E>(table, point); });
        BOOST_OUTCOME_TRYV(verify_opening<E>(parameters, roots, functionals, claim, channel));
        return reader.finish();
    }
    std::error_code verdict(BytesView bytes) const {
        const auto result = verify(bytes);
        return result ? std::error_code() : result.error().code;
    }

    OpeningParameters parameters;
    std::vector<std::unique_ptr<Opened<E>>> opened;
    std::vector<std::unique_ptr<CommittedTable>> tables;
    std::vector<std::vector<E>> tables_of_functionals;
    std::vector<Hash> roots;
    E claim{};

private:
    static OpeningParameters parameters_for(const std::vector<TableCase>& cases,
                                            const SecurityProfile& profile) {
        std::vector<TableShape> shapes;
        for (const TableCase& c : cases)
            shapes.push_back(c.shape);
        return opening_parameters(profile, shapes).value();
    }
};

}  // namespace valence::zk::testing
