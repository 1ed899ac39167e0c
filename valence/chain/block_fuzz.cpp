// Any bytes: decoding a block or receipt never faults, and what decodes re-encodes to the same bytes.
#include "valence/chain/block.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace valence;
    const BytesView input{data, size};
    if (const auto block = chain::decode_block(input)) {
        VALENCE_CHECK(base::equal(chain::encode_block(block.value()), input));
    }
    if (const auto receipt = chain::decode_receipt(input)) {
        VALENCE_CHECK(base::equal(chain::encode_receipt(receipt.value()), input));
    }
    return 0;
}
