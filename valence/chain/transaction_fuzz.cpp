// Any bytes: decoding never faults, what decodes re-encodes to the same bytes, and its sender can be asked
// for.
#include "valence/chain/transaction.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace valence;
    const BytesView input{data, size};
    const auto transaction = chain::decode_transaction(input);
    if (!transaction) return 0;
    VALENCE_CHECK(base::equal(chain::encode_transaction(transaction.value()), input));
    static_cast<void>(chain::recover_sender(transaction.value()));
    return 0;
}
