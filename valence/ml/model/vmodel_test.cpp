#include "valence/ml/model/vmodel.hpp"

#include <gtest/gtest.h>

#include "valence/base/hex.hpp"
#include "valence/ml/functions/build_time.hpp"
#include "valence/ml/graph/limits.hpp"
#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/ml/model/graph_section.hpp"
#include "valence/ml/model/verifying_key.hpp"
#include "valence/ml/testing/graph_builder.hpp"
#include "valence/ml/testing/random_graph.hpp"

namespace valence::ml {
namespace {

using testing::random_graph;

/// tanh(W·x + b) with W = (256, −512), b = 1024: two features of exponents 8 and 4 to one number.
Graph small_graph() {
    Graph graph;
    graph.opset = 17;
    graph.main.tensors = {{ElementType::activation, {1, 2}, 8},
                          {ElementType::activation, {1, 1}, 12},
                          {ElementType::activation, {1, 1}, 15}};
    graph.main.inputs = {0};
    graph.main.nodes = {{Linear{0, 1, {}, {.shift = 4}}, {0}, {1}, "dense"},
                        {Lookup{{Function::tanh, 12, 15, 0, 0}}, {1}, {2}, "squash"}};
    graph.main.outputs = {2};
    graph.weights = {{WeightType::int16, {1, 2}, {0x00, 0x01, 0x00, 0xfe}},
                     {WeightType::int64, {1}, {0x00, 0x04, 0, 0, 0, 0, 0, 0}}};
    graph.inputs = {{"features", "", 0, {8, 4}}};
    graph.outputs = {{"volatility", "1/day", 2, {}}};
    return graph;
}

/// Weights of 300 KiB and 300 KiB: three chunks.
Graph large_graph() {
    Graph graph;
    graph.main.tensors = {{ElementType::activation, {300}, 8}, {ElementType::activation, {1024}, 8}};
    graph.main.inputs = {0};
    graph.main.nodes = {{Linear{0, {}, {}, {.shift = 16}}, {0}, {1}, ""}};
    graph.main.outputs = {1};
    graph.inputs = {{"x", "", 0, {}}};
    graph.outputs = {{"y", "", 1, {}}};
    Weight weight{WeightType::int16, {1024, 300}, Bytes(1024 * 300 * 2)};
    for (std::size_t i = 0; i < weight.data.size(); ++i)
        weight.data[i] = static_cast<std::uint8_t>(i * i >> 7);
    graph.weights.push_back(std::move(weight));
    return graph;
}

bool fails(const Result<Graph>& result, ModelError code) {
    return result.has_error() && result.error() == Error{code};
}

// ------------------------------------------------------------------------------------------ test vectors

/// Frozen: these bytes, this root, key and id are version 1 of the format, which version 2 only adds to.
constexpr std::string_view kSmallFile =
    "766d6f64656c00015a000000000000000d000000000000008000000000000000dd1a1af0c7aa84b5c576b991673f0911"
    "a50c3abf0b8ccade020192e24c05b83d8f547b0b88ec071e0cddf307fb1fcd06d19444c98c2d10aa637f988791342730"
    "110201020102030101030008020102000c020101000f02010102000001010004ffff03feff03010001010c110c0f0000"
    "0101010201000102000108666561747572657300020804010a766f6c6174696c69747905312f646179000564656e7365"
    "067371756173680000000000000000000000000000000000000000000000000000000000000000000000000000000000"
    "00000000000000000000000000000000000100fe00000000000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000000000000000000000000000000000040000000000000000000000000000"
    "000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000";
constexpr std::string_view kSmallRoot = "dd1a1af0c7aa84b5c576b991673f0911a50c3abf0b8ccade020192e24c05b83d";
constexpr std::string_view kSmallKey =
    "015a000000110201020102030101030008020102000c020101000f02010102000001010004ffff03feff03010001010c"
    "110c0f00000101010201000102000108666561747572657300020804010a766f6c6174696c69747905312f64617900dd"
    "1a1af0c7aa84b5c576b991673f0911a50c3abf0b8ccade020192e24c05b83d000000000100000035c2e95df3d985c4b7"
    "377833c310e24912e6c5cb9592bf348b6b684ae499dd8c";
constexpr std::string_view kSmallId = "49dc798cd0c791cc71b6d4fa84ba199a6c4d4dd79142a2f8d09ad35c9c77bc09";
constexpr std::string_view kLargeRoot = "69e9b9aaa67aa17a38980384e51df1f998e59ce3605b45b4be32f40621c204db";
constexpr std::string_view kLargeId = "52cb776eed666dc93bf145894ab6c9bf0071ca2cf7e3477a6a9b317a75bff277";

TEST(ModelVectors, TheFileIsFrozen) {
    EXPECT_EQ(base::to_hex(encode_model(small_graph())), kSmallFile);
    EXPECT_EQ(decode_model(base::from_hex(kSmallFile).value()).value(), small_graph());
}

TEST(ModelVectors, RootKeyAndIdAreFrozen) {
    EXPECT_EQ(base::to_hex(weight_tree(small_graph()).root()), kSmallRoot);
    EXPECT_EQ(base::to_hex(encode_verifying_key(verifying_key(small_graph()))), kSmallKey);
    EXPECT_EQ(base::to_hex(model_id(small_graph())), kSmallId);
    EXPECT_EQ(base::to_hex(weight_tree(large_graph()).root()), kLargeRoot);
    EXPECT_EQ(base::to_hex(model_id(large_graph())), kLargeId);
}

// --------------------------------------------------------------------------------------------------- file

TEST(Model, FilesOfEveryOperationDecodeToTheirGraph) {
    for (std::size_t kind = 0; kind < std::variant_size_v<Operation>; ++kind)
        for (std::uint64_t seed = 0; seed < 5; ++seed) {
            const Graph graph = random_graph(seed, {.nodes = 3, .only = static_cast<int>(kind)});
            const Bytes file = encode_model(graph);
            const auto decoded = decode_model(file);
            ASSERT_TRUE(decoded.has_value())
                << "kind " << kind << " seed " << seed << ": " << decoded.error().message();
            ASSERT_EQ(decoded.value(), graph) << "kind " << kind << " seed " << seed;
        }
}

TEST(Model, WeightsLieAtMultiplesOf64) {
    const Graph graph = small_graph();
    const Bytes file = encode_model(graph);
    EXPECT_EQ(file.size() % 64, 0U);
    const BytesView weights = BytesView{file}.last(128);
    EXPECT_TRUE(base::equal(weights.first(4), graph.weights[0].data));
    EXPECT_TRUE(base::equal(weights.subspan(64, 8), graph.weights[1].data));
}

TEST(Model, EveryTruncationIsRefused) {
    const Bytes file = encode_model(small_graph());
    for (std::size_t size = 0; size < file.size(); ++size)
        ASSERT_TRUE(fails(decode_model(BytesView{file}.first(size)), ModelError::truncated)) << size;
}

TEST(Model, ByteAfterTheEndIsRefused) {
    for (const Graph& graph : {small_graph(), random_graph(1)}) {
        Bytes file = encode_model(graph);
        file.push_back(0);
        EXPECT_TRUE(fails(decode_model(file), ModelError::truncated));
    }
}

/// Whatever still decodes after a change is another model, whose file it is.
TEST(Model, EveryChangedByteIsRefusedOrAnotherModel) {
    const Graph graph = small_graph();
    const Bytes file = encode_model(graph);
    int refused = 0;
    for (std::size_t at = 0; at < file.size(); ++at)
        for (const int flip : {0x01, 0x80}) {
            Bytes changed = file;
            changed[at] = static_cast<std::uint8_t>(changed[at] ^ flip);
            const auto decoded = decode_model(changed);
            if (decoded.has_error()) {
                ++refused;
                continue;
            }
            ASSERT_NE(decoded.value(), graph) << at;
            ASSERT_EQ(encode_model(decoded.value()), changed) << at;
        }
    EXPECT_GT(refused, 400);
}

TEST(Model, ErrorsNameSectionAndOffset) {
    const Bytes file = encode_model(large_graph());
    const auto message = [&](std::size_t at) {
        Bytes changed = file;
        changed[at] ^= 1;
        return decode_model(changed).error().message();
    };
    const std::size_t weights = file.size() - 1024 * 300 * 2;
    EXPECT_NE(message(weights + 5).find("weights section, offset 0: chunk 0"), std::string::npos);
    EXPECT_NE(message(weights + 300000).find("weights section, offset 262144: chunk 1"), std::string::npos);
    EXPECT_NE(message(file.size() - 1).find("weights section, offset 524288: chunk 2"), std::string::npos);
    EXPECT_NE(message(70).find("chunk digests, offset 64"), std::string::npos);
    EXPECT_NE(message(40).find("chunk digests, offset 64"), std::string::npos);
    EXPECT_NE(message(0).find("header, offset 0"), std::string::npos);
    EXPECT_NE(message(7).find("header, offset 7: version"), std::string::npos);
    EXPECT_EQ(decode_model(BytesView{file}.first(weights + 9)).error().message(),
              "wrong length: weights section: 9 of 614400 bytes");
}

TEST(Model, ReaderTakesPiecesOfAnySize) {
    for (const std::size_t size : {1U, 7U, 64U, 100000U}) {
        const Graph graph = size == 1 ? small_graph() : large_graph();
        const Bytes file = encode_model(graph);
        ModelReader reader{1 << 22};
        for (std::size_t at = 0; at < file.size(); at += size) {
            const auto piece = BytesView{file}.subspan(at, std::min<std::size_t>(size, file.size() - at));
            ASSERT_TRUE(reader.push(piece).has_value());
        }
        EXPECT_EQ(reader.finish().value(), graph) << size;
    }
}

TEST(Model, ReaderFailsAtTheFirstWrongChunk) {
    Bytes file = encode_model(large_graph());
    const std::size_t weights = file.size() - 1024 * 300 * 2;
    file[weights] ^= 1;
    ModelReader reader{1 << 22};
    EXPECT_TRUE(reader.push(BytesView{file}.first(weights + kChunkSize - 1)).has_value());
    const auto result = reader.push(BytesView{file}.subspan(weights + kChunkSize - 1, 1));
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), Error{ModelError::wrong_weights});
}

