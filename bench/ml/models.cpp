// The shapes of models/benchmark (models/benchmark/README.md), and layers of them alone.
#include <functional>

#include "network.hpp"

namespace bench {
namespace {

constexpr auto kRelu = Activation::relu;
constexpr auto kNone = Activation::none;

Network mlp(std::uint32_t items) {
    Network n({items, 784}, 16);
    n.linear(56, kRelu);
    n.linear(10, kNone);
    return n;
}

Network regression() {
    Network n({1, 100}, 16);
    n.linear(1, kNone);
    return n;
}

Network dense_4m(std::uint32_t items) {
    Network n({items, 4}, 8);
    for (int layer = 0; layer < 5; ++layer)
        n.linear(1000, kRelu);
    n.linear(3, kNone);
    return n;
}

Network lenet5() {
    Network n({1, 1, 32, 32}, 16);
    n.convolution(6, 5, 0, kRelu);
    n.max_pool();
    n.convolution(16, 5, 0, kRelu);
    n.max_pool();
    n.reshape({1, 400});
    n.linear(120, kRelu);
    n.linear(84, kRelu);
    n.linear(10, kNone);
    return n;
}

Network cnn_264k(int bits) {
    Network n({1, 3, 32, 32}, bits);
    n.convolution(12, 5, 0, kRelu);
    n.max_pool();
    n.convolution(33, 5, 0, kRelu);
    n.max_pool();
    n.reshape({1, 825});
    n.linear(251, kRelu);
    n.linear(175, kRelu);
    n.linear(10, kNone);
    return n;
}

Network vgg16() {
    Network n({1, 3, 32, 32}, 8);
    const std::vector<std::pair<std::uint32_t, int>> blocks{{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}};
    for (const auto& [width, repeats] : blocks) {
        for (int layer = 0; layer < repeats; ++layer)
            n.convolution(width, 3, 1, kRelu);
        n.max_pool();
    }
    n.reshape({1, 512});
    n.linear(512, kRelu);
    n.linear(512, kRelu);
    n.linear(10, kNone);
    return n;
}

struct GptShape {
    std::uint32_t layers, width, heads, forward, vocabulary;
    int bits;
    /// GPT-2: learned positions, and the token table as output matrix too.
    bool positions_and_tied;
};

/// A pre-normalised GPT over 64 tokens, logits after the last one; without the mask of later tokens.
Network gpt(const GptShape& model) {
    constexpr std::uint32_t kTokens = 64;
    Network n({1, kTokens}, model.bits, true);
    const WeightId table = n.embed(model.vocabulary, model.width);
    if (model.positions_and_tied) n.add_positions();
    for (std::uint32_t layer = 0; layer < model.layers; ++layer) {
        const TensorId residual = n.last();
        n.layer_norm();
        n.linear(3 * model.width, kNone);
        const TensorId all = n.last();
        const auto part = [&](std::uint32_t number, const std::vector<std::uint8_t>& permutation) {
            n.go_on_from(all);
            n.slice_last(number * model.width, model.width);
            n.reshape({1, kTokens, model.heads, model.width / model.heads});
            n.transpose(permutation);
            return n.last();
        };
        const TensorId keys = part(1, {0, 2, 3, 1});
        const TensorId values = part(2, {0, 2, 1, 3});
        part(0, {0, 2, 1, 3});
        n.matrix_product(keys, 14);
        n.softmax();
        n.matrix_product(values, 15);
        n.transpose({0, 2, 1, 3});
        n.reshape({1, kTokens, model.width});
        n.linear(model.width, kNone);
        n.add(residual);
        const TensorId attended = n.last();
        n.layer_norm();
        n.linear(model.forward, kNone);
        n.gelu();
        n.linear(model.width, kNone);
        n.add(attended);
    }
    n.reshape({1, kTokens * model.width});
    n.slice_last((kTokens - 1) * model.width, model.width);
    n.layer_norm();
    if (model.positions_and_tied)
        n.linear_with(table, kNone);
    else
        n.linear(model.vocabulary, kNone);
    return n;
}

Network small_gpt() { return gpt({4, 64, 4, 256, 256, 16, false}); }
Network gpt2_small() { return gpt({12, 768, 12, 3072, 50257, 8, true}); }

Network trees() {
    Network n({1, 64}, 16);
    n.full_trees(100, 6);
    return n;
}

Network dense_layer(std::uint32_t rows, std::uint32_t inputs, std::uint32_t outputs, int bits) {
    Network n({rows, inputs}, bits);
    n.linear(outputs, kRelu);
    return n;
}

Network convolution_layer(std::uint32_t channels, std::uint32_t pixels, std::uint32_t outputs, int bits,
                          std::uint32_t groups = 1) {
    Network n({1, channels, pixels, pixels}, bits);
    n.convolution(outputs, 3, 1, kRelu, groups);
    return n;
}

struct Entry {
    std::string name;
    int bits;
    std::function<Network()> make;
};

const std::vector<Entry>& entries() {
    static const std::vector<Entry> all{
        {"regression-100", 16, regression},
        {"mlp-784-56-10", 16, [] { return mlp(1); }},
        {"mlp-784-56-10-x8", 16, [] { return mlp(8); }},
        {"mlp-784-56-10-x64", 16, [] { return mlp(64); }},
        {"lenet5", 16, lenet5},
        {"cnn-264k", 16, [] { return cnn_264k(16); }},
        {"cnn-264k-int8", 8, [] { return cnn_264k(8); }},
        {"dense-4m", 8, [] { return dense_4m(1); }},
        {"dense-4m-x8", 8, [] { return dense_4m(8); }},
        {"dense-4m-x64", 8, [] { return dense_4m(64); }},
        {"vgg16-cifar", 8, vgg16},
        {"trees-100x6", 16, trees},
        {"small-gpt", 16, small_gpt},
        {"gpt2-small-64", 8, gpt2_small},
        {"dense 1x1024x1024 int8", 8, [] { return dense_layer(1, 1024, 1024, 8); }},
        {"dense 1x1024x1024 int16", 16, [] { return dense_layer(1, 1024, 1024, 16); }},
        {"dense 64x1024x1024 int8", 8, [] { return dense_layer(64, 1024, 1024, 8); }},
        {"dense 64x1024x1024 int16", 16, [] { return dense_layer(64, 1024, 1024, 16); }},
        {"conv3x3 64x32x32-64 int8", 8, [] { return convolution_layer(64, 32, 64, 8); }},
        {"conv3x3 64x32x32-64 int16", 16, [] { return convolution_layer(64, 32, 64, 16); }},
        {"conv3x3 512x4x4-512 int8", 8, [] { return convolution_layer(512, 4, 512, 8); }},
        {"depthwise3x3 64x32x32 int8", 8, [] { return convolution_layer(64, 32, 64, 8, 64); }},
    };
    return all;
}

}  // namespace

std::vector<std::string> model_names() {
    std::vector<std::string> names;
    for (const Entry& entry : entries())
        names.push_back(entry.name);
    return names;
}

Model make_model(const std::string& name) {
    for (const Entry& entry : entries()) {
        if (entry.name != name) continue;
        Network network = entry.make();
        Graph graph = network.finish();
        return {name, std::move(graph), network.products(), network.weights(), entry.bits};
    }
    return {};
}

}  // namespace bench
