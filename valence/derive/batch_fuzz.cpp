// Any bytes as a batch, and as a blob of a piece: refused, or one encoding of what they decode to.
#include "valence/codec/rlp.hpp"
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
        codec::RlpWriter w;
        w.list([&] {
            for (const auto& [block, supplement] : blocks.value())
                w.raw(derive::encode_batch_block(block, supplement));
        });
        VALENCE_CHECK(base::equal(w.view(), input));
    }
    if (auto piece = derive::parse_piece(input)) {
        derive::Assembler assembler;
        static_cast<void>(assembler.add(std::move(piece).value()));
    }
    return 0;
}