TEST(Model, ReaderRefusesWhatNeedsMoreMemoryThanAllowed) {
    const Bytes file = encode_model(large_graph());
    const ModelHeader header = decode_header(file).value();
    EXPECT_EQ(header.file_bytes(), file.size());
    ModelReader exact{header.memory_bound()};
    EXPECT_TRUE(exact.push(file).has_value());
    ModelReader less{header.memory_bound() - 1};
    const auto result = less.push(BytesView{file}.first(kHeaderSize));
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), Error{ModelError::too_large});
}

TEST(Model, HugeLengthsAreRefusedBeforeAnythingIsKept) {
    const Bytes file = encode_model(small_graph());
    for (const std::size_t field : {8, 16, 24}) {
        Bytes changed = file;
        std::fill_n(changed.begin() + static_cast<std::ptrdiff_t>(field), 8, std::uint8_t{0xff});
        EXPECT_TRUE(fails(decode_model(changed), ModelError::too_large)) << field;
    }
}

/// A header and graph that promise a weight of 16 GiB, and none of its bytes.
TEST(Model, PromisedWeightsTakeNoMemoryBeforeTheyAreThere) {
    Bytes file = encode_model(large_graph());
    file[24 + 4] = 4;  // 2^34 bytes more of weights
    const auto result = decode_model(file);
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), Error{ModelError::too_large});
}

