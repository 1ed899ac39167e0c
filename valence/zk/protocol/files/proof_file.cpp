#include "valence/zk/protocol/files/proof_file.hpp"

#include "valence/zk/protocol/files/tensor_codec.hpp"
#include "valence/zk/protocol/proof/proof_error.hpp"

namespace valence::zk {
namespace {

constexpr std::uint8_t kMagic[] = {'v', 'p', 'r', 'o', 'o', 'f', 0};
constexpr std::uint8_t kVersion = 1;

void put_block(ProofWriter& to, BytesView block) {
    to.put_number(block.size());
    to.put_bytes(block);
}

Result<Bytes> take_block(ProofReader& from) {
    BOOST_OUTCOME_TRY(const std::uint64_t size, from.take_number());
    BOOST_OUTCOME_TRY(const BytesView block, from.take_bytes(size));
    return base::to_bytes(block);
}

}  // namespace

bool is_proof_file(BytesView bytes) {
    return bytes.size() >= sizeof kMagic && base::equal(bytes.first(sizeof kMagic), kMagic);
}

Result<Bytes> encode_proof_file(const ProofFile& file) {
    if (file.context.size() > kMaxContext) return Error{ProofError::too_long, "context"};
    ProofWriter writer;
    writer.put_bytes(kMagic);
    writer.put_bytes(BytesView(&kVersion, 1));
    writer.put(Hash(file.model.bytes));
    put_tensors(writer, file.inputs);
    put_tensors(writer, file.outputs);
    put_block(writer, file.context);
    put_block(writer, file.proof);
    if (writer.bytes().size() > kMaxProofFile)
        return Error{ProofError::too_long, std::to_string(writer.bytes().size()) + " bytes"};
    return writer.take();
}

Result<ProofFile> decode_proof_file(BytesView bytes) {
    if (!is_proof_file(bytes)) return Error{ProofError::unknown_format, "not a proof's file"};
    if (bytes.size() > kMaxProofFile)
        return Error{ProofError::too_long, std::to_string(bytes.size()) + " bytes"};
    ProofReader reader(bytes);
    BOOST_OUTCOME_TRY(reader.take_bytes(sizeof kMagic));
    BOOST_OUTCOME_TRY(const BytesView version, reader.take_bytes(1));
    if (version[0] != kVersion)
        return Error{ProofError::unknown_format, "a proof's file of version " + std::to_string(version[0])};
    ProofFile file;
    BOOST_OUTCOME_TRY(const Hash model, reader.take_digest());
    file.model = ml::ModelId(model.bytes);
    BOOST_OUTCOME_TRY(file.inputs, take_tensors(reader));
    BOOST_OUTCOME_TRY(file.outputs, take_tensors(reader));
    BOOST_OUTCOME_TRY(file.context, take_block(reader));
    if (file.context.size() > kMaxContext) return Error{ProofError::too_long, "context"};
    BOOST_OUTCOME_TRY(file.proof, take_block(reader));
    BOOST_OUTCOME_TRY(reader.finish());
    return file;
}

}  // namespace valence::zk
