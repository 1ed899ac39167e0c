#include "valence/zk/protocol/argument/statement.hpp"

#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {
namespace {

constexpr std::uint8_t kExcesses = 3;

/// Type, shape and elements of each tensor.
void absorb_tensors(Transcript& transcript, std::string_view label, std::span<const ml::Values> tensors) {
    transcript.absorb_number(label, tensors.size());
    for (const ml::Values& tensor : tensors) {
        Bytes bytes;
        const auto put = [&](std::uint64_t word, int count) {
            for (int k = 0; k < count; ++k)
                bytes.push_back(static_cast<std::uint8_t>(word >> (8 * k)));
        };
        put(static_cast<std::uint64_t>(tensor.type), 1);
        put(tensor.shape.rank(), 1);
        for (const std::uint32_t extent : tensor.shape.extents())
            put(extent, 4);
        const int width = tensor.type == ml::ElementType::activation ? 2 : 4;
        for (const std::int64_t element : tensor.data)
            put(static_cast<std::uint64_t>(element), width);
        transcript.absorb(label, BytesView(bytes));
    }
}

}  // namespace

Bytes encode_flags(std::span<const Saturation> flags) {
    Bytes bytes;
    for (const Saturation& each : flags) {
        bytes.push_back(static_cast<std::uint8_t>(static_cast<unsigned>(each.above) +
                                                  kExcesses * static_cast<unsigned>(each.below)));
    }
    return bytes;
}

Result<std::vector<Saturation>> decode_flags(BytesView bytes) {
    std::vector<Saturation> flags;
    for (const std::uint8_t byte : bytes) {
        if (byte >= kExcesses * kExcesses) return Error{ProofError::not_canonical, "a saturation flag"};
        flags.push_back({static_cast<Excess>(byte % kExcesses), static_cast<Excess>(byte / kExcesses)});
    }
    return flags;
}

Transcript begin(const SecurityProfile& profile, const Statement& statement,
                 std::span<const Saturation> flags) {
    Transcript transcript("valence inference proof 1");
    transcript.absorb_number("target bits", static_cast<std::uint64_t>(profile.target_bits));
    transcript.absorb_number("extension degree", static_cast<std::uint64_t>(profile.extension_degree));
    transcript.absorb("model", Hash(statement.model.bytes));
    absorb_tensors(transcript, "inputs", statement.inputs);
    absorb_tensors(transcript, "outputs", statement.outputs);
    transcript.absorb("context", statement.context);
    transcript.absorb("flags", BytesView(encode_flags(flags)));
    return transcript;
}

Result<Saturation> GivenSaturations::saturation(const Circuit&, QuantityId, const ml::Requantisation&) {
    if (next_ == flags_.size()) return Error{CircuitError::bad_flags, "too few"};
    return flags_[next_++];
}

std::size_t count_saturations(const ml::Graph& graph) {
    class Counting final : public SaturationSource {
    public:
        Result<Saturation> saturation(const Circuit&, QuantityId, const ml::Requantisation&) override {
            ++count;
            return Saturation{};
        }
        std::size_t count = 0;
    } counting;
    static_cast<void>(compile(graph, counting));
    return counting.count;
}

}  // namespace valence::zk
