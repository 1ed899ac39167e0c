#include "valence/ml/model/vmodel.hpp"

#include <fmt/format.h>

#include "valence/ml/graph/limits.hpp"
#include "valence/ml/graph/model_error.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/ml/model/graph_section.hpp"

namespace valence::ml {
namespace {

constexpr std::array<std::uint8_t, 7> kMagic{'v', 'm', 'o', 'd', 'e', 'l', 0};
constexpr std::uint64_t kMaxNames = kMaxNodes * (kMaxName + 2);
constexpr std::uint64_t kMaxWeightSection = kMaxWeightBytes + kMaxWeights * kWeightAlignment;

constexpr std::uint64_t aligned(std::uint64_t offset) {
    return (offset + kWeightAlignment - 1) / kWeightAlignment * kWeightAlignment;
}

void put_number(Bytes& to, std::uint64_t value, int width = 8) {
    for (int i = 0; i < width; ++i)
        to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

std::uint64_t number_at(BytesView bytes, std::size_t offset, std::size_t width = 8) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < width; ++i)
        value |= std::uint64_t{bytes[offset + i]} << (8 * i);
    return value;
}

std::uint64_t byte_count(const Weight& weight) { return weight.shape.elements() * width(weight.type); }

std::uint64_t weight_section_bytes(const Graph& graph) {
    std::uint64_t total = 0;
    for (const Weight& weight : graph.weights)
        total += aligned(byte_count(weight));
    return total;
}

/// The bytes of the weights section, piece by piece.
template <typename Visit>
void for_each_weight_piece(const Graph& graph, Visit visit) {
    static constexpr std::array<std::uint8_t, kWeightAlignment> kZeros{};
    for (const Weight& weight : graph.weights) {
        visit(BytesView{weight.data});
        visit(BytesView{kZeros}.first(aligned(weight.data.size()) - weight.data.size()));
    }
}

}  // namespace

ChunkTree weight_tree(const Graph& graph) {
    ChunkHasher hasher;
    for_each_weight_piece(graph, [&](BytesView piece) { hasher.update(piece); });
    return {hasher.finish(), weight_section_bytes(graph)};
}

Bytes encode_model(const Graph& graph) {
    const ChunkTree tree = weight_tree(graph);
    const Bytes section = encode_graph_section(graph);
    const Bytes names = encode_names(graph);
    Bytes file(kMagic.begin(), kMagic.end());
    file.push_back(graph.commitment.empty() ? kModelVersion : kProvableModelVersion);
    put_number(file, section.size());
    put_number(file, names.size(), 4);
    put_number(file, graph.commitment.size(), 4);
    put_number(file, tree.length());
    base::append(file, tree.root());
    for (const Hash& leaf : tree.leaves())
        base::append(file, leaf);
    base::append(file, section);
    base::append(file, graph.commitment);
    base::append(file, names);
    file.resize(aligned(file.size()));
    file.reserve(file.size() + tree.length());
    for_each_weight_piece(graph, [&](BytesView piece) { base::append(file, piece); });
    return file;
}

Result<Graph> decode_model(BytesView file) {
    // A true file needs less; one whose header claims more than it has is not worth the memory.
    ModelReader reader{(std::uint64_t{64} << 20) + 520 * file.size()};
    BOOST_OUTCOME_TRY(reader.push(file));
    return reader.finish();
}

std::uint64_t ModelHeader::file_bytes() const {
    return aligned(kHeaderSize + chunk_count(weight_bytes) * Hash::kSize + graph_bytes + commitment_bytes +
                   names_bytes) +
           weight_bytes;
}

std::uint64_t ModelHeader::memory_bound() const {
    // The front, twice while it grows; the graph made of it; leaves; commitment; names; weights.
    return 3 * (file_bytes() - weight_bytes) + graph_memory(graph_bytes) + commitment_bytes +
           4 * names_bytes + weight_bytes + 4096;
}

