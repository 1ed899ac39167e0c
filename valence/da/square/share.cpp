#include "valence/da/square/share.hpp"

#include <fmt/format.h>

#include "valence/da/da_error.hpp"

namespace valence::da {

Result<ShareFields> share_fields(const Share& share) {
    const BytesView bytes{share.bytes};
    ShareFields fields;
    BOOST_OUTCOME_TRY(fields.name, parse_namespace(bytes.first(Namespace::kSize)));
    const auto info = bytes[Namespace::kSize];
    fields.version = info >> 1;
    fields.starts_sequence = (info & 1) != 0;
    if (fields.version > kShareVersionSigned)
        return Error{DaError::bad_share, fmt::format("version {}", fields.version)};
    if (!fields.starts_sequence) return fields;
    const auto length = bytes.subspan(Namespace::kSize + kInfoSize, kSequenceLengthSize);
    for (const auto byte : length)
        fields.sequence_length = fields.sequence_length << 8 | byte;
    if (fields.version == kShareVersionSigned) {
        fields.signer = base::from_exact<Address>(
            bytes.subspan(Namespace::kSize + kInfoSize + kSequenceLengthSize, kSignerSize));
    }
    return fields;
}

Share begin_share(const ShareFields& fields) {
    Share share;
    auto* at = std::copy(fields.name.begin(), fields.name.end(), share.data());
    *at++ = static_cast<std::uint8_t>(fields.version << 1 | (fields.starts_sequence ? 1 : 0));
    if (!fields.starts_sequence) return share;
    for (int shift = 24; shift >= 0; shift -= 8)
        *at++ = static_cast<std::uint8_t>(fields.sequence_length >> shift);
    if (fields.version == kShareVersionSigned) std::copy(fields.signer.begin(), fields.signer.end(), at);
    return share;
}

Share padding_share(const Namespace& name, std::uint8_t version) {
    return begin_share({.name = name, .version = version, .starts_sequence = true, .signer = {}});
}

}  // namespace valence::da
