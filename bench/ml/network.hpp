// Integer graphs with seeded weights in the shapes of models/benchmark, built layer by layer.
#pragma once

#include <string>
#include <vector>

#include "valence/ml/graph/graph.hpp"

namespace bench {

using valence::ml::Graph;
using valence::ml::Shape;
using valence::ml::TensorId;
using valence::ml::WeightId;

enum class Activation { none, relu };

/// Layers take the tensor made last unless they name another.
class Network {
public:
    Network(const Shape& input, int weight_bits, bool tokens = false);

    TensorId last() const { return last_; }
    void go_on_from(TensorId id) { last_ = id; }

    void linear(std::uint32_t outputs, Activation activation);
    /// With a weight that there is already.
    void linear_with(WeightId weight, Activation activation);
    void convolution(std::uint32_t outputs, std::uint32_t size, std::uint32_t padding, Activation activation,
                     std::uint32_t groups = 1);
    void max_pool();
    void reshape(const Shape& shape);
    void transpose(const std::vector<std::uint8_t>& permutation);
    /// The part of the last axis that begins at `start`.
    void slice_last(std::uint32_t start, std::uint32_t count);
    void add(TensorId other);
    void layer_norm();
    void gelu();
    void softmax();
    void matrix_product(TensorId z, std::uint8_t shift);
    /// Gives the table.
    WeightId embed(std::uint32_t vocabulary, std::uint32_t width);
    /// Adds a seeded row to each place of the last axis but one.
    void add_positions();
    /// The sum of the leaves of `count` full trees, each with 2^depth leaves of about ±4096.
    void full_trees(std::uint32_t count, int depth);

    /// The graph with the last tensor as its output; it passes validate().
    Graph finish();
    /// Multiply-accumulates of one run, and weights.
    std::uint64_t products() const { return products_; }
    std::uint64_t weights() const { return weights_; }

private:
    TensorId emit(valence::ml::Operation operation, std::vector<TensorId> inputs, const Shape& shape);
    WeightId random_weight(const Shape& shape, int bits);
    WeightId listed_weight(valence::ml::WeightType type, const Shape& shape,
                           const std::vector<std::int64_t>& elements);
    std::uint64_t next();
    const Shape& shape() const { return graph_.main.tensors[last_].shape; }
    valence::ml::Requantisation requantisation(std::uint64_t length, Activation activation) const;

    Graph graph_;
    TensorId last_ = 0;
    int bits_;
    std::uint64_t seed_ = 1;
    std::uint64_t products_ = 0;
    std::uint64_t weights_ = 0;
};

struct Model {
    std::string name;
    Graph graph;
    std::uint64_t products;
    std::uint64_t weights;
    int bits;
};

/// The names of models/benchmark that have a counterpart here, and single layers.
std::vector<std::string> model_names();
Model make_model(const std::string& name);

}  // namespace bench