TEST(Model, FilesOfInvalidGraphsAreRefused) {
    Graph graph = small_graph();
    std::get<Linear>(graph.main.nodes[0].operation).out.shift = 25;
    EXPECT_TRUE(fails(decode_model(encode_model(graph)), ModelError::invalid_node));
}

TEST(Model, WithoutWeightsHasOneEmptyChunk) {
    Graph graph = small_graph();
    graph.weights.clear();
    graph.main.nodes[0].operation = Combination{{1}, {}, {}};
    graph.main.tensors[1].shape = graph.main.tensors[2].shape = {1, 2};
    ASSERT_TRUE(validate(graph).has_value());
    const Bytes file = encode_model(graph);
    EXPECT_EQ(decode_header(file).value().weight_bytes, 0U);
    EXPECT_EQ(decode_model(file).value(), graph);
}

// ------------------------------------------------------------------------------------------ graph section

TEST(GraphSection, NumbersHaveOneEncoding) {
    const Graph graph = small_graph();
    Bytes section = encode_graph_section(graph);
    ASSERT_EQ(section[0], 17);  // the operator-set version
    Bytes longer = section;
    longer[0] = 0x91;  // 17 in two bytes
    longer.insert(longer.begin() + 1, 0x00);
    EXPECT_TRUE(fails(decode_graph_section(longer), ModelError::malformed));
    EXPECT_EQ(encode_graph_section(decode_graph_section(section).value()), section);
}

