// The exchanges of rpc-compat: files of requests (">> ") and the responses expected ("<< ").
#pragma once

#include <filesystem>
#include <vector>

#include <boost/json.hpp>

namespace valence::rpc::simulation {

struct Exchange {
    std::filesystem::path path;
    boost::json::value request;
    boost::json::value response;
};

/// All exchanges of one method, by file name; empty when the folder does not exist.
std::vector<Exchange> read_exchanges(const std::filesystem::path& folder);

}  // namespace valence::rpc::simulation