Result<ModelHeader> decode_header(BytesView bytes) {
    if (bytes.size() < kHeaderSize)
        return Error{ModelError::truncated, fmt::format("header: {} of {} bytes", bytes.size(), kHeaderSize)};
    if (!base::equal(bytes.first(kMagic.size()), kMagic))
        return Error{ModelError::unknown_format, "header, offset 0: no .vmodel file"};
    if (bytes[7] != kModelVersion && bytes[7] != kProvableModelVersion)
        return Error{ModelError::unknown_format, fmt::format("header, offset 7: version {}", bytes[7])};
    ModelHeader header{number_at(bytes, 8), number_at(bytes, 16, 4), number_at(bytes, 24),
                       base::from_exact<Hash>(bytes.subspan(32, Hash::kSize)), number_at(bytes, 20, 4)};
    const auto check = [](const char* section, std::size_t offset, std::uint64_t size,
                          std::uint64_t largest) -> Result<void> {
        if (size > largest)
            return Error{ModelError::too_large,
                         fmt::format("header, offset {}: {} section of {} bytes, above {}", offset, section,
                                     size, largest)};
        return success();
    };
    BOOST_OUTCOME_TRY(check("graph", 8, header.graph_bytes, kMaxGraphSection));
    BOOST_OUTCOME_TRY(check("names", 16, header.names_bytes, kMaxNames));
    BOOST_OUTCOME_TRY(check("commitment", 20, header.commitment_bytes, kMaxCommitment));
    BOOST_OUTCOME_TRY(check("weights", 24, header.weight_bytes, kMaxWeightSection));
    if ((header.commitment_bytes == 0) != (bytes[7] == kModelVersion))
        return Error{ModelError::malformed,
                     fmt::format("header, offset 20: version {} with a commitment of {} bytes", bytes[7],
                                 header.commitment_bytes)};
    return header;
}

Result<void> ModelReader::push(BytesView piece) {
    while (!piece.empty() && !front_known_) {
        const std::size_t taken = std::min<std::uint64_t>(piece.size(), front_size_ - front_.size());
        base::append(front_, piece.first(taken));
        piece = piece.subspan(taken);
        if (front_.size() < front_size_) return success();
        BOOST_OUTCOME_TRY(header_known_ ? take_front() : take_header());
    }
    return take_weights(piece);
}

Result<void> ModelReader::take_header() {
    BOOST_OUTCOME_TRY(header_, decode_header(front_));
    if (header_.memory_bound() > memory_)
        return Error{ModelError::too_large, fmt::format("header: needs up to {} bytes of memory, not {}",
                                                        header_.memory_bound(), memory_)};
    header_known_ = true;
    front_size_ = header_.file_bytes() - header_.weight_bytes;
    return success();
}