TEST(GraphSection, TruthValuesAreZeroOrOne) {
    Graph graph = small_graph();
    const Bytes with = encode_graph_section(graph);
    std::get<Linear>(graph.main.nodes[0].operation).bias.reset();
    const Bytes without = encode_graph_section(graph);
    const auto differs = std::mismatch(with.begin(), with.end(), without.begin()).first - with.begin();
    Bytes changed = with;
    ASSERT_EQ(changed[static_cast<std::size_t>(differs)], 1);
    changed[static_cast<std::size_t>(differs)] = 2;
    EXPECT_TRUE(fails(decode_graph_section(changed), ModelError::malformed));
}

TEST(GraphSection, ListsLongerThanTheBytesLeftAreRefused) {
    const Bytes lists{0x00, 0xff, 0xff, 0x7f};  // 2,097,151 weights
    EXPECT_TRUE(fails(decode_graph_section(lists), ModelError::truncated));
}

// --------------------------------------------------------------------------------------------- chunk tree

TEST(ChunkTree, ProvesEveryChunkOfEveryCount) {
    for (const std::size_t chunks : {1U, 2U, 3U, 4U, 5U, 7U}) {
        const std::size_t length = chunks * kChunkSize - 100;
        Bytes bytes(length);
        for (std::size_t i = 0; i < length; ++i)
            bytes[i] = static_cast<std::uint8_t>((i >> 10) + 3 * (i >> 18));
        ChunkHasher hasher;
        hasher.update(bytes);
        const ChunkTree tree{hasher.finish(), length};
        for (std::size_t k = 0; k < chunks; ++k) {
            const auto chunk = BytesView{bytes}.subspan(k * kChunkSize, chunk_length(length, k));
            const auto proof = tree.proof(k);
            EXPECT_TRUE(verify_chunk(tree.root(), length, k, chunk, proof));
            EXPECT_FALSE(verify_chunk(tree.root(), length, k + 1, chunk, proof));
            EXPECT_FALSE(verify_chunk(tree.root(), length + 1, k, chunk, proof));
            EXPECT_FALSE(verify_chunk(tree.root(), length, k, chunk.first(chunk.size() - 1), proof));
            auto longer = proof;
            longer.emplace_back();
            EXPECT_FALSE(verify_chunk(tree.root(), length, k, chunk, longer));
            if (!proof.empty()) {
                EXPECT_FALSE(
                    verify_chunk(tree.root(), length, k, chunk, std::span{proof}.first(proof.size() - 1)));
                auto other = proof;
                other[0][3] ^= 1;
                EXPECT_FALSE(verify_chunk(tree.root(), length, k, chunk, other));
            }
        }
    }
}

/// A node's two children are not a chunk: prefixes and the length keep them apart.
TEST(ChunkTree, NodesAreNotLeaves) {
    const Bytes bytes(kChunkSize + 1, 7);
    ChunkHasher hasher;
    hasher.update(bytes);
    const ChunkTree tree{hasher.finish(), bytes.size()};
    Bytes children;
    for (const Hash& leaf : tree.leaves())
        base::append(children, leaf);
    EXPECT_FALSE(verify_chunk(tree.root(), children.size(), 0, children, {}));
}

// ------------------------------------------------------------------------------------------ verifying key

TEST(VerifyingKey, DecodesToWhatItEncodes) {
    for (std::uint64_t seed = 0; seed < 10; ++seed) {
        const VerifyingKey key = verifying_key(random_graph(seed));
        const Bytes bytes = encode_verifying_key(key);
        ASSERT_EQ(decode_verifying_key(bytes).value(), key);
        ASSERT_EQ(read_kept_key(bytes).value(), key);
        ASSERT_EQ(encode_verifying_key(decode_verifying_key(bytes).value()), bytes);
    }
}

