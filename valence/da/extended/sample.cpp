#include "valence/da/extended/sample.hpp"

#include <fmt/format.h>

#include "valence/da/da_error.hpp"
#include "valence/da/square/protobuf.hpp"

namespace valence::da {
namespace {

enum SampleField : std::uint32_t { kRow = 1, kColumn = 2, kShare = 3, kAxis = 4, kProof = 5 };

}  // namespace

Sample make_sample(const ExtendedSquare& square, const NamespacedTree& tree, AxisIndex line,
                   std::size_t position) {
    const auto cell = cell_at(line, position);
    return {cell, square.at(cell), line.axis, tree.prove(position, position + 1)};
}

bool verify_sample(const Sample& sample, const SquareRoots& roots) {
    const auto width = roots.width();
    if (sample.cell.row >= width || sample.cell.column >= width || roots.columns.size() != width)
        return false;
    if (sample.proof.start != sample.position() || sample.proof.end != sample.position() + 1) return false;
    if (sample.proof.absent_leaf) return false;
    const auto leaf = hash_leaf(leaf_namespace(sample.share, sample.cell, width), sample.share);
    return verify_leaves_at(sample.proof, {&leaf, 1}, roots.of(sample.line()), width);
}

Bytes encode_sample(const Sample& sample) {
    Bytes message;
    append_varint_field(message, kRow, sample.cell.row);
    append_varint_field(message, kColumn, sample.cell.column);
    append_bytes_field(message, kShare, sample.share);
    append_varint_field(message, kAxis, static_cast<std::uint64_t>(sample.axis));
    append_bytes_field(message, kProof, encode_proof(sample.proof));
    return message;
}

Result<Sample> parse_sample(BytesView bytes) {
    Sample sample;
    bool has_share = false;
    bool has_proof = false;
    MessageReader reader{bytes};
    while (!reader.at_end()) {
        BOOST_OUTCOME_TRY(const auto field, reader.field());
        const bool number = field.kind == MessageField::Kind::varint;
        const bool data = field.kind == MessageField::Kind::bytes;
        if (field.number == kRow && number) {
            sample.cell.row = field.value;
        } else if (field.number == kColumn && number) {
            sample.cell.column = field.value;
        } else if (field.number == kShare && data) {
            if (field.bytes.size() != kShareSize)
                return Error{DaError::bad_share, fmt::format("{} bytes", field.bytes.size())};
            sample.share = base::from_exact<Share>(field.bytes);
            has_share = true;
        } else if (field.number == kAxis && number && field.value <= 1) {
            sample.axis = field.value == 0 ? Axis::row : Axis::column;
        } else if (field.number == kProof && data) {
            BOOST_OUTCOME_TRY(sample.proof, parse_proof(field.bytes));
            has_proof = true;
        } else {
            return Error{DaError::bad_message, fmt::format("field {} of a sample", field.number)};
        }
    }
    if (!has_share || !has_proof) return Error{DaError::bad_message, "a sample without share or proof"};
    return sample;
}

}  // namespace valence::da
