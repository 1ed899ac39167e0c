// valence-onnx-vectors [--verbose] [--plain] [FOLDER]: runs ONNX's backend tests (Debian's libonnx-testdata)
// through the importer and the float executor, and what passes through the quantiser and the integer executor
// too (integer_case.hpp says what must hold). Prints how many passed, were refused (by reason) and failed; a
// failure is an error. FOLDER may also hold models with a test_data_set_0 beside them.
//   --verbose   every refused case      --plain   without the passes over the graph
//   --table     only a table by operator, in Markdown
#include <cstdio>
#include <filesystem>
#include <map>
#include <string_view>
#include <vector>

#include "case.hpp"
#include <fmt/format.h>

namespace {

namespace fs = std::filesystem;
using valence::onnx_vectors::Outcome;
using valence::onnx_vectors::Verdict;

constexpr const char* kDefault = "/usr/share/libonnx-testdata/data";
/// What CTest takes for "skipped".
constexpr int kSkipped = 77;

/// The reason without the names of the case.
std::string kind_of(const std::string& detail) {
    std::string out;
    bool quoted = false;
    for (const char c : detail.substr(0, detail.find('\n'))) {
        if (c == '\'') quoted = !quoted;
        if (!quoted) out += c;
    }
    return out;
}

/// Outcomes of one kind over all cases.
struct Column {
    explicit Column(const char* name) : title(name) {}

    const char* title;
    std::map<Verdict, int> totals;
    std::map<std::string, int> reasons;

    void add(const std::string& name, const Outcome& outcome, bool verbose) {
        ++totals[outcome.verdict];
        if (outcome.verdict == Verdict::failed) fmt::print("FAILED {} {}: {}\n", title, name, outcome.detail);
        if (outcome.verdict == Verdict::skipped) ++reasons["skipped: " + outcome.detail];
        if (outcome.verdict == Verdict::refused) ++reasons[kind_of(outcome.detail)];
        if (verbose && outcome.verdict == Verdict::refused)
            fmt::print("refused {} {}: {}\n", title, name, outcome.detail);
        if (verbose && outcome.verdict == Verdict::passed && !outcome.detail.empty())
            fmt::print("rounded {} {}: {}\n", title, name, outcome.detail);
    }
    void print() {
        for (const auto& [reason, times] : reasons)
            fmt::print("{:4} {}\n", times, reason);
        fmt::print("{}: {} passed, {} refused, {} skipped, {} failed\n", title, totals[Verdict::passed],
                   totals[Verdict::refused], totals[Verdict::skipped], totals[Verdict::failed]);
    }
};

/// Outcomes by operator: models of one node count for it, others together.
class Table {
public:
    void add(const valence::onnx_vectors::CaseOutcome& outcome) {
        const auto& operators = outcome.operators;
        Row& row = rows_[operators.size() == 1 ? operators[0] : kSeveral];
        ++row.cases;
        if (outcome.floats.verdict == Verdict::skipped) ++row.missing;
        if (outcome.floats.verdict == Verdict::passed) ++row.floats;
        if (outcome.integers.verdict == Verdict::passed) ++row.integers;
        for (const Outcome* part : {&outcome.floats, &outcome.integers})
            if (part->verdict == Verdict::refused && row.reason.empty()) row.reason = plain(part->detail);
    }
    void print() const {
        fmt::print(
            "| operator | vectors | as floats | as integers | the first refused: why "
            "|\n|---|---|---|---|---|\n");
        Row sum;
        for (const auto& [name, row] : rows_) {
            const bool operators = name != kSeveral;
            fmt::print("| {} | {} | {} | {} | {} |\n", operators ? "`" + name + "`" : name, row.cases,
                       row.floats, row.integers, row.reason);
            sum.cases += row.cases;
            sum.floats += row.floats;
            sum.integers += row.integers;
            sum.missing += row.missing;
        }
        fmt::print("| **all** | {} | {} | {} | {} without weights in the package |\n", sum.cases, sum.floats,
                   sum.integers, sum.missing);
    }

private:
    static constexpr const char* kSeveral = "several, or none that can be read";
    struct Row {
        int cases = 0, floats = 0, integers = 0, missing = 0;
        std::string reason;
    };
    /// What follows the operator and its node in a message, on one line and without what Markdown reads.
    static std::string plain(const std::string& detail) {
        auto text = detail.substr(0, detail.find('\n'));
        if (const auto colon = text.find("): "); colon != std::string::npos) text = text.substr(colon + 3);
        for (char& c : text)
            if (c == '|') c = '/';
        return text;
    }
    std::map<std::string, Row> rows_;
};

}  // namespace

int main(int count, char** arguments) {
    fs::path root = kDefault;
    bool verbose = false;
    bool as_table = false;
    valence::ml::ImportOptions options;
    for (int i = 1; i < count; ++i) {
        const std::string_view argument = arguments[i];
        if (argument == "--verbose")
            verbose = true;
        else if (argument == "--table")
            as_table = true;
        else if (argument == "--plain")
            options.optimise = false;
        else
            root = argument;
    }
    if (!fs::exists(root)) {
        fmt::print("skipped: {} is not there (package libonnx-testdata)\n", root.string());
        return kSkipped;
    }
    Column floats{"float"};
    Column integers{"integer"};
    Table table;
    int allowances = 0;
    std::vector<std::string> suites{"node", "simple", "pytorch-operator", "pytorch-converted", "real"};
    std::erase_if(suites, [&](const std::string& suite) { return !fs::exists(root / suite); });
    // Without the package's folders, the folder's own: models with samples beside them.
    if (suites.empty()) suites.emplace_back(".");
    for (const auto& suite : suites) {
        std::map<std::string, fs::path> cases;
        for (const auto& entry : fs::directory_iterator(root / suite))
            if (suite != "." || fs::exists(entry.path() / "model.onnx"))
                cases[entry.path().filename().string()] = entry.path();
        for (const auto& [name, path] : cases) {
            const auto outcome = valence::onnx_vectors::run_case(path, options);
            table.add(outcome);
            const auto full_name = fmt::format("{}/{}", suite, name);
            floats.add(full_name, outcome.floats, verbose);
            integers.add(full_name, outcome.integers, verbose);
            if (outcome.integers.verdict == Verdict::passed && !outcome.integers.detail.empty()) ++allowances;
        }
    }
    const int failures = floats.totals[Verdict::failed] + integers.totals[Verdict::failed];
    if (as_table) {
        table.print();
        return failures == 0 ? 0 : 1;
    }
    floats.print();
    integers.print();
    fmt::print("{} of the integer ones compared on rounded inputs\n", allowances);
    return failures == 0 ? 0 : 1;
}
