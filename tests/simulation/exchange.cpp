#include "tests/simulation/exchange.hpp"

#include <algorithm>
#include <fstream>

namespace valence::rpc::simulation {

std::vector<Exchange> read_exchanges(const std::filesystem::path& folder) {
    std::vector<Exchange> out;
    if (!std::filesystem::exists(folder)) return out;
    for (const auto& entry : std::filesystem::directory_iterator{folder}) {
        if (entry.path().extension() != ".io") continue;
        std::ifstream in{entry.path()};
        std::string line;
        boost::json::value request;
        while (std::getline(in, line)) {
            if (line.starts_with(">> ")) request = boost::json::parse(line.substr(3));
            if (line.starts_with("<< "))
                out.push_back({entry.path(), request, boost::json::parse(line.substr(3))});
        }
    }
    std::sort(out.begin(), out.end(), [](const Exchange& a, const Exchange& b) { return a.path < b.path; });
    return out;
}

}  // namespace valence::rpc::simulation
