// JSON-RPC exchanges (execution-apis): METHOD/CASE.io below a folder with chain.rlp and genesis.json.
#include <mutex>

#include "rpc_compat.hpp"
#include "suites.hpp"

namespace valence::conformance {
namespace {

/// Guards the suites, and lets one case at a time run: its requests go to one node.
std::mutex suites_mutex;
std::map<std::filesystem::path, Result<std::unique_ptr<rpc_compat::Suite>>> suites;

}  // namespace

FileReport run_rpc_exchange(const std::filesystem::path& path) {
    FileReport report{path.string(), "rpc-compat"};
    const auto folder = path.parent_path().parent_path();
    if (!rpc_compat::is_rpc_compat(folder)) {
        report.skip("", "no chain.rlp and genesis.json in the folder above");
        return report;
    }
    const std::lock_guard lock{suites_mutex};
    auto found = suites.find(folder);
    if (found == suites.end()) found = suites.emplace(folder, rpc_compat::Suite::open(folder)).first;
    if (found->second.has_error()) {
        report.fail("", "chain.rlp: " + found->second.error().message());
        return report;
    }
    auto result = found->second.value()->run(path);
    switch (result.verdict) {
        case rpc_compat::Verdict::passed:
            report.pass("");
            break;
        case rpc_compat::Verdict::failed:
            report.fail("", std::move(result.detail));
            break;
        case rpc_compat::Verdict::skipped:
            report.skip("", std::move(result.detail));
            break;
    }
    return report;
}

void close_rpc_exchanges() {
    const std::lock_guard lock{suites_mutex};
    suites.clear();
}

}  // namespace valence::conformance
