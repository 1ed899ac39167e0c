#include "valence/sequencer/block_store.hpp"

#include <list>
#include <map>
#include <unordered_map>

#include "valence/crypto/keccak.hpp"
#include "valence/sequencer/ancestor_rows.hpp"
#include "valence/sequencer/stored_receipts.hpp"

namespace valence::sequencer {
namespace {

using state::KeyValueBatch;

enum Table : std::uint8_t {
    kCanonical = 'h',
    kNumbers = 'n',
    kHeaders = 'H',
    kBlocks = 'B',
    kOutcomes = 'O',
    kBeacons = 'S',
    kReadModels = 'W',
    kOwed = 'D',
    kReceipts = 'R',
    kLocations = 't',
    kNotes = 'm',
};

void append_number(Bytes& to, std::uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8)
        to.push_back(static_cast<std::uint8_t>(number >> shift));
}

std::uint64_t read_number(BytesView bytes) {
    std::uint64_t number = 0;
    for (const auto byte : bytes.first(8))
        number = number << 8 | byte;
    return number;
}

Bytes key_of(Table table, std::uint64_t number) {
    Bytes key{table};
    append_number(key, number);
    return key;
}

Bytes key_of(Table table, const Hash& hash) {
    Bytes key{table};
    base::append(key, hash);
    return key;
}

Bytes key_of(Table table, std::uint64_t number, const Hash& hash) {
    auto key = key_of(table, number);
    base::append(key, hash);
    return key;
}

Bytes head_key() {
    Bytes key{kNotes};
    base::append(key, base::as_bytes("head"));
    return key;
}

Bytes location_value(std::uint64_t number, std::size_t index) {
    Bytes value;
    value.reserve(12);
    append_number(value, number);
    for (const int shift : {24, 16, 8, 0})
        value.push_back(static_cast<std::uint8_t>(index >> shift));
    return value;
}

/// About how many bytes a block takes in memory. Data and logs are counted as they are: a block's gas pays
/// for a hundred megabytes of them.
std::size_t weight_of(const StoredBlock& block) {
    constexpr std::size_t kEachTransaction =
        sizeof(chain::Transaction) + sizeof(chain::Receipt) + sizeof(TransactionFacts);
    auto bytes = sizeof(StoredBlock) + block.rlp_size + block.block.transactions.size() * kEachTransaction;
    for (const auto& receipt : block.receipts) {
        for (const auto& log : receipt.logs)
            bytes += sizeof(log) + log.topics.size() * Hash::kSize + log.data.size();
    }
    for (const auto& [job, outcome] : block.outcomes)
        bytes += (job.input.size() + outcome.output.size()) * sizeof(std::int64_t) +
                 static_cast<std::size_t>(outcome::proof_bytes(outcome));
    return bytes;
}

constexpr std::size_t kCachedWeight = std::size_t{256} << 20;
constexpr std::size_t kCachedNumbers = 65'536;

}  // namespace

state::KeyValueBatch ancestor_rows(const chain::Header& header, const Hash& hash) {
    return {{key_of(kCanonical, header.number), base::to_bytes(hash)},
            {key_of(kHeaders, header.number, hash), chain::encode_header(header)}};
}

struct BlockStore::Cache {
    struct Entry {
        SharedBlock block;
        std::list<Hash>::iterator place;
        std::size_t weight = 0;
    };
    /// Guards what follows.
    mutable std::mutex mutex;
    /// Most recently used first.
    std::list<Hash> order;
    std::unordered_map<Hash, Entry> blocks;
    std::size_t weight = 0;
    /// The newest part of the canonical chain.
    std::map<std::uint64_t, Hash> canonical;

    SharedBlock find(const Hash& hash) {
        const std::lock_guard guard(mutex);
        const auto found = blocks.find(hash);
        if (found == blocks.end()) return nullptr;
        order.splice(order.begin(), order, found->second.place);
        return found->second.block;
    }