TEST(VerifyingKey, EveryTruncationAndALongerKeyAreRefused) {
    Bytes bytes = encode_verifying_key(verifying_key(small_graph()));
    for (std::size_t size = 0; size < bytes.size(); ++size) {
        ASSERT_TRUE(decode_verifying_key(BytesView{bytes}.first(size)).has_error()) << size;
        ASSERT_TRUE(read_kept_key(BytesView{bytes}.first(size)).has_error()) << size;
    }
    bytes.push_back(0);
    EXPECT_TRUE(decode_verifying_key(bytes).has_error());
}

/// Every change of one byte gives another key, all of whose parts fit each other, or none.
TEST(VerifyingKey, WhateverDecodesHasTheDigestsOfItsTables) {
    const Bytes bytes = encode_verifying_key(verifying_key(small_graph()));
    int accepted = 0;
    for (std::size_t at = 0; at < bytes.size(); ++at) {
        Bytes changed = bytes;
        changed[at] ^= 1;
        const auto key = decode_verifying_key(changed);
        if (!key.has_value()) continue;
        ++accepted;
        ASSERT_EQ(encode_verifying_key(key.value()), changed) << at;
        std::vector<Hash> digests;
        for (const Table& table : tables_of(key.value().graph))
            digests.push_back(digest(table));
        ASSERT_EQ(key.value().tables, digests) << at;
        ASSERT_TRUE(validate_structure(key.value().graph).has_value()) << at;
    }
    EXPECT_GT(accepted, 32) << "the root, at least, can be any";
    Bytes other = bytes;
    other.back() ^= 1;
    EXPECT_TRUE(decode_verifying_key(other).has_error());
}

TEST(VerifyingKey, SaysHowLongItsTablesTakeBeforeTheyAreBuilt) {
    Graph graph = small_graph();
    const auto time = [&] { return table_microseconds(encode_verifying_key(verifying_key(graph))); };
    EXPECT_EQ(time().value(), build_microseconds(Function::tanh));
    std::get<Lookup>(graph.main.nodes[1].operation).table.function = Function::round;
    EXPECT_EQ(time().value(), build_microseconds(Function::round));
    EXPECT_TRUE(table_microseconds({}).has_error());
}

TEST(VerifyingKey, OfABrokenGraphIsRefused) {
    const auto refused = [](auto change) {
        VerifyingKey key = verifying_key(small_graph());
        change(key);
        return decode_verifying_key(encode_verifying_key(key)).has_error();
    };
    EXPECT_FALSE(refused([](VerifyingKey&) {}));
    EXPECT_TRUE(refused([](VerifyingKey& k) { k.graph.main.nodes[0].inputs[0] = 7; }));
    EXPECT_TRUE(refused([](VerifyingKey& k) { k.graph.weights[0].shape = {2, 2}; }));
    EXPECT_TRUE(refused([](VerifyingKey& k) { k.graph.weights[0].type = static_cast<WeightType>(9); }));
    EXPECT_TRUE(refused([](VerifyingKey& k) { k.graph.main.tensors[0].shape = {0, 2}; }));
    EXPECT_TRUE(refused([](VerifyingKey& k) { k.graph.outputs[0].name = "\x1b"; }));
    EXPECT_TRUE(refused([](VerifyingKey& k) { k.tables[0].bytes[0] ^= 1; }));
    EXPECT_TRUE(refused([](VerifyingKey& k) { k.tables.emplace_back(); }));
    EXPECT_TRUE(refused([](VerifyingKey& k) { k.commitment.resize(kMaxCommitment + 1); }));
}

// ------------------------------------------------------------------------------- models with a commitment

Graph committed_graph() {
    Graph graph = small_graph();
    graph.commitment = {1, 2, 3};
    return graph;
}

