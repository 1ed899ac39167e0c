// valence-conformance: runs Ethereum's official tests and Celestia's vectors. Exit status 0 only if every
// case that was run passed and every path given exists. The last line is "N passed, N failed, N skipped".
#include <atomic>
#include <thread>

#include "suites.hpp"
#include <CLI/CLI.hpp>
#include <fmt/core.h>

namespace {

namespace fs = std::filesystem;
using valence::conformance::FileReport;
using valence::conformance::RunReport;

/// All files below a path, in order of name.
std::vector<fs::path> files_below(const fs::path& path) {
    if (!fs::is_directory(path)) return {path};
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(path)) {
        if (entry.is_regular_file()) files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

/// Runs the files on some threads and reports them in order.
void run_all(const std::vector<fs::path>& files, unsigned threads, RunReport& report) {
    std::vector<std::optional<FileReport>> results(files.size());
    std::atomic<std::size_t> next = 0;
    std::vector<std::jthread> workers;
    for (unsigned i = 0; i < threads; ++i) {
        workers.emplace_back([&] {
            for (auto at = next++; at < files.size(); at = next++) {
                results[at] = valence::conformance::run_file(files[at]);
            }
        });
    }
    workers.clear();
    for (const auto& result : results)
        report.add(*result);
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{
        "Runs Ethereum's conformance tests: state, blockchain, transaction, RLP, trie, ABI,\n"
        "basic, difficulty and precompile vectors, and a chain.rlp beside its genesis.json; and\n"
        "vectors of data availability: Celestia's blocks, squares, blobs and proofs. Kinds are\n"
        "told apart by content."};
    std::vector<std::string> paths;
    unsigned threads = std::max(1u, std::thread::hardware_concurrency());
    std::string filter;
    bool verbose = false;
    app.add_option("paths", paths, "Files, or folders to search for them")->required();
    app.add_option("--threads", threads, "Files run at once")
        ->check(CLI::Range(1, 256))
        ->capture_default_str();
    app.add_option("--filter", filter, "Only files whose path contains this");
    app.add_flag("-v,--verbose", verbose, "Name every case");
    CLI11_PARSE(app, argc, argv);

    bool missing = false;
    std::vector<fs::path> files;
    for (const auto& path : paths) {
        if (!fs::exists(path)) {
            fmt::print(stderr, "valence-conformance: no such file or folder: {}\n", path);
            missing = true;
            continue;
        }
        for (auto& file : files_below(path)) {
            if (file.string().find(filter) != std::string::npos) files.push_back(std::move(file));
        }
    }
    if (!missing && files.empty()) {
        fmt::print(stderr, "valence-conformance: no files to run\n");
        missing = true;
    }
    RunReport report{verbose ? RunReport::Detail::everything : RunReport::Detail::failures};
    run_all(files, threads, report);
    valence::conformance::close_rpc_exchanges();
    report.print_summary();
    const auto total = report.total();
    // Of a folder that holds no tests at all, nobody should believe that they passed.
    const bool is_empty = total.passed + total.failed == 0;
    if (is_empty && !missing) fmt::print(stderr, "valence-conformance: nothing there is a test\n");
    return missing || is_empty || total.failed != 0 ? 1 : 0;
}
