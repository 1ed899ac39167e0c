// What became of the cases of a file, and the sums of a run.
#pragma once

#include <map>
#include <mutex>
#include <string>
#include <vector>

namespace valence::conformance {

enum class Verdict { passed, failed, skipped };

struct CaseResult {
    std::string name;
    Verdict verdict = Verdict::passed;
    /// Of a failure: expected and actual. Of a skip: why.
    std::string detail;
};

/// The cases of one file, of one kind of test.
class FileReport {
public:
    FileReport(std::string file, std::string suite) : file_(std::move(file)), suite_(std::move(suite)) {}

    void pass(std::string name) { cases_.push_back({std::move(name), Verdict::passed, {}}); }
    void fail(std::string name, std::string detail) {
        cases_.push_back({std::move(name), Verdict::failed, std::move(detail)});
    }
    void skip(std::string name, std::string reason) {
        cases_.push_back({std::move(name), Verdict::skipped, std::move(reason)});
    }
    /// Passes when `detail` is empty.
    void add(std::string name, std::string detail) {
        detail.empty() ? pass(std::move(name)) : fail(std::move(name), std::move(detail));
    }
    /// A rejection that was right for another reason than the fixture names; no failure.
    void note(std::string text) { notes_.push_back(std::move(text)); }

    const std::string& file() const { return file_; }
    const std::string& suite() const { return suite_; }
    void set_suite(std::string suite) { suite_ = std::move(suite); }
    const std::vector<CaseResult>& cases() const { return cases_; }
    const std::vector<std::string>& notes() const { return notes_; }

private:
    std::string file_;
    std::string suite_;
    std::vector<CaseResult> cases_;
    std::vector<std::string> notes_;
};

struct Counts {
    std::size_t passed = 0;
    std::size_t failed = 0;
    std::size_t skipped = 0;
};

/// Adds up files and prints; used by one thread.
class RunReport {
public:
    enum class Detail { failures, everything };
    explicit RunReport(Detail detail) : detail_(detail) {}

    void add(const FileReport& file);
    /// Counts per suite, reasons of skips, and the last line.
    void print_summary() const;
    const Counts& total() const { return total_; }

private:
    Detail detail_;
    Counts total_;
    std::map<std::string, Counts> suites_;
    /// How many cases were skipped for each reason.
    std::map<std::string, std::size_t> reasons_;
    std::size_t notes_ = 0;
};

}  // namespace valence::conformance
