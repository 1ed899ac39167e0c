#include <fstream>
#include <iterator>

#include "suites.hpp"

namespace valence::conformance {

std::optional<json::value> read_json(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    const std::string text{std::istreambuf_iterator<char>{in}, {}};
    boost::system::error_code error;
    auto root = json::parse(text, error);
    if (error) return std::nullopt;
    return root;
}

}  // namespace valence::conformance
