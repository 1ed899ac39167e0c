#include "valence/da/square/blob.hpp"

#include <fmt/format.h>

#include "valence/da/da_error.hpp"

namespace valence::da {
namespace {

/// Copies what of `data` fits behind `offset`; answers the rest.
BytesView fill(Share& share, std::size_t offset, BytesView data) {
    const auto count = std::min(kShareSize - offset, data.size());
    std::copy_n(data.begin(), count, share.data() + offset);
    return data.subspan(count);
}

/// The data of a blob that starts at shares[0], and how many shares it takes.
Result<Blob> parse_blob(std::span<const Share> shares, const ShareFields& first) {
    Blob blob{first.name, first.version, {}, {}};
    if (first.version == kShareVersionSigned) blob.signer = first.signer;
    const auto count = blob_share_count(first.sequence_length, first.version);
    if (count > shares.size())
        return Error{DaError::bad_sequence,
                     fmt::format("{} shares of a blob of {} bytes", shares.size(), first.sequence_length)};
    blob.data.reserve(first.sequence_length);
    for (std::size_t i = 0; i < count; ++i) {
        BOOST_OUTCOME_TRY(const auto fields, share_fields(shares[i]));
        if (i != 0 &&
            (fields.starts_sequence || fields.name != first.name || fields.version != first.version))
            return Error{DaError::bad_sequence, fmt::format("share {} of {} belongs elsewhere", i, count)};
        const auto content = BytesView{shares[i].bytes}.subspan(sparse_data_offset(first.version, i == 0));
        const auto left = first.sequence_length - blob.data.size();
        base::append(blob.data, content.first(std::min(content.size(), left)));
        const auto rest = content.subspan(std::min(content.size(), left));
        if (std::any_of(rest.begin(), rest.end(), [](auto b) { return b != 0; }))
            return Error{DaError::bad_share, "bytes behind the end of a blob"};
    }
    return blob;
}

}  // namespace

Result<void> check_blob(const Blob& blob) {
    BOOST_OUTCOME_TRY(check_blob_namespace(blob.name));
    if (blob.data.empty()) return Error{DaError::bad_blob, "no data"};
    if (blob.data.size() > kMaxBlobSize)
        return Error{DaError::bad_blob, fmt::format("{} bytes", blob.data.size())};
    if (blob.version > kShareVersionSigned)
        return Error{DaError::bad_blob, fmt::format("share version {}", blob.version)};
    if (blob.signer.has_value() != (blob.version == kShareVersionSigned))
        return Error{DaError::bad_blob,
                     blob.signer ? "a signer in share version 0" : "no signer in version 1"};
    return success();
}

std::size_t blob_share_count(std::size_t size, std::uint8_t version) {
    const auto first = kShareSize - sparse_data_offset(version, true);
    return size <= first ? 1 : 1 + (size - first + kSparseContent - 1) / kSparseContent;
}

void append_blob_shares(const Blob& blob, std::vector<Share>& shares) {
    BytesView left = blob.data;
    ShareFields fields{.name = blob.name,
                       .version = blob.version,
                       .starts_sequence = true,
                       .sequence_length = static_cast<std::uint32_t>(blob.data.size()),
                       .signer = blob.signer.value_or(Address{})};
    do {
        auto& share = shares.emplace_back(begin_share(fields));
        left = fill(share, sparse_data_offset(blob.version, fields.starts_sequence), left);
        fields.starts_sequence = false;
    } while (!left.empty());
}

Result<std::vector<PlacedBlob>> parse_blobs(std::span<const Share> shares) {
    std::vector<PlacedBlob> blobs;
    for (std::size_t i = 0; i < shares.size();) {
        BOOST_OUTCOME_TRY(const auto fields, share_fields(shares[i]));
        if (!fields.starts_sequence)
            return Error{DaError::bad_sequence, fmt::format("share {} continues nothing", i)};
        if (fields.is_padding()) {
            ++i;
            continue;
        }
        BOOST_OUTCOME_TRY(auto blob, parse_blob(shares.subspan(i), fields));
        const auto count = blob_share_count(blob.data.size(), blob.version);
        blobs.push_back({i, std::move(blob)});
        i += count;
    }
    return blobs;
}

}  // namespace valence::da
