// valence-rpc-compat FOLDER: runs the exchanges and prints what differs; exit 0 only if none does.
#include <cstdio>
#include <map>

#include "rpc_compat.hpp"

int main(int argc, char** argv) {
    using namespace valence::rpc_compat;
    if (argc != 2 || !is_rpc_compat(argv[1])) {
        std::fprintf(stderr, "usage: valence-rpc-compat FOLDER, a folder with genesis.json and chain.rlp\n");
        return 2;
    }
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::map<std::string, std::size_t> skipped;
    std::size_t skips = 0;
    for (const auto& result : run_rpc_compat(argv[1])) {
        switch (result.verdict) {
            case Verdict::passed:
                ++passed;
                break;
            case Verdict::failed:
                ++failed;
                std::printf("FAIL %s: %s\n", result.name.c_str(), result.detail.c_str());
                break;
            case Verdict::skipped:
                ++skips;
                ++skipped[result.detail];
                break;
        }
    }
    for (const auto& [reason, count] : skipped)
        std::printf("skipped %zu: %s\n", count, reason.c_str());
    std::printf("%zu passed, %zu failed, %zu skipped\n", passed, failed, skips);
    return failed == 0 ? 0 : 1;
}
