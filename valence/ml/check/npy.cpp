#include "valence/ml/check/npy.hpp"

#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>

#include <fmt/format.h>

#include "valence/ml/float_graph/graph_error.hpp"

namespace valence::ml {
namespace {

Error malformed(std::string what) { return Error{real::GraphError::malformed, ".npy: " + std::move(what)}; }

/// The text after 'key': in a header that Python's repr wrote, up to the next entry.
std::string_view entry(std::string_view header, std::string_view key) {
    const std::string quoted = "'" + std::string(key) + "':";
    const std::size_t at = header.find(quoted);
    if (at == std::string_view::npos) return {};
    std::string_view rest = header.substr(at + quoted.size());
    while (!rest.empty() && rest.front() == ' ')
        rest.remove_prefix(1);
    return rest;
}

Result<real::Shape> read_shape(std::string_view text) {
    real::Shape shape;
    const std::size_t end = text.find(')');
    if (text.empty() || text.front() != '(' || end == std::string_view::npos) return malformed("no shape");
    text = text.substr(1, end - 1);
    while (!text.empty()) {
        const std::size_t digit = text.find_first_of("0123456789");
        if (digit == std::string_view::npos) break;
        text.remove_prefix(digit);
        std::int64_t extent = 0;
        const auto [next, error] = std::from_chars(text.data(), text.data() + text.size(), extent);
        if (error != std::errc{}) return malformed("an extent out of range");
        text.remove_prefix(static_cast<std::size_t>(next - text.data()));
        shape.push_back(extent);
    }
    return shape;
}

template <typename T>
T read(const std::uint8_t* at) {
    T value;
    std::memcpy(&value, at, sizeof value);
    return value;
}

float half(std::uint16_t bits) {
    const int exponent = (bits >> 10) & 31;
    const double fraction = bits & 1023;
    double value = exponent == 0 ? std::ldexp(fraction, -24) : std::ldexp(fraction + 1024, exponent - 25);
    if (exponent == 31) value = fraction == 0 ? HUGE_VAL : NAN;
    return static_cast<float>((bits & 0x8000) != 0 ? -value : value);
}

}  // namespace

Result<real::Tensor> read_npy(BytesView file) {
    static_assert(std::endian::native == std::endian::little);
    if (file.size() < 12 || std::memcmp(file.data(), "\x93NUMPY", 6) != 0) return malformed("no NumPy file");
    const bool wide = file[6] >= 2;
    const std::size_t start = wide ? 12 : 10;
    const std::size_t size =
        wide ? read<std::uint32_t>(file.data() + 8) : read<std::uint16_t>(file.data() + 8);
    if (size > file.size() - start) return malformed("a truncated header");
    const std::string_view header(reinterpret_cast<const char*>(file.data()) + start, size);
    if (entry(header, "fortran_order").substr(0, 5) != "False")
        return malformed("Fortran order; save a C-ordered array");
    BOOST_OUTCOME_TRY(real::Shape shape, read_shape(entry(header, "shape")));
    BOOST_OUTCOME_TRY(const std::int64_t count, real::checked_element_count(shape));
    const std::string_view type = entry(header, "descr");
    const std::size_t quote = type.size() < 2 ? std::string_view::npos : type.find('\'', 1);
    if (quote == std::string_view::npos || quote < 4) return malformed("no element type");
    const std::string_view kind = type.substr(2, quote - 2);
    if (type[1] == '>') return malformed("big-endian elements");
    const auto width = static_cast<std::size_t>(kind.back() - '0');
    const BytesView data = file.subspan(start + size);
    if (width == 0 || width > 8 || static_cast<std::uint64_t>(count) * width != data.size())
        return malformed(fmt::format("{} bytes of elements, {} expected", data.size(),
                                     static_cast<std::uint64_t>(count) * width));

    const auto n = static_cast<std::size_t>(count);
    if (kind[0] == 'f') {
        std::vector<float> elements(n);
        for (std::size_t k = 0; k < n; ++k) {
            const std::uint8_t* at = data.data() + k * width;
            if (width == 4)
                elements[k] = read<float>(at);
            else if (width == 8)
                elements[k] = static_cast<float>(read<double>(at));
            else if (width == 2)
                elements[k] = half(read<std::uint16_t>(at));
            else
                return malformed("reals of this width");
        }
        return real::Tensor(std::move(shape), std::move(elements));
    }
    if (kind == "b1") {
        std::vector<std::uint8_t> elements(data.begin(), data.end());
        for (std::uint8_t& element : elements)
            element = element != 0 ? 1 : 0;
        return real::Tensor(std::move(shape), std::move(elements));
    }
    if (kind[0] != 'i' && kind[0] != 'u') return malformed(fmt::format("elements of type {}", kind));
    std::vector<std::int64_t> elements(n);
    for (std::size_t k = 0; k < n; ++k) {
        std::uint64_t bits = 0;
        std::memcpy(&bits, data.data() + k * width, width);
        const auto unused = static_cast<int>(64 - 8 * width);
        elements[k] = kind[0] == 'u' ? static_cast<std::int64_t>(bits)
                                     : static_cast<std::int64_t>(bits << unused) >> unused;
    }
    return real::Tensor(std::move(shape), std::move(elements));
}

Bytes write_npy(const real::Tensor& tensor) {
    std::string shape;
    for (const std::int64_t extent : tensor.shape())
        shape += fmt::format("{}, ", extent);
    const bool f32 = tensor.element() == real::ElementType::f32;
    const bool i64 = tensor.element() == real::ElementType::i64;
    std::string header = fmt::format("{{'descr': '{}', 'fortran_order': False, 'shape': ({}), }}",
                                     f32   ? "<f4"
                                     : i64 ? "<i8"
                                           : "|b1",
                                     shape);
    // The elements begin at a multiple of 64.
    header.append(63 - (10 + header.size()) % 64, ' ');
    header += '\n';
    Bytes file{0x93,
               'N',
               'U',
               'M',
               'P',
               'Y',
               1,
               0,
               static_cast<std::uint8_t>(header.size() & 0xff),
               static_cast<std::uint8_t>(header.size() >> 8)};
    file.insert(file.end(), header.begin(), header.end());
    const auto append = [&](auto elements) {
        const auto* data = reinterpret_cast<const std::uint8_t*>(elements.data());
        file.insert(file.end(), data, data + elements.size_bytes());
    };
    if (f32)
        append(tensor.f32());
    else if (i64)
        append(tensor.i64());
    else
        append(tensor.boolean());
    return file;
}

}  // namespace valence::ml
