#include "valence/sequencer/inference/parked_journal.hpp"

#include <algorithm>
#include <tuple>

namespace valence::sequencer {
namespace {

constexpr std::uint8_t kTable = 'p';

Bytes key_of(const Hash& transaction) {
    Bytes key{kTable};
    base::append(key, transaction.bytes);
    return key;
}

}  // namespace

Result<void> ParkedJournal::write(const std::vector<Parking::Change>& changes) {
    state::KeyValueBatch batch;
    for (const auto& [hash, transaction] : changes) {
        // An impersonated sender has no signature to come back with.
        if (transaction && transaction->authorisation != Authorisation::signature) continue;
        batch.push_back({key_of(hash), transaction ? std::optional(transaction->encoded) : std::nullopt});
    }
    return batch.empty() ? success() : store_.write(batch);
}

std::vector<PoolTransaction> ParkedJournal::read() const {
    std::vector<Bytes> encoded;
    store_.iterate(Bytes{kTable}, {}, state::Direction::ascending, [&](BytesView, BytesView value) {
        encoded.emplace_back(value.begin(), value.end());
        return state::Visit::go_on;
    });
    std::vector<PoolTransaction> transactions;
    for (auto& decoded : decode_pool_transactions(std::move(encoded)))
        if (decoded) transactions.push_back(std::move(decoded).value());
    std::sort(transactions.begin(), transactions.end(), [](const auto& a, const auto& b) {
        return std::tie(a.sender, a.transaction.nonce) < std::tie(b.sender, b.transaction.nonce);
    });
    return transactions;
}

}  // namespace valence::sequencer
