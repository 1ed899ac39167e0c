// Any bytes as the file of a snapshot: refused, or exactly what is written for what it holds.
#include "valence/node/snapshot/testing.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const valence::BytesView input{data, size};
    const auto again = valence::node::testing::rewritten(input);
    if (again) VALENCE_CHECK(valence::base::equal(again.value(), input));
    return 0;
}
