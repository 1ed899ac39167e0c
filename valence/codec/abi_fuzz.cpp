// Any type name (up to a zero byte) and any bytes: decoding never faults, and what decodes encodes again.
#include "valence/codec/abi.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace valence;
    const auto text = base::as_text(BytesView{data, size});
    const auto end = std::min(text.find('\0'), text.size());
    const auto rest = BytesView{data, size}.subspan(std::min(end + 1, size));
    static_cast<void>(codec::abi_revert_reason(rest));
    const auto type = codec::AbiType::parse(text.substr(0, end));
    if (!type) return 0;
    VALENCE_CHECK(codec::AbiType::parse(type.value().name()).has_value());
    const auto value = codec::abi_decode(type.value(), rest);
    if (!value) return 0;
    const auto encoded = codec::abi_encode(type.value(), value.value());
    VALENCE_CHECK(encoded.has_value());
    VALENCE_CHECK(codec::abi_decode(type.value(), encoded.value()).value() == value.value());
    return 0;
}
