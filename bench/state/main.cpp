// valence-bench-state: latency of state roots, commits, reads and proofs on a large state. See docs/state.md.
#include "bench/state/workloads.hpp"
#include <CLI/CLI.hpp>
#include <fmt/format.h>

namespace {

using namespace valence;

std::unique_ptr<state::StateDatabase> open(const state::StateOptions& options) {
    auto opened = state::StateDatabase::open(options);
    if (!opened) {
        fmt::print(stderr, "{}\n", opened.error().message());
        std::exit(1);
    }
    return std::move(opened).value();
}

}  // namespace

int main(int argc, char** argv) {
    CLI::App app{"Latency of state roots, commits, reads and proofs on a large state."};
    bench::Workload workload;
    state::StateOptions options;
    std::string folder = (std::filesystem::temp_directory_path() / "valence-bench-state").string();
    std::uint64_t cache_mib = options.cache_bytes >> 20;
    bool sync = false;
    bool in_memory = false;
    bool json = false;
    bool keep = false;
    app.add_option("--slots", workload.slots, "Slots of the large contract")->capture_default_str();
    app.add_option("--dirty", workload.dirty, "Slots written in a block")->capture_default_str();
    app.add_option("--accounts", workload.accounts, "Accounts changed in a block")->capture_default_str();
    app.add_option("--rounds", workload.rounds, "Blocks of each kind")->capture_default_str();
    app.add_option("--cache-mib", cache_mib, "Memory for caches")->capture_default_str();
    app.add_option("--folder", folder, "Where the database is made; removed in the end")
        ->capture_default_str();
    app.add_flag("--keep", keep, "Keep the folder, and go on from it if it is there");
    app.add_flag("--sync", sync, "Sync the log to the disk with every commit");
    app.add_flag("--memory", in_memory, "Hold the database in memory");
    app.add_flag("--json", json, "Print JSON");
    CLI11_PARSE(app, argc, argv);

    options.cache_bytes = cache_mib << 20;
    if (!in_memory) options.folder = folder;
    if (sync) options.durability = state::CommitDurability::power;
    if (!keep && !in_memory) std::filesystem::remove_all(folder);

    std::vector<bench::Figure> figures;
    auto db = open(options);
    if (!db->head()) bench::build_state(*db, workload, figures);
    if (!in_memory) {
        figures.push_back({"open",
                           {bench::timed([&] {
                               db.reset();
                               db = open(options);
                           })},
                           ""});
    }
    bench::commit_dirty_slots(*db, workload, std::min<std::uint64_t>(workload.rounds, 5), "cold", figures);
    // So many writes that most of the trie has been visited, and is held as far as the caches hold it.
    std::vector<bench::Figure> unused;
    bench::commit_dirty_slots(*db, workload, workload.slots / workload.dirty / 5, "", unused);
    bench::commit_dirty_slots(*db, workload, workload.rounds, "warm", figures);
    bench::commit_all_accounts(*db, workload, std::max<std::uint64_t>(workload.rounds / 6, 2), figures);
    bench::commit_small_blocks(*db, 1'000, figures);
    bench::read_state(*db, workload, figures);
    const auto settings = fmt::format(
        "{}, caches {} MiB",
        in_memory ? "in memory" : (sync ? "write-ahead log, synced" : "write-ahead log, not synced"),
        cache_mib);
    bench::print_figures(figures, settings, json ? bench::Format::json : bench::Format::text);
    db.reset();
    if (!keep && !in_memory) std::filesystem::remove_all(folder);
    return 0;
}
