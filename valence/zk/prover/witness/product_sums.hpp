// The sums of products of a model's layers by the kernels that run it, packed once with its weights.
#pragma once

#include <map>
#include <optional>

#include "valence/ml/executor/weighted_sums.hpp"
#include "valence/zk/prover/witness/linear_values.hpp"

namespace valence::zk {

class ProductSums {
public:
    /// Of every Linear and Convolution of a validated graph's main part. Errors: too_large.
    static Result<ProductSums> of(const ml::Graph& graph);

    /// Nothing if the layer is not one of these, or x has elements that are no activations, as only forged
    /// ones are.
    std::optional<Elements> linear(ml::WeightId weight, ElementsView x) const;
    std::optional<Elements> convolution(ml::WeightId weight, const Convolved& product, ElementsView x,
                                        const ml::Shape& shape) const;

private:
    struct Layer {
        ml::executor::WeightedSums sums;
        ml::Shape in;
        std::optional<ml::Window> window;  // of a convolution
    };
    static std::optional<Elements> run(const ml::executor::WeightedSums& sums, ElementsView x);

    std::multimap<ml::WeightId, Layer> layers_;
};

}  // namespace valence::zk
