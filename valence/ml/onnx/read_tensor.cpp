#include "valence/ml/onnx/read_tensor.hpp"

#include <bit>
#include <limits>

#include "valence/ml/onnx/import_error.hpp"

namespace valence::ml::onnx_import {
namespace {

using ::onnx::TensorProto;
using real::ElementType;
using real::Shape;
using real::Tensor;

// Element types newer than the protobuf classes (onnx.proto, IR version 10 and later).
constexpr std::int32_t kUint4 = 21;
constexpr std::int32_t kInt4 = 22;

float from_half(std::uint16_t bits) {
    const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000) << 16;
    const std::uint32_t exponent = (bits >> 10) & 31;
    const std::uint32_t fraction = bits & 0x3ff;
    if (exponent == 31) return std::bit_cast<float>(sign | 0x7f800000 | fraction << 13);
    if (exponent != 0) return std::bit_cast<float>(sign | (exponent + 112) << 23 | fraction << 13);
    const float magnitude = static_cast<float>(fraction) * 0x1p-24F;
    return sign == 0 ? magnitude : -magnitude;
}

float from_bfloat(std::uint16_t bits) { return std::bit_cast<float>(static_cast<std::uint32_t>(bits) << 16); }

Error wrong_size(const TensorProto& proto, std::size_t got, std::int64_t wanted) {
    return Error{ImportError::malformed, "tensor '" + proto.name() + "' has " + std::to_string(got) +
                                             " elements, its shape " + std::to_string(wanted)};
}

/// Little-endian elements of type Raw, each converted.
template <typename Raw, typename T, typename Convert>
Result<std::vector<T>> from_raw(const TensorProto& proto, std::int64_t count, Convert convert) {
    const auto& raw = proto.raw_data();
    if (raw.size() % sizeof(Raw) != 0 || raw.size() / sizeof(Raw) != static_cast<std::size_t>(count))
        return wrong_size(proto, raw.size() / sizeof(Raw), count);
    std::vector<T> out(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < out.size(); ++i) {
        Raw element;
        std::memcpy(&element, raw.data() + i * sizeof(Raw), sizeof(Raw));
        out[i] = convert(element);
    }
    return out;
}

template <typename T, typename Field, typename Convert>
Result<std::vector<T>> from_field(const TensorProto& proto, const Field& field, std::int64_t count,
                                  Convert convert) {
    if (static_cast<std::int64_t>(field.size()) != count)
        return wrong_size(proto, static_cast<std::size_t>(field.size()), count);
    std::vector<T> out;
    out.reserve(static_cast<std::size_t>(count));
    for (const auto element : field)
        out.push_back(convert(element));
    return out;
}

/// Elements given either as raw bytes of type Raw or in `field`.
template <typename Raw, typename T, typename Field, typename Convert>
Result<std::vector<T>> read_elements(const TensorProto& proto, const Field& field, std::int64_t count,
                                     Convert convert) {
    if (proto.has_raw_data()) return from_raw<Raw, T>(proto, count, convert);
    return from_field<T>(proto, field, count,
                         [&](auto element) { return convert(static_cast<Raw>(element)); });
}

template <typename Raw>
Result<Tensor> integers(const TensorProto& proto, Shape shape, std::int64_t count) {
    const auto widen = [](Raw v) { return static_cast<std::int64_t>(v); };
    Result<std::vector<std::int64_t>> elements =
        sizeof(Raw) == 8 ? read_elements<Raw, std::int64_t>(proto, proto.int64_data(), count, widen)
        : std::is_same_v<Raw, std::uint32_t>
            ? read_elements<Raw, std::int64_t>(proto, proto.uint64_data(), count, widen)
            : read_elements<Raw, std::int64_t>(proto, proto.int32_data(), count, widen);
    if (!elements) return elements.error();
    return Tensor(std::move(shape), std::move(elements).value());
}

Result<Tensor> unsigned_longs(const TensorProto& proto, Shape shape, std::int64_t count) {
    BOOST_OUTCOME_TRY(auto elements, (read_elements<std::uint64_t, std::int64_t>(
                                         proto, proto.uint64_data(), count,
                                         [](std::uint64_t v) { return static_cast<std::int64_t>(v); })));
    for (const auto v : elements)
        if (v < 0)
            return Error{ImportError::unsupported, "tensor '" + proto.name() + "' has a uint64 above 2^63"};
    return Tensor(std::move(shape), std::move(elements));
}

/// Two elements a byte, the first in the low half.
Result<Tensor> nibbles(const TensorProto& proto, Shape shape, std::int64_t count, bool is_signed) {
    const auto bytes = static_cast<std::size_t>(count / 2 + count % 2);
    const auto given =
        proto.has_raw_data() ? proto.raw_data().size() : static_cast<std::size_t>(proto.int32_data_size());
    if (given != bytes) return wrong_size(proto, 2 * given, count);
    std::vector<std::int64_t> out(static_cast<std::size_t>(count));
    for (std::size_t i = 0; i < out.size(); ++i) {
        const auto byte = proto.has_raw_data()
                              ? static_cast<std::uint8_t>(proto.raw_data()[i / 2])
                              : static_cast<std::uint8_t>(proto.int32_data(static_cast<int>(i / 2)));
        const int nibble = i % 2 == 0 ? byte & 15 : byte >> 4;
        out[i] = is_signed && nibble > 7 ? nibble - 16 : nibble;
    }
    return Tensor(std::move(shape), std::move(out));
}

}  // namespace

