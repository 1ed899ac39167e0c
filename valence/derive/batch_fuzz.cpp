// Any bytes as a batch, and as a blob of a piece: refused, or one encoding of what they decode to.
#include "valence/codec/zstd.hpp"
#include "valence/derive/derive.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace valence;
    const BytesView input{data, size};
    static_cast<void>(derive::decode_blocks(input));
    // The content itself too, since chance finds no zstd frame.
    Bytes batch{derive::kBatchVersion};
    base::append(batch, codec::zstd(input));
    if (const auto blocks = derive::decode_blocks(batch)) {
        // What it unpacks to may be more than may be posted again: proofs are counted each time there too.
        const auto again = derive::encode_blocks(blocks.value());
        if (again) VALENCE_CHECK(again.value() == batch);
    }
    if (auto piece = derive::parse_piece(input)) {
        derive::Assembler assembler;
        static_cast<void>(assembler.add(std::move(piece).value()));
    }
    static const auto rules = [] {
        auto made = chain::valence_rules();
        made.system->layer.emplace();
        return made;
    }();
    if (const auto forced = derive::open_forced(input, rules, 0)) {
        const auto encoded = chain::encode_transaction(forced.value().transaction);
        VALENCE_CHECK(base::equal(derive::encode_forced(rules.chain_id, encoded), input));
    }
    return 0;
}
