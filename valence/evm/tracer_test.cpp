#include "valence/evm/tracer.hpp"

#include <sstream>

#include "valence/evm/testing/fixture.hpp"

namespace valence::evm {
namespace {

using testing::call;
using testing::Code;
using testing::kContract;
using testing::kOther;

/// Writes what it sees, a line each.
class Recorder : public Tracer {
public:
    void on_enter(const Message& m, Host&) override { text << "enter " << m.depth << ' ' << m.gas << '\n'; }
    void on_exit(const Message& m, const CallResult& r, Host&) override {
        text << "exit " << m.depth << ' ' << static_cast<int>(r.status) << ' ' << r.gas_left << '\n';
    }
    void on_step(const Step& s, Host&) override {
        text << s.pc << ' ' << info(static_cast<Op>(s.opcode)).name << ' ' << s.gas << ' ' << s.stack.size()
             << ' ' << s.memory.size();
    }
    void on_step_cost(Gas gas, Status status) override {
        text << " cost " << gas;
        if (status != Status::success) text << " failed " << static_cast<int>(status);
        text << '\n';
    }
    void on_log(const Log& log) override { text << " log " << log.topics.size(); }
    void on_self_destruct(const Address&, const Address&, const U256& balance) override {
        text << " destroyed " << balance.to_decimal();
    }

    std::ostringstream text;
};

class Tracing : public testing::VmTest {
protected:
    Tracing() { tracer = &recorder; }
    Recorder recorder;
};

TEST_F(Tracing, ShowsEveryStepWithItsCost) {
    run(Code{}.push(1).push(0).op(Op::mstore).push(5).op(Op::jumpdest), kLatestRevision, 100);
    EXPECT_EQ(recorder.text.str(),
              "enter 0 100\n"
              "0 PUSH1 100 0 0 cost 3\n"
              "2 PUSH1 97 1 0 cost 3\n"
              "4 MSTORE 94 2 0 cost 6\n"
              "5 PUSH1 88 0 32 cost 3\n"
              "7 JUMPDEST 85 1 32 cost 1\n"
              "8 STOP 84 1 32 cost 0\n"
              "exit 0 0 84\n");
}

TEST_F(Tracing, ReportsTheCostOfACallBeforeItsFrame) {
    host.put(kOther, 0, Code{}.op(Op::invalid).bytes(), 1);
    run(Code{}.push(0).push(0).push(0).push(0).push(0).push(kOther).push(100).op(Op::call), kLatestRevision,
        5000);
    EXPECT_TRUE(
        recorder.text.str().find("cost 2700\nenter 1 100\n0 INVALID 100 0 0 cost 0 failed 4\nexit 1 4 0\n"
                                 "34 STOP 2279 1 0 cost 0\nexit 0 0 2279\n") != std::string::npos)
        << recorder.text.str();
}

TEST_F(Tracing, ReportsFailuresAtTheirInstruction) {
    run(Code{}.op(Op::add), kLatestRevision, 100);
    EXPECT_EQ(recorder.text.str(), "enter 0 100\n0 ADD 100 0 0 cost 0 failed 6\nexit 0 6 0\n");
    recorder.text.str("");
    // The full cost, though only 4 gas are left.
    run(Code{}.push(32 * 9).op(Op::mload), kLatestRevision, 7);
    EXPECT_EQ(recorder.text.str(),
              "enter 0 7\n0 PUSH2 7 0 0 cost 3\n3 MLOAD 4 1 0 cost 33 failed 2\nexit 0 2 0\n");
}

TEST_F(Tracing, RunsJumpDestinationsByThemselves) {
    run(Code{}.push(3).op(Op::jump).op(Op::jumpdest), kLatestRevision, 100);
    EXPECT_TRUE(recorder.text.str().find("3 JUMPDEST 89 0 0 cost 1\n") != std::string::npos)
        << recorder.text.str();
}

TEST_F(Tracing, SeesPrecompilesLogsAndSelfDestructs) {
    host.put(kContract, 0, {}, 1);
    run(call(Op::staticcall, base::address_from_number(4))
            .push(0)
            .push(0)
            .op(Op::log0)
            .push(kOther)
            .op(Op::selfdestruct));
    const auto text = recorder.text.str();
    EXPECT_TRUE(text.find("enter 1 ") != std::string::npos) << text;
    EXPECT_TRUE(text.find("exit 1 0 ") != std::string::npos) << text;
    EXPECT_TRUE(text.find(" log 0 cost 375\n") != std::string::npos) << text;
    EXPECT_TRUE(text.find(" destroyed 0 cost 7600\n") != std::string::npos) << text;
}

TEST_F(Tracing, ClosesEveryFrameOfAnAbandonedRun) {
    const auto precompile = "0x2000000000000000000000000000000000000001"_address;
    host.precompiles[precompile] = [](const Message&) { return PrecompileResult{Status::abandoned, 0, {}}; };
    host.put(kOther, 0, call(Op::call, precompile).bytes(), 1);
    run(call(Op::call, kOther));
    const auto text = recorder.text.str();
    const auto abandoned = std::to_string(static_cast<int>(Status::abandoned));
    const auto end = "exit 2 " + abandoned + " 0\nexit 1 " + abandoned + " 0\nexit 0 " + abandoned + " 0\n";
    EXPECT_TRUE(text.ends_with(end)) << text;
}

/// Loses interest before its third step.
class Impatient : public Recorder {
public:
    void on_step(const Step& step, Host& host) override {
        Recorder::on_step(step, host);
        if (++steps_ == 3) give_up();
    }

private:
    int steps_ = 0;
};

TEST_F(Tracing, EndsARunWhoseTracerGivesUp) {
    Impatient impatient;
    tracer = &impatient;
    const auto forever = Code{}.op(Op::jumpdest).push(0).op(Op::jump);
    EXPECT_EQ(run(forever, kLatestRevision, 1'000'000'000'000).status, Status::abandoned);
    const auto abandoned = std::to_string(static_cast<int>(Status::abandoned));
    EXPECT_TRUE(impatient.text.str().ends_with("exit 0 " + abandoned + " 0\n")) << impatient.text.str();
}

TEST_F(Tracing, ChangesNothing) {
    const auto code =
        Code{}.push(7).push(1).op(Op::sstore).append(call(Op::call, kOther, 0)).op(Op::gas).return_top();
    const auto traced = run(code);
    tracer = nullptr;
    host.put_storage(kContract, 1, 0);
    const auto plain = run(code);
    EXPECT_EQ(traced.output, plain.output);
    EXPECT_EQ(traced.gas_left, plain.gas_left);
}

}  // namespace
}  // namespace valence::evm