TEST(Commitments, ArePartOfFileKeyAndId) {
    const Graph graph = committed_graph();
    const Bytes file = encode_model(graph);
    EXPECT_EQ(file[7], kProvableModelVersion);
    EXPECT_EQ(decode_header(file).value().file_bytes(), file.size());
    EXPECT_EQ(decode_model(file).value(), graph);
    const VerifyingKey key = verifying_key(graph);
    EXPECT_EQ(key.commitment, graph.commitment);
    const Bytes bytes = encode_verifying_key(key);
    EXPECT_EQ(bytes[0], kProvableKeyVersion);
    EXPECT_EQ(decode_verifying_key(bytes).value(), key);
    EXPECT_EQ(model_id(graph), model_id(bytes));
    EXPECT_NE(model_id(graph), model_id(small_graph()));
    Graph other = graph;
    other.commitment.back() ^= 1;
    EXPECT_NE(model_id(graph), model_id(other));
    for (std::size_t size = 0; size < bytes.size(); ++size)
        ASSERT_TRUE(decode_verifying_key(BytesView{bytes}.first(size)).has_error()) << size;
    for (std::size_t size = 0; size < file.size(); ++size)
        ASSERT_TRUE(decode_model(BytesView{file}.first(size)).has_error()) << size;
}

TEST(Commitments, AndTheVersionGoTogether) {
    const auto with_byte = [](Bytes bytes, std::size_t at, std::uint8_t value) {
        bytes[at] = value;
        return bytes;
    };
    const Bytes with = encode_model(committed_graph());
    const Bytes without = encode_model(small_graph());
    EXPECT_EQ(decode_header(with_byte(with, 7, 1)).error(), Error{ModelError::malformed});
    EXPECT_EQ(decode_header(with_byte(without, 7, 2)).error(), Error{ModelError::malformed});
    EXPECT_EQ(decode_header(with_byte(with, 20, 0)).error(), Error{ModelError::malformed});
    EXPECT_EQ(decode_header(with_byte(with, 23, 0xff)).error(), Error{ModelError::too_large});
    const Bytes key = encode_verifying_key(verifying_key(committed_graph()));
    const Bytes plain = encode_verifying_key(verifying_key(small_graph()));
    EXPECT_EQ(decode_verifying_key(with_byte(key, 0, 1)).error(), Error{ModelError::malformed});
    EXPECT_EQ(decode_verifying_key(with_byte(plain, 0, 2)).error(), Error{ModelError::malformed});
    EXPECT_EQ(decode_verifying_key(with_byte(key, 0, 3)).error(), Error{ModelError::unknown_format});
}

/// A node takes three bytes of a key and 168 of memory: no more of them are read than a model may have.
TEST(VerifyingKey, MoreNodesThanAModelMayHaveAreRefusedBeforeTheyTakeMemory) {
    VerifyingKey key = verifying_key(small_graph());
    key.graph.main.nodes.resize(kMaxNodes + 1, {Reshape{}, {}, {}, ""});
    const auto result = decode_verifying_key(encode_verifying_key(key));
    ASSERT_TRUE(result.has_error());
    EXPECT_EQ(result.error(), Error{ModelError::too_large});
}

TEST(ModelIds, DependOnEverythingButTheNodesNames) {
    const Graph graph = small_graph();
    const ModelId id = model_id(graph);
    const auto id_of = [&](auto change) {
        Graph changed = graph;
        change(changed);
        return model_id(changed);
    };
    EXPECT_EQ(id_of([](Graph& g) { g.main.nodes[0].name = "other"; }), id);
    EXPECT_NE(id_of([](Graph& g) { g.weights[0].data[0] ^= 1; }), id);
    EXPECT_NE(id_of([](Graph& g) { g.opset = 18; }), id);
    EXPECT_NE(id_of([](Graph& g) { g.outputs[0].unit = "1/year"; }), id);
    EXPECT_NE(id_of([](Graph& g) { g.outputs[0].name = "vol"; }), id);
    EXPECT_NE(id_of([](Graph& g) { g.inputs[0].exponents[1] = 5; }), id);
    EXPECT_NE(id_of([](Graph& g) { g.main.tensors[0].exponent = 7; }), id);
    EXPECT_NE(id_of([](Graph& g) { std::get<Linear>(g.main.nodes[0].operation).out.low = 0; }), id);
}

TEST(VerifyingKey, NamesTheTablesOfSoftmaxToo) {
    Graph graph = small_graph();
    EXPECT_EQ(tables_of(graph).size(), 1U);
    graph.main.nodes[1].operation = Softmax{12};
    EXPECT_EQ(tables_of(graph).size(), 1U);
    EXPECT_EQ(tables_of(graph).begin()->function, Function::exponential);
}

}  // namespace
}  // namespace valence::ml
