#include "valence/node/da/block_places.hpp"

#include "valence/codec/rlp.hpp"

namespace valence::node {
namespace {

constexpr std::uint8_t kPlaceTable = 'd';

Bytes place_key(std::uint64_t number) {
    Bytes key{kPlaceTable};
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

}  // namespace valence::node
