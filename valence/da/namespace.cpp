#include "valence/da/namespace.hpp"

#include <fmt/format.h>

#include "valence/da/da_error.hpp"

namespace valence::da {
namespace {

constexpr std::uint8_t kUserVersion = 0;
constexpr std::uint8_t kProtocolVersion = 255;

}  // namespace

Result<Namespace> parse_namespace(BytesView bytes) {
    if (bytes.size() != Namespace::kSize)
        return Error{DaError::bad_namespace, fmt::format("{} bytes instead of 29", bytes.size())};
    const auto n = base::from_exact<Namespace>(bytes);
    if (n.version() != kUserVersion && n.version() != kProtocolVersion)
        return Error{DaError::bad_namespace, fmt::format("version {}", n.version())};
    const auto fixed = n.id().first(n.id().size() - kUserIdSize);
    if (n.version() == kUserVersion && std::any_of(fixed.begin(), fixed.end(), [](auto b) { return b != 0; }))
        return Error{DaError::bad_namespace, "version 0 with more than ten bytes of id: " + base::to_hex(n)};
    return n;
}

Result<void> check_blob_namespace(const Namespace& n) {
    BOOST_OUTCOME_TRY(parse_namespace(n));
    if (is_reserved(n)) return Error{DaError::bad_namespace, "reserved: " + base::to_hex(n)};
    if (n.version() != kUserVersion)
        return Error{DaError::bad_namespace, fmt::format("blobs in version {}", n.version())};
    return success();
}

Result<Namespace> user_namespace(BytesView id) {
    if (id.size() > kUserIdSize)
        return Error{DaError::bad_namespace, fmt::format("id of {} bytes, at most 10", id.size())};
    const auto n = base::from_right_aligned<Namespace>(id);
    BOOST_OUTCOME_TRY(check_blob_namespace(n));
    return n;
}

}  // namespace valence::da
