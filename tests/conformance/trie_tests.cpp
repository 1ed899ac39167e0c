// Trie tests: the root after inserting and deleting keys.
#include "suites.hpp"
#include <fmt/core.h>

#include "valence/state/trie/full_root.hpp"

namespace valence::conformance {
namespace {

/// Hexadecimal with 0x, or the text itself.
Bytes trie_bytes(std::string_view text) {
    if (text.starts_with("0x")) return bytes_of(json::value(text));
    return base::to_bytes(base::as_bytes(text));
}

/// The pairs left after all insertions and, for null or empty values, deletions.
std::map<Bytes, Bytes> contents_of(const json::value& in) {
    std::map<Bytes, Bytes> contents;
    const auto put = [&](std::string_view key, const json::value& value) {
        if (value.is_null() || text_of(value).empty()) {
            contents.erase(trie_bytes(key));
        } else {
            contents[trie_bytes(key)] = trie_bytes(text_of(value));
        }
    };
    if (const auto* object = in.if_object()) {
        for (const auto& [key, value] : *object)
            put(key, value);
        return contents;
    }
    for (const auto& pair : array_of(in)) {
        const auto& items = array_of(pair);
        if (items.size() != 2) throw BadFixture("not a pair");
        put(text_of(items[0]), items[1]);
    }
    return contents;
}

}  // namespace

void run_trie_tests(const Fixture& f, FileReport& report) {
    // Whether keys are hashed is said by the file's name alone.
    auto file = f.path.stem().string();
    std::transform(file.begin(), file.end(), file.begin(), [](unsigned char c) { return std::tolower(c); });
    const bool secure = file.find("secure") != std::string::npos;
    for (const auto& [name, test] : object_of(f.root)) {
        std::vector<state::Leaf> leaves;
        for (const auto& [key, value] : contents_of(member(test, "in")))
            leaves.push_back({key, value});
        const auto want = hash_of(member(test, "root"));
        const auto root = secure ? state::secure_trie_root(leaves) : state::trie_root(leaves);
        report.add(std::string{std::string_view{name}},
                   root == want ? "" : fmt::format("root: expected {}, actual {}", hex(want), hex(root)));
    }
}

}  // namespace valence::conformance
