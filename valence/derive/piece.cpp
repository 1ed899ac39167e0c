#include "valence/derive/piece.hpp"

#include "valence/crypto/keccak.hpp"
#include "valence/derive/derive_error.hpp"

namespace valence::derive {
namespace {

constexpr std::size_t kHeadSize = 1 + 1 + 8 + 8 + Hash::kSize + 2 + 2;
constexpr std::size_t kSignatureSize = crypto::bls::Signature::kSize;

template <typename Number>
void append_number(Bytes& to, Number value) {
    for (std::size_t i = sizeof(Number); i-- > 0;)
        to.push_back(static_cast<std::uint8_t>(value >> (8 * i)));
}

template <typename Number>
Number read_number(BytesView from) {
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < sizeof(Number); ++i)
        value = value << 8 | from[i];
    return static_cast<Number>(value);
}

Bytes signed_message(BytesView piece, const Hash& genesis_hash) {
    auto message = base::to_bytes(genesis_hash);
    base::append(message, crypto::keccak256(piece));
    return message;
}

}  // namespace

BatchHead head_of(BytesView batch, BatchKind kind, std::uint64_t first, std::uint64_t last) {
    VALENCE_CHECK(!batch.empty() && batch.size() <= kMostBatch);
    const auto count = (batch.size() + kMostPart - 1) / kMostPart;
    return {kind, first, last, crypto::keccak256(batch), static_cast<std::uint16_t>(count)};
}

std::vector<Bytes> cut(BytesView batch, const BatchHead& head, const Hash& genesis_hash,
                       const crypto::bls::SecretKey& key) {
    std::vector<Bytes> pieces;
    for (std::uint16_t index = 0; index < head.count; ++index) {
        const auto part = batch.subspan(index * kMostPart);
        Bytes piece;
        piece.reserve(kHeadSize + std::min(part.size(), kMostPart) + kSignatureSize);
        piece.push_back(kPieceVersion);
        piece.push_back(static_cast<std::uint8_t>(head.kind));
        append_number(piece, head.first);
        append_number(piece, head.last);
        base::append(piece, head.hash);
        append_number(piece, index);
        append_number(piece, head.count);
        base::append(piece, part.first(std::min(part.size(), kMostPart)));
        base::append(piece, key.sign(signed_message(piece, genesis_hash), kPieceDomain));
        pieces.push_back(std::move(piece));
    }
    return pieces;
}

Result<Piece> parse_piece(BytesView blob) {
    if (blob.size() <= kHeadSize + kSignatureSize || blob[0] != kPieceVersion || blob[1] > 1)
        return Error{DeriveError::not_a_piece};
    Piece piece;
    auto& head = piece.head;
    head.kind = static_cast<BatchKind>(blob[1]);
    head.first = read_number<std::uint64_t>(blob.subspan(2));
    head.last = read_number<std::uint64_t>(blob.subspan(10));
    head.hash = base::from_exact<Hash>(blob.subspan(18));
    piece.index = read_number<std::uint16_t>(blob.subspan(50));
    head.count = read_number<std::uint16_t>(blob.subspan(52));
    const auto part = blob.subspan(kHeadSize, blob.size() - kHeadSize - kSignatureSize);
    const bool is_last = piece.index + 1 == head.count;
    const bool fits = is_last ? part.size() <= kMostPart : part.size() == kMostPart;
    if (head.count > kMostPieces || piece.index >= head.count || !fits || head.first > head.last ||
        head.last - head.first >= kMostBlocks)
        return Error{DeriveError::not_a_piece};
    if (head.kind == BatchKind::file && head.last != 0) return Error{DeriveError::not_a_piece};
    piece.part = base::to_bytes(part);
    return piece;
}

Result<Piece> open_piece(BytesView blob, const Hash& genesis_hash, const crypto::bls::Verifier& key) {
    BOOST_OUTCOME_TRY(auto piece, parse_piece(blob));
    const auto content = blob.first(blob.size() - kSignatureSize);
    const auto signature = base::from_exact<crypto::bls::Signature>(blob.last(kSignatureSize));
    const auto message = signed_message(content, genesis_hash);
    if (!key.verify({message, signature}, kPieceDomain)) return Error{DeriveError::foreign};
    return piece;
}

}  // namespace valence::derive
