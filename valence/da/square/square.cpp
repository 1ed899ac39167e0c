#include "valence/da/square/square.hpp"

#include <set>

#include <fmt/format.h>

#include "valence/da/da_error.hpp"
#include "valence/da/square/compact_shares.hpp"

namespace valence::da {
namespace {

/// Stands for any share's index while the sizes are found: its varint has as many bytes as the largest index.
constexpr std::uint32_t kLargestIndex = 1 << 14;
static_assert(kMaxSquareWidth * kMaxSquareWidth < 1 << 21, "indexes need at most three bytes");

struct PendingBlob {
    Blob blob;
    BlobPlace place;
    /// Of its transaction among those that pay for blobs.
    std::size_t payer = 0;
};

/// A block's transactions by kind, and how many shares to set aside for all.
struct Contents {
    std::vector<Bytes> plain;
    std::vector<IndexWrapper> payers;
    std::vector<PendingBlob> blobs;
    std::size_t compact_shares = 0;
    std::size_t most_shares = 0;
};

Result<Contents> sort_out(std::span<const Bytes> transactions) {
    Contents contents;
    CompactShareCounter plain;
    CompactShareCounter paying;
    for (std::size_t i = 0; i < transactions.size(); ++i) {
        BOOST_OUTCOME_TRY(auto parsed, parse_blob_transaction(transactions[i]));
        if (!parsed) {
            if (!contents.payers.empty())
                return Error{DaError::bad_order, fmt::format("transaction {} behind one with blobs", i)};
            plain.add(transactions[i].size());
            contents.plain.push_back(transactions[i]);
            continue;
        }
        for (std::size_t b = 0; b < parsed->blobs.size(); ++b) {
            auto& blob = parsed->blobs[b];
            const auto count = blob_share_count(blob.data.size(), blob.version);
            contents.most_shares += count + subtree_width(count) - 1;
            contents.blobs.push_back({std::move(blob), {i, b, 0, count}, contents.payers.size()});
        }
        IndexWrapper payer{std::move(parsed->transaction),
                           std::vector<std::uint32_t>(parsed->blobs.size(), kLargestIndex)};
        paying.add(encode_index_wrapper(payer).size());
        contents.payers.push_back(std::move(payer));
    }
    contents.compact_shares = plain.shares() + paying.shares();
    contents.most_shares += contents.compact_shares;
    return contents;
}

void append_padding(std::vector<Share>& shares, std::size_t until, const Share& padding) {
    shares.insert(shares.end(), until - shares.size(), padding);
}

/// Finds the blobs' places, from behind the compact shares on; tells them to their payers.
void place_blobs(Contents& contents) {
    std::stable_sort(contents.blobs.begin(), contents.blobs.end(),
                     [](const auto& a, const auto& b) { return a.blob.name < b.blob.name; });
    std::size_t cursor = contents.compact_shares;
    for (auto& pending : contents.blobs) {
        auto& place = pending.place;
        place.index = next_blob_index(cursor, place.share_count);
        contents.payers[pending.payer].share_indexes[place.blob] = static_cast<std::uint32_t>(place.index);
        cursor = place.index + place.share_count;
    }
}

/// The compact shares of a namespace at the front of `shares`, and what is behind them.
struct CompactRun {
    std::vector<Bytes> units;
    std::span<const Share> rest;
};

Result<CompactRun> take_compact(std::span<const Share> shares, const Namespace& name) {
    const auto end = std::find_if(shares.begin(), shares.end(),
                                  [&](const Share& share) { return share_namespace(share) != name; });
    const auto count = static_cast<std::size_t>(end - shares.begin());
    BOOST_OUTCOME_TRY(auto units, parse_compact_shares(shares.first(count)));
    return CompactRun{std::move(units), shares.subspan(count)};
}

Result<Blob> blob_at(std::span<const Share> shares, std::size_t index) {
    if (index >= shares.size())
        return Error{DaError::bad_sequence, fmt::format("a blob at share {} of {}", index, shares.size())};
    BOOST_OUTCOME_TRY(const auto fields, share_fields(shares[index]));
    const auto count = blob_share_count(fields.sequence_length, fields.version);
    BOOST_OUTCOME_TRY(auto blobs, parse_blobs(shares.subspan(index, std::min(count, shares.size() - index))));
    if (blobs.size() != 1) return Error{DaError::bad_sequence, fmt::format("no blob at share {}", index)};
    return std::move(blobs[0].blob);
}

}  // namespace

Result<Square> build_square(std::span<const Bytes> transactions, std::size_t max_width) {
    if (transactions.empty()) return Square{1, {padding_share(kTailPaddingNamespace)}, {}};
    BOOST_OUTCOME_TRY(auto contents, sort_out(transactions));
    if (contents.most_shares > max_width * max_width)
        return Error{DaError::square_full,
                     fmt::format("up to {} shares, {} of room", contents.most_shares, max_width * max_width)};
    place_blobs(contents);

    Square square;
    square.width = square_width_for(contents.most_shares);
    auto& shares = square.shares;
    shares = compact_shares(kTransactionNamespace, contents.plain);
    std::vector<Bytes> payers;
    for (const auto& payer : contents.payers)
        payers.push_back(encode_index_wrapper(payer));
    const auto paying = compact_shares(kPayForBlobNamespace, payers);
    shares.insert(shares.end(), paying.begin(), paying.end());
    auto padding = padding_share(kReservedPaddingNamespace);
    for (const auto& [blob, place, payer] : contents.blobs) {
        append_padding(shares, place.index, padding);
        append_blob_shares(blob, shares);
        padding = padding_share(blob.name, blob.version);
        square.blobs.push_back(place);
    }
    append_padding(shares, square.width * square.width, padding_share(kTailPaddingNamespace));
    return square;
}

Result<std::vector<Bytes>> square_transactions(std::span<const Share> shares) {
    BOOST_OUTCOME_TRY(auto plain, take_compact(shares, kTransactionNamespace));
    BOOST_OUTCOME_TRY(const auto paying, take_compact(plain.rest, kPayForBlobNamespace));
    auto transactions = std::move(plain.units);
    // Each blob has one payer: or a few bytes for every index could stand for the largest blob.
    std::set<std::uint32_t> paid;
    for (const auto& unit : paying.units) {
        BOOST_OUTCOME_TRY(auto wrapper, parse_index_wrapper(unit));
        BlobTransaction transaction{std::move(wrapper.transaction), {}};
        for (const auto index : wrapper.share_indexes) {
            if (!paid.insert(index).second)
                return Error{DaError::bad_sequence, fmt::format("the blob at share {} twice", index)};
            BOOST_OUTCOME_TRY(auto blob, blob_at(shares, index));
            transaction.blobs.push_back(std::move(blob));
        }
        transactions.push_back(encode_blob_transaction(transaction));
    }
    return transactions;
}

}  // namespace valence::da