    /// In place of what was held for this hash: a block kept aside gets receipts once it is executed. One
    /// that was read before that may come after it, and is left out.
    void insert(SharedBlock block) {
        const auto own_weight = weight_of(*block);
        const std::lock_guard guard(mutex);
        if (const auto held = blocks.find(block->hash); held != blocks.end()) {
            if (held->second.block->is_executed() && !block->is_executed()) return;
            weight -= held->second.weight;
            order.erase(held->second.place);
            blocks.erase(held);
        }
        order.push_front(block->hash);
        weight += own_weight;
        const auto hash = block->hash;
        blocks.emplace(hash, Entry{std::move(block), order.begin(), own_weight});
        while (weight > kCachedWeight && order.size() > 1) {
            const auto oldest = blocks.find(order.back());
            weight -= oldest->second.weight;
            blocks.erase(oldest);
            order.pop_back();
        }
    }
};

BlockStore::BlockStore(state::KeyValueStore& store) : store_(store), cache_(std::make_unique<Cache>()) {}
BlockStore::~BlockStore() = default;

std::optional<Hash> BlockStore::canonical_hash(std::uint64_t number) const {
    {
        const std::lock_guard guard(cache_->mutex);
        const auto found = cache_->canonical.find(number);
        if (found != cache_->canonical.end()) return found->second;
    }
    const auto value = store_.get(key_of(kCanonical, number));
    if (!value) return std::nullopt;
    return base::from_exact<Hash>(*value);
}

SharedBlock BlockStore::canonical(std::uint64_t number) const {
    const auto hash = canonical_hash(number);
    return hash ? block(*hash) : nullptr;
}

SharedBlock BlockStore::block(const Hash& hash) const {
    if (auto cached = cache_->find(hash)) return cached;
    const auto number_value = store_.get(key_of(kNumbers, hash));
    if (!number_value) return nullptr;
    const auto number = read_number(*number_value);
    const auto encoded = store_.get(key_of(kBlocks, number, hash));
    if (!encoded) return nullptr;
    auto decoded = chain::decode_block(*encoded);
    VALENCE_CHECK(decoded.has_value());

    StoredBlock out;
    out.block = std::move(decoded).value();
    out.hash = hash;
    out.rlp_size = encoded->size();
    const auto encoded_receipts = store_.get(key_of(kReceipts, number, hash));
    if (!encoded_receipts) return nullptr;
    auto receipts = decode_stored_receipts(*encoded_receipts);
    VALENCE_CHECK(receipts.has_value());
    out.total_difficulty = receipts.value().total_difficulty;
    out.receipts = std::move(receipts.value().receipts);
    if (out.is_executed()) {
        std::vector<Hash> hashes;
        for (const auto& transaction : out.block.transactions) {
            hashes.push_back(chain::transaction_hash(transaction));
        }
        out.facts = derive_facts(out.block, out.receipts, receipts.value().senders, hashes);
    }
    if (const auto outcomes = store_.get(key_of(kOutcomes, number, hash))) {
        auto list = outcome::decode_settled(*outcomes);
        VALENCE_CHECK(list.has_value());
        out.outcomes = std::move(list).value();
    }
    if (const auto beacon = store_.get(key_of(kBeacons, number, hash)))
        out.beacon = base::from_exact<crypto::bls::Signature>(*beacon);
    if (const auto models = store_.get(key_of(kReadModels, number, hash)))
        for (BytesView rest = *models; rest.size() >= ml::ModelId::kSize;
             rest = rest.subspan(ml::ModelId::kSize))
            out.read_models.push_back(base::from_exact<ml::ModelId>(rest.first(ml::ModelId::kSize)));
    if (const auto owed = store_.get(key_of(kOwed, number, hash))) out.owed = base::from_exact<Hash>(*owed);
    auto shared = std::make_shared<const StoredBlock>(std::move(out));
    cache_->insert(shared);
    return shared;
}