Result<ElementType> element_of(std::int32_t file_type) {
    switch (file_type) {
        case TensorProto::FLOAT:
        case TensorProto::FLOAT16:
        case TensorProto::BFLOAT16:
        case TensorProto::DOUBLE:
            return ElementType::f32;
        case TensorProto::INT8:
        case TensorProto::INT16:
        case TensorProto::INT32:
        case TensorProto::INT64:
        case TensorProto::UINT8:
        case TensorProto::UINT16:
        case TensorProto::UINT32:
        case TensorProto::UINT64:
        case kUint4:
        case kInt4:
            return ElementType::i64;
        case TensorProto::BOOL:
            return ElementType::boolean;
        default:
            return Error{ImportError::unsupported, "element type " + file_type_name(file_type)};
    }
}

std::int32_t default_file_type(ElementType element) {
    switch (element) {
        case ElementType::f32:
            return TensorProto::FLOAT;
        case ElementType::i64:
            return TensorProto::INT64;
        case ElementType::boolean:
            return TensorProto::BOOL;
    }
    return 0;
}

std::string file_type_name(std::int32_t file_type) {
    constexpr std::string_view kNames[] = {
        "undefined",      "float",      "uint8",          "int8",       "uint16",   "int16",
        "int32",          "int64",      "string",         "bool",       "float16",  "double",
        "uint32",         "uint64",     "complex64",      "complex128", "bfloat16", "float8e4m3fn",
        "float8e4m3fnuz", "float8e5m2", "float8e5m2fnuz", "uint4",      "int4",     "float4e2m1"};
    if (file_type >= 0 && static_cast<std::size_t>(file_type) < std::size(kNames))
        return std::string{kNames[file_type]};
    return "number " + std::to_string(file_type);
}

bool is_narrow_integer(std::int32_t file_type) {
    switch (file_type) {
        case TensorProto::INT8:
        case TensorProto::INT16:
        case TensorProto::UINT8:
        case TensorProto::UINT16:
        case TensorProto::UINT32:
        case TensorProto::UINT64:
        case kUint4:
        case kInt4:
            return true;
        default:
            return false;
    }
}

Result<Tensor> read_tensor(const TensorProto& proto) {
    if (proto.data_location() == TensorProto::EXTERNAL || proto.external_data_size() > 0)
        return Error{ImportError::external_data, "tensor '" + proto.name() +
                                                     "'; save the model with its data inside (onnx.save with "
                                                     "save_as_external_data=False)"};
    if (proto.has_segment())
        return Error{ImportError::unsupported, "tensor '" + proto.name() + "' is segmented"};
    Shape shape(proto.dims().begin(), proto.dims().end());
    const auto checked = real::checked_element_count(shape);
    if (!checked)
        return Error{ImportError::malformed, "tensor '" + proto.name() + "': " + checked.error().context};
    const auto count = checked.value();
    const auto real_of = [&](auto field_elements) -> Result<Tensor> {
        if (!field_elements) return field_elements.error();
        return Tensor(std::move(shape), std::move(field_elements).value());
    };
    switch (proto.data_type()) {
        case TensorProto::FLOAT:
            return real_of(
                read_elements<float, float>(proto, proto.float_data(), count, [](float v) { return v; }));
        case TensorProto::DOUBLE:
            return real_of(read_elements<double, float>(proto, proto.double_data(), count,
                                                        [](double v) { return static_cast<float>(v); }));
        case TensorProto::FLOAT16:
            return real_of(read_elements<std::uint16_t, float>(proto, proto.int32_data(), count, from_half));
        case TensorProto::BFLOAT16:
            return real_of(
                read_elements<std::uint16_t, float>(proto, proto.int32_data(), count, from_bfloat));
        case TensorProto::BOOL:
            return real_of(read_elements<std::uint8_t, std::uint8_t>(
                proto, proto.int32_data(), count,
                [](std::uint8_t v) { return static_cast<std::uint8_t>(v != 0); }));
        case TensorProto::INT8:
            return integers<std::int8_t>(proto, std::move(shape), count);
        case TensorProto::UINT8:
            return integers<std::uint8_t>(proto, std::move(shape), count);
        case TensorProto::INT16:
            return integers<std::int16_t>(proto, std::move(shape), count);
        case TensorProto::UINT16:
            return integers<std::uint16_t>(proto, std::move(shape), count);
        case TensorProto::INT32:
            return integers<std::int32_t>(proto, std::move(shape), count);
        case TensorProto::UINT32:
            return integers<std::uint32_t>(proto, std::move(shape), count);
        case TensorProto::INT64:
            return integers<std::int64_t>(proto, std::move(shape), count);
        case TensorProto::UINT64:
            return unsigned_longs(proto, std::move(shape), count);
        case kUint4:
            return nibbles(proto, std::move(shape), count, false);
        case kInt4:
            return nibbles(proto, std::move(shape), count, true);
        default:
            return Error{ImportError::unsupported, "tensor '" + proto.name() + "' of element type " +
                                                       file_type_name(proto.data_type())};
    }
}

}  // namespace valence::ml::onnx_import
