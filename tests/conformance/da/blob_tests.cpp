// Blobs: how many shares they take, the width of their subtrees, and their commitments.
#include "byte_rule.hpp"
#include "da_suites.hpp"
#include "da_values.hpp"
#include <fmt/core.h>

namespace valence::conformance {
namespace {

Bytes data_of(const json::value& test) {
    if (const auto* data = find(test, "data")) return base64_of(*data);
    if (const auto* data = find(test, "data_b64")) return base64_of(*data);
    const auto length = u64_of(member(test, "data_len"));
    if (length > da::kMaxBlobSize) throw BadFixture(fmt::format("{} bytes", length));
    const ByteRule rule{text_of(member(test, "source"))};
    Bytes data(length);
    for (std::size_t i = 0; i < data.size(); ++i)
        data[i] = rule({{"i", i}, {"len", length}});
    return data;
}

da::Blob blob_of(const json::value& test) {
    da::Blob blob;
    blob.name =
        value_of(da::parse_namespace(exact_bytes_of(member(test, "namespace"), da::Namespace::kSize)));
    blob.version = static_cast<std::uint8_t>(number_or_zero(test, "share_version"));
    blob.data = data_of(test);
    const auto* signer = find(test, "signer");
    if (signer != nullptr && !text_of(*signer).empty()) blob.signer = exact_of<Address>(*signer);
    return blob;
}

std::string check_number(const json::value& test, std::string_view key, std::size_t have) {
    const auto* want = find(test, key);
    if (want == nullptr || u64_of(*want) == have) return {};
    return fmt::format("{}: expected {}, actual {}", key, u64_of(*want), have);
}

/// The shares of a blob, read again.
std::string check_round_trip(const da::Blob& blob) {
    std::vector<da::Share> shares;
    da::append_blob_shares(blob, shares);
    const auto read = da::parse_blobs(shares);
    if (!read) return "its shares: " + read.error().message();
    return read.value().size() == 1 && read.value()[0].blob == blob ? "" : "its shares are another blob's";
}

std::string check_blob_case(const json::value& test) {
    const auto blob = blob_of(test);
    if (const auto allowed = da::check_blob(blob); !allowed) return allowed.error().message();
    const auto count = da::blob_share_count(blob.data.size(), blob.version);
    if (auto wrong = check_number(test, "shares", count); !wrong.empty()) return wrong;
    if (auto wrong = check_number(test, "subtree_width", da::subtree_width(count)); !wrong.empty())
        return wrong;
    if (auto wrong = check_round_trip(blob); !wrong.empty()) return wrong;
    return difference("commitment", exact_of<Hash>(member(test, "commitment")), da::blob_commitment(blob));
}

std::string name_of(const json::value& test, std::size_t i) {
    const auto* source = find(test, "source");
    return source == nullptr ? std::to_string(i) : fmt::format("{} ({})", i, std::string{text_of(*source)});
}

}  // namespace

void run_da_blobs(const Fixture& f, FileReport& report) {
    if (f.root.is_object()) {
        report.add("", check_blob_case(f.root));
        return;
    }
    const auto& tests = array_of(f.root);
    for (std::size_t i = 0; i < tests.size(); ++i)
        report.add(name_of(tests[i], i), check_blob_case(tests[i]));
}

}  // namespace valence::conformance
