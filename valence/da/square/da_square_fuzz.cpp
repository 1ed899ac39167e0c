// Any bytes as transactions and as shares: parsing never faults, and what parses encodes again.
#include "valence/da/square/compact_shares.hpp"
#include "valence/da/square/pay_for_blobs.hpp"
#include "valence/da/square/square.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace valence;
    const BytesView bytes{data, size};
    const auto transaction = da::parse_blob_transaction(bytes);
    if (transaction && transaction.value()) {
        const auto again = da::parse_blob_transaction(da::encode_blob_transaction(*transaction.value()));
        VALENCE_CHECK(again && again.value() == transaction.value());
        const std::vector<Bytes> block{base::to_bytes(bytes)};
        const auto square = da::build_square(block);
        VALENCE_CHECK(!square || da::square_transactions(square.value().shares).has_value());
    }
    const auto wrapper = da::parse_index_wrapper(bytes);
    if (wrapper) {
        VALENCE_CHECK(da::parse_index_wrapper(da::encode_index_wrapper(wrapper.value())).value() ==
                      wrapper.value());
    }
    const auto payment = da::parse_pay_for_blobs(bytes);
    if (payment) {
        VALENCE_CHECK(da::parse_pay_for_blobs(da::encode_pay_for_blobs(payment.value())).value() ==
                      payment.value());
    }
    const auto shares = da::as_shares(bytes);
    const auto blobs = da::parse_blobs(shares);
    if (blobs) {
        for (const auto& [index, blob] : blobs.value()) {
            std::vector<da::Share> again;
            da::append_blob_shares(blob, again);
            VALENCE_CHECK(index + again.size() <= shares.size());
            VALENCE_CHECK(std::equal(again.begin(), again.end(), shares.begin() + static_cast<long>(index)));
        }
    }
    static_cast<void>(da::parse_compact_shares(shares));
    static_cast<void>(da::square_transactions(shares));
    return 0;
}
