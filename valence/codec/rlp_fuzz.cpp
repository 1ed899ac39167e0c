// Any bytes: decoding never faults, and what decodes re-encodes to the same bytes.
#include "valence/codec/rlp.hpp"

namespace {

using namespace valence;

void reencode(const codec::RlpItem& item, codec::RlpWriter& to) {
    if (!item.is_list()) {
        to.bytes(item.payload);
        return;
    }
    to.list([&] {
        for (codec::RlpReader items{item.payload}; !items.at_end();)
            reencode(items.item().value(), to);
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView input{data, size};
    if (!codec::rlp_check(input, 64).has_value()) return 0;
    codec::RlpWriter writer;
    reencode(codec::rlp_only(input).value(), writer);
    VALENCE_CHECK(base::equal(writer.view(), input));
    return 0;
}