Result<void> ModelReader::take_front() {
    const BytesView front = front_;
    const std::size_t leaves_end = kHeaderSize + chunk_count(header_.weight_bytes) * Hash::kSize;
    for (std::size_t at = kHeaderSize; at < leaves_end; at += Hash::kSize)
        leaves_.push_back(base::from_exact<Hash>(front.subspan(at, Hash::kSize)));
    if (ChunkTree{leaves_, header_.weight_bytes}.root() != header_.root)
        return Error{ModelError::wrong_weights,
                     fmt::format("chunk digests, offset {}: not those of the root", kHeaderSize)};

    const std::size_t commitment_begin = leaves_end + header_.graph_bytes;
    const std::size_t names_begin = commitment_begin + header_.commitment_bytes;
    const std::size_t names_end = names_begin + header_.names_bytes;
    BOOST_OUTCOME_TRY(graph_, decode_graph_section(front.subspan(leaves_end, header_.graph_bytes)));
    graph_.commitment = base::to_bytes(front.subspan(commitment_begin, header_.commitment_bytes));
    BOOST_OUTCOME_TRY(decode_names(front.subspan(names_begin, header_.names_bytes), graph_));
    for (std::size_t at = names_end; at < front.size(); ++at)
        if (front[at] != 0)
            return Error{ModelError::malformed, fmt::format("offset {}: padding is not 0", at)};

    std::uint64_t total = 0;
    for (std::size_t id = 0; id < graph_.weights.size(); ++id) {
        const Weight& weight = graph_.weights[id];
        if (weight.type > WeightType::uint8 || weight.shape.elements() == 0 ||
            weight.shape.elements() > kMaxElements)
            return Error{ModelError::malformed, fmt::format("graph section: weight {} is no tensor", id)};
        total += aligned(byte_count(weight));
        if (total > header_.weight_bytes) break;
    }
    if (total != header_.weight_bytes)
        return Error{ModelError::malformed,
                     fmt::format("weights section: {} bytes for weights of {}{}", header_.weight_bytes, total,
                                 total > header_.weight_bytes ? " or more" : "")};
    BOOST_OUTCOME_TRY(validate_structure(graph_));
    front_known_ = true;
    front_ = {};
    chunk_.update(std::array<std::uint8_t, 1>{0});
    if (header_.weight_bytes == 0) return end_chunk();
    return success();
}

/// How many bytes the weight or padding at weight_at_ goes on for.
std::size_t ModelReader::room() const {
    const std::uint64_t size = byte_count(graph_.weights[weight_]);
    const std::uint64_t within = weight_at_ - weight_begin_;
    return within < size ? size - within : aligned(size) - within;
}

Result<void> ModelReader::take_weights(BytesView piece) {
    while (!piece.empty()) {
        if (weight_at_ == header_.weight_bytes)
            return Error{ModelError::truncated, "weights section: the file goes on after it"};
        Weight& weight = graph_.weights[weight_];
        const std::uint64_t size = byte_count(weight);
        const bool padding = weight_at_ - weight_begin_ >= size;
        const std::uint64_t chunk_rest = kChunkSize - weight_at_ % kChunkSize;
        const BytesView part = piece.first(std::min<std::uint64_t>({piece.size(), room(), chunk_rest}));
        if (padding) {
            for (std::size_t i = 0; i < part.size(); ++i)
                if (part[i] != 0)
                    return Error{ModelError::malformed,
                                 fmt::format("weights section, offset {}: padding is not 0", weight_at_ + i)};
        } else {
            weight.data.reserve(size);
            base::append(weight.data, part);
        }
        chunk_.update(part);
        piece = piece.subspan(part.size());
        weight_at_ += part.size();
        if (weight_at_ % kChunkSize == 0 || weight_at_ == header_.weight_bytes) {
            BOOST_OUTCOME_TRY(end_chunk());
        }
        if (weight_at_ == weight_begin_ + aligned(size)) {
            ++weight_;
            weight_begin_ = weight_at_;
        }
    }
    return success();
}

Result<void> ModelReader::end_chunk() {
    const std::uint64_t index = weight_at_ == 0 ? 0 : (weight_at_ - 1) / kChunkSize;
    if (chunk_.finish() != leaves_[index])
        return Error{ModelError::wrong_weights,
                     fmt::format("weights section, offset {}: chunk {} has another digest",
                                 index * kChunkSize, index)};
    chunk_ = {};
    chunk_.update(std::array<std::uint8_t, 1>{0});
    return success();
}

Result<Graph> ModelReader::finish() {
    if (!front_known_)
        return Error{ModelError::truncated,
                     fmt::format("{}: {} of {} bytes", header_known_ ? "before the weights" : "header",
                                 front_.size(), front_size_)};
    if (weight_at_ != header_.weight_bytes)
        return Error{ModelError::truncated,
                     fmt::format("weights section: {} of {} bytes", weight_at_, header_.weight_bytes)};
    BOOST_OUTCOME_TRY(validate(graph_));
    return std::move(graph_);
}

}  // namespace valence::ml
