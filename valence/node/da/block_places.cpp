#include "valence/node/da/block_places.hpp"

#include "valence/codec/rlp.hpp"

namespace valence::node {
namespace {

constexpr std::uint8_t kPlaceTable = 'd';
constexpr std::uint8_t kDerivedTable = 'e';
constexpr std::uint8_t kCheckpointKey = 'c';

Bytes place_key(std::uint64_t number, std::uint8_t table = kPlaceTable) {
    Bytes key{table};
    for (int shift = 56; shift >= 0; shift -= 8)
        key.push_back(static_cast<std::uint8_t>(number >> shift));
    return key;
}

Bytes encode_place(const BatchPlace& place) {
    codec::RlpWriter w;
    w.list([&] {
        w.u64(place.first).u64(place.last).bytes(place.last_hash).bytes(place.batch).u64(place.height);
    });
    return w.take();
}

Result<BatchPlace> decode_place(BytesView bytes) {
    BatchPlace place;
    BOOST_OUTCOME_TRY(auto fields, codec::RlpReader::of_list(bytes));
    BOOST_OUTCOME_TRY(place.first, fields.u64());
    BOOST_OUTCOME_TRY(place.last, fields.u64());
    BOOST_OUTCOME_TRY(place.last_hash, fields.fixed<Hash>());
    BOOST_OUTCOME_TRY(place.batch, fields.fixed<Hash>());
    BOOST_OUTCOME_TRY(place.height, fields.u64());
    return place;
}

}  // namespace

Result<void> BlockPlaces::put(const BatchPlace& place) {
    return store_.write({{place_key(place.last), encode_place(place)}});
}

std::optional<BatchPlace> BlockPlaces::find(std::uint64_t number) const {
    std::optional<BatchPlace> found;
    // The first batch that ends there or later.
    store_.iterate(Bytes{kPlaceTable}, place_key(number), state::Direction::ascending,
                   [&](BytesView, BytesView value) {
                       if (auto place = decode_place(value)) found = place.value();
                       return state::Visit::stop;
                   });
    return found && found->first <= number ? found : std::nullopt;
}

Result<void> BlockPlaces::put_derived(std::uint64_t number, const DerivedBlock& derived) {
    codec::RlpWriter w;
    w.list([&] { w.bytes(derived.hash).u64(derived.height).u64(static_cast<std::uint64_t>(derived.kind)); });
    return store_.write({{place_key(number, kDerivedTable), w.take()}});
}

std::optional<DerivedBlock> BlockPlaces::derived(std::uint64_t number) const {
    const auto value = store_.get(place_key(number, kDerivedTable));
    if (!value) return std::nullopt;
    const auto decode = [&]() -> Result<DerivedBlock> {
        DerivedBlock derived;
        BOOST_OUTCOME_TRY(auto fields, codec::RlpReader::of_list(*value));
        BOOST_OUTCOME_TRY(derived.hash, fields.fixed<Hash>());
        BOOST_OUTCOME_TRY(derived.height, fields.u64());
        BOOST_OUTCOME_TRY(const auto kind, fields.u64());
        derived.kind = kind == 0 ? DerivedBlock::Kind::posted : DerivedBlock::Kind::fallback;
        return derived;
    };
    const auto decoded = decode();
    return decoded ? std::optional{decoded.value()} : std::nullopt;
}

Result<void> BlockPlaces::put_checkpoint(Bytes checkpoint) {
    return store_.write({{Bytes{kCheckpointKey}, std::move(checkpoint)}});
}

std::optional<Bytes> BlockPlaces::checkpoint() const { return store_.get(Bytes{kCheckpointKey}); }

}  // namespace valence::node
