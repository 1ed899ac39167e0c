// geth's tracer cases: what a tracer finds in a transaction.
#include "suites.hpp"

#include "valence/rpc/testing/tracer_case.hpp"

namespace valence::conformance {

void run_tracer_test(const Fixture& f, FileReport& report) {
    const auto result = rpc::testing::run_tracer_case(f.path);
    switch (result.verdict) {
        case rpc::testing::Verdict::passed:
            return report.pass("");
        case rpc::testing::Verdict::failed:
            return report.fail("", result.detail);
        case rpc::testing::Verdict::skipped:
            return report.skip("", result.detail);
    }
}

}  // namespace valence::conformance