std::optional<chain::Header> BlockStore::canonical_header(std::uint64_t number) const {
    const auto hash = canonical_hash(number);
    if (!hash) return std::nullopt;
    if (const auto cached = cache_->find(*hash)) return cached->block.header;
    const auto encoded = store_.get(key_of(kHeaders, number, *hash));
    if (!encoded) return std::nullopt;
    auto header = chain::decode_header(*encoded);
    VALENCE_CHECK(header.has_value());
    return std::move(header).value();
}

std::optional<TransactionLocation> BlockStore::locate(const Hash& transaction) const {
    const auto value = store_.get(key_of(kLocations, transaction));
    if (!value || value->size() != 12) return std::nullopt;
    TransactionLocation location{read_number(*value), 0};
    for (std::size_t i = 8; i < 12; ++i)
        location.index = location.index << 8 | (*value)[i];
    return location;
}

std::optional<std::uint64_t> BlockStore::head_number() const {
    const auto value = store_.get(head_key());
    if (!value || value->size() != 8) return std::nullopt;
    return read_number(*value);
}

KeyValueBatch BlockStore::adopt(const StoredBlock& block, Bytes encoded) const {
    auto batch = keep_aside(block, std::move(encoded));
    const auto number = block.number();
    batch.push_back({key_of(kCanonical, number), base::to_bytes(block.hash)});
    for (std::size_t i = 0; i < block.facts.size(); ++i) {
        batch.push_back({key_of(kLocations, block.facts[i].hash), location_value(number, i)});
    }
    Bytes head;
    append_number(head, number);
    batch.push_back({head_key(), std::move(head)});
    return batch;
}

void BlockStore::adopted(SharedBlock block) {
    {
        const std::lock_guard guard(cache_->mutex);
        auto& canonical = cache_->canonical;
        canonical[block->number()] = block->hash;
        if (canonical.size() > kCachedNumbers) canonical.erase(canonical.begin());
    }
    cache_->insert(std::move(block));
}

KeyValueBatch BlockStore::keep_aside(const StoredBlock& block, Bytes encoded) const {
    const auto number = block.number();
    Bytes number_value;
    append_number(number_value, number);
    KeyValueBatch batch;
    batch.reserve(9 + block.facts.size());
    batch.push_back({key_of(kNumbers, block.hash), std::move(number_value)});
    batch.push_back({key_of(kHeaders, number, block.hash), chain::encode_header(block.block.header)});
    batch.push_back({key_of(kBlocks, number, block.hash), std::move(encoded)});
    batch.push_back({key_of(kReceipts, number, block.hash), encode_stored_receipts(block)});
    if (!block.outcomes.empty())
        batch.push_back({key_of(kOutcomes, number, block.hash), outcome::encode_settled(block.outcomes)});
    if (!block.read_models.empty()) {
        Bytes models;
        for (const auto& model : block.read_models)
            base::append(models, model.bytes);
        batch.push_back({key_of(kReadModels, number, block.hash), std::move(models)});
    }
    if (!block.owed.is_zero())
        batch.push_back({key_of(kOwed, number, block.hash), base::to_bytes(block.owed)});
    if (block.beacon) batch.push_back({key_of(kBeacons, number, block.hash), base::to_bytes(*block.beacon)});
    return batch;
}

KeyValueBatch BlockStore::unwind_to(std::uint64_t number) const {
    KeyValueBatch batch;
    const auto head = head_number().value_or(number);
    for (auto n = head; n > number; --n) {
        const auto block = canonical(n);
        VALENCE_CHECK(block != nullptr);
        for (const auto& facts : block->facts)
            batch.push_back({key_of(kLocations, facts.hash), std::nullopt});
        batch.push_back({key_of(kCanonical, n), std::nullopt});
    }
    Bytes value;
    append_number(value, number);
    batch.push_back({head_key(), std::move(value)});
    return batch;
}

void BlockStore::unwound_to(std::uint64_t number) {
    const std::lock_guard guard(cache_->mutex);
    auto& canonical = cache_->canonical;
    canonical.erase(canonical.upper_bound(number), canonical.end());
}

}  // namespace valence::sequencer
