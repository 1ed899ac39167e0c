// Any bytes: a .npy file is read or refused, within memory in proportion to its size; what is read is written
// back as a file that reads as the same.
#include "valence/ml/check/npy.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace valence;
    const auto read = ml::read_npy({data, size});
    if (read.has_error()) return 0;
    const Bytes written = ml::write_npy(read.value());
    const auto again = ml::read_npy(written);
    VALENCE_CHECK(again.has_value());
    VALENCE_CHECK(again.value().element() == read.value().element());
    VALENCE_CHECK(base::equal(ml::write_npy(again.value()), written));
    return 0;
}
