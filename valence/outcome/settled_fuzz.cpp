// What the body of a block says about jobs and outcomes: any bytes are refused or have one encoding.
#include "valence/outcome/settled.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const valence::BytesView input{data, size};
    const auto list = valence::outcome::decode_settled(input);
    if (list) VALENCE_CHECK(valence::base::equal(valence::outcome::encode_settled(list.value()), input));
    return 0;
}
