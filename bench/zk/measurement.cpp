#include "bench/zk/measurement.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <ctime>
#include <exception>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iterator>
#include <map>
#include <memory>

#include "bench/ml/network.hpp"
#include <fmt/format.h>
#include <oneapi/tbb/global_control.h>
#include <sys/wait.h>
#include <unistd.h>

#include "valence/ml/executor/run.hpp"
#include "valence/ml/graph/validate.hpp"
#include "valence/ml/model/verifying_key.hpp"
#include "valence/zk/protocol/argument/account.hpp"
#include "valence/zk/protocol/files/proof_file.hpp"
#include "valence/zk/protocol/model_commitment.hpp"
#include "valence/zk/prover/prove.hpp"
#include "valence/zk/verifier/verify.hpp"

namespace bench {
namespace {

using namespace valence;

double now(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-6 * static_cast<double>(time.tv_nsec);
}

struct Times {
    double wall = 1e300;
    double cpu = 1e300;
};

/// The least time of several runs, of as many as a few seconds allow; one at least.
template <typename Run>
Times least_milliseconds(int rounds, Run run) {
    constexpr double kBudget = 15'000;
    Times least;
    const double begin = now(CLOCK_MONOTONIC);
    for (int round = 0; round < rounds && (round == 0 || now(CLOCK_MONOTONIC) - begin < kBudget); ++round) {
        const double wall = now(CLOCK_MONOTONIC);
        const double cpu = now(CLOCK_PROCESS_CPUTIME_ID);
        run();
        least.wall = std::min(least.wall, now(CLOCK_MONOTONIC) - wall);
        least.cpu = std::min(least.cpu, now(CLOCK_PROCESS_CPUTIME_ID) - cpu);
    }
    return least;
}

/// Rows of the table that token numbers index.
std::int64_t vocabulary_of(const ml::Graph& graph) {
    for (const ml::Node& node : graph.main.nodes) {
        const auto* gather = std::get_if<ml::Gather>(&node.operation);
        if (gather != nullptr && gather->table) return graph.weights[*gather->table].shape[0];
    }
    return 1;
}

std::vector<ml::Values> seeded_inputs(const ml::Graph& graph) {
    std::vector<ml::Values> inputs;
    std::uint64_t state = 1;
    for (const ml::TensorId id : graph.main.inputs) {
        const ml::Tensor& tensor = graph.main.tensors[id];
        ml::Values values{tensor.type, tensor.shape, {}};
        for (std::uint64_t k = 0; k < tensor.shape.elements(); ++k) {
            state = state * 6364136223846793005 + 1442695040888963407;
            values.data.push_back(tensor.type == ml::ElementType::index
                                      ? static_cast<std::int64_t>(state >> 40) % vocabulary_of(graph)
                                      : static_cast<std::int64_t>(state >> 48) - 32768);
        }
        inputs.push_back(std::move(values));
    }
    return inputs;
}

/// From here on peak_megabytes() is about what follows.
void forget_peak() { std::ofstream("/proc/self/clear_refs") << "5"; }

double peak_megabytes() {
    std::ifstream status("/proc/self/status");
    for (std::string word; status >> word;) {
        double kilobytes = 0;
        if (word == "VmHWM:" && status >> kilobytes) return kilobytes / 1024;
    }
    return 0;
}

Result<void> write_file(const std::string& name, BytesView bytes) {
    std::ofstream file(name, std::ios::binary);
    file.write(reinterpret_cast<const char*>(bytes.data()), static_cast<std::streamsize>(bytes.size()));
    if (!file.flush()) return Error{make_error_code(std::errc::io_error), name};
    return success();
}

Result<Bytes> read_file(const std::string& name) {
    std::ifstream file(name, std::ios::binary);
    Bytes bytes(std::istreambuf_iterator<char>(file), {});
    if (!file) return Error{make_error_code(std::errc::io_error), name};
    return bytes;
}

Result<void> keep(const std::string& path, const zk::ProvingModel& model, const zk::Statement& statement,
                  BytesView proof) {
    BOOST_OUTCOME_TRY(const Bytes file,
                      zk::encode_proof_file({statement.model,
                                             {statement.inputs.begin(), statement.inputs.end()},
                                             {statement.outputs.begin(), statement.outputs.end()},
                                             {},
                                             base::to_bytes(proof)}));
    BOOST_OUTCOME_TRYV(
        write_file(path + ".vkey", ml::encode_verifying_key(ml::verifying_key(model.graph()))));
    return write_file(path + ".proof", file);
}

/// The bits of the worst round of the proofs of this model, and of all rounds together.
Result<zk::SoundnessAccount> soundness_of(const zk::ProvableModel& model, const zk::SecurityProfile& profile,
                                          std::span<const ml::Values> inputs, BytesView proof) {
    const std::size_t head = 2;
    BOOST_OUTCOME_TRY(auto flags, zk::decode_flags(proof.subspan(head, zk::count_saturations(*model.graph))));
    zk::GivenSaturations given(std::move(flags));
    BOOST_OUTCOME_TRY(const zk::Circuit circuit, zk::compile(*model.graph, given, inputs));
    BOOST_OUTCOME_TRY(const auto opening, zk::secure_parameters(circuit, profile));
    return zk::account_of(circuit, opening);
}

/// Leaves PATH.vkey and PATH.proof.
Result<boost::json::object> measure_proving(const std::string& network, const std::string& path,
                                            const MeasurementOptions& options) {
    Model model = make_model(network);
    if (model.name.empty())
        return Error{make_error_code(std::errc::invalid_argument),
                     "no model is called " + network + "; --help lists them"};
    BOOST_OUTCOME_TRYV(ml::validate(model.graph));
    const auto graph = std::make_shared<const ml::Graph>(std::move(model.graph));
    const auto inputs = seeded_inputs(*graph);

    double native = 0;
    {
        BOOST_OUTCOME_TRY(const ml::Plan plan, ml::plan(graph));
        ml::Workspace workspace;
        BOOST_OUTCOME_TRYV(ml::run(plan, workspace, inputs, static_cast<unsigned>(options.threads)));
        native = least_milliseconds(4 * options.rounds, [&] {
                     static_cast<void>(
                         ml::run(plan, workspace, inputs, static_cast<unsigned>(options.threads)).value());
                 }).wall;
    }

    const double start = now(CLOCK_MONOTONIC);
    BOOST_OUTCOME_TRY(const zk::ProvingModel committed, zk::ProvingModel::commit(graph));
    const double commit = now(CLOCK_MONOTONIC) - start;
    std::uint64_t stored = 0;
    for (const auto& table : committed.tables())
        stored += table->codeword().size_bytes();

    forget_peak();
    Result<zk::Proved> proved = Error{make_error_code(std::errc::not_supported), ""};
    std::map<std::string_view, Times> stages;
    const Times prove = least_milliseconds(options.rounds, [&] {
        proved = zk::prove(committed, inputs, {}, options.profile);
        if (!proved) return;
        for (const auto& [stage, wall, cpu] : proved.value().times.all()) {
            Times& least = stages[stage];
            least = {std::min(least.wall, wall), std::min(least.cpu, cpu)};
        }
    });
    BOOST_OUTCOME_TRYV(proved);
    boost::json::object stage_ms;
    boost::json::object stage_cpu_ms;
    for (const auto& [stage, wall, cpu] : proved.value().times.all()) {
        stage_ms[stage] = stages.at(stage).wall;
        stage_cpu_ms[stage] = stages.at(stage).cpu;
    }
    const zk::Statement statement{committed.provable().id, inputs, proved.value().outputs, {}};
    BOOST_OUTCOME_TRYV(zk::verify(committed.provable(), statement, proved.value().proof));
    const double peak = peak_megabytes();
    BOOST_OUTCOME_TRYV(keep(path, committed, statement, proved.value().proof));
    BOOST_OUTCOME_TRY(const auto account,
                      soundness_of(committed.provable(), options.profile, inputs, proved.value().proof));
    return boost::json::object{{"threads", options.threads},
                               {"prove_ms", prove.wall},
                               {"prove_cpu_ms", prove.cpu},
                               {"proof_bytes", proved.value().proof.size()},
                               {"native_ms", native},
                               {"commit_ms", commit},
                               {"stored_bytes", stored},
                               {"rss_mb", peak},
                               {"security_bits", account.worst().value()},
                               {"union_bits", account.union_total()},
                               {"stages_ms", std::move(stage_ms)},
                               {"stages_cpu_ms", std::move(stage_cpu_ms)}};
}

/// As a full node verifies: with the model's key, in a process that proved nothing.
Result<boost::json::object> measure_verifying(const std::string& path, const MeasurementOptions& options) {
    BOOST_OUTCOME_TRY(const Bytes key_file, read_file(path + ".vkey"));
    BOOST_OUTCOME_TRY(const Bytes proof_file, read_file(path + ".proof"));
    BOOST_OUTCOME_TRY(const ml::VerifyingKey key, ml::decode_verifying_key(key_file));
    BOOST_OUTCOME_TRY(const zk::ProvableModel model, zk::provable_model(key));
    BOOST_OUTCOME_TRY(const zk::ProofFile file, zk::decode_proof_file(proof_file));
    Result<void> verdict = success();
    const Times verify = least_milliseconds(
        4 * options.rounds, [&] { verdict = zk::verify(model, file.statement(), file.proof); });
    BOOST_OUTCOME_TRYV(verdict);
    return boost::json::object{{"verify_ms", verify.wall}};
}

using Measure = std::function<Result<boost::json::object>()>;

/// What the child has to say, errors included.
std::string serialized(const Measure& measure, int most_threads) {
    try {
        const oneapi::tbb::global_control threads(oneapi::tbb::global_control::max_allowed_parallelism,
                                                  static_cast<std::size_t>(most_threads));
        const auto result = measure();
        if (result) return boost::json::serialize(result.value());
        return boost::json::serialize(boost::json::object{{"error", result.error().message()}});
    } catch (const std::exception& failure) {
        return boost::json::serialize(boost::json::object{{"error", failure.what()}});
    }
}

void write_all(int file, const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t count = write(file, text.data() + done, text.size() - done);
        if (count <= 0) return;
        done += static_cast<std::size_t>(count);
    }
}

std::string read_all(int file) {
    std::string text;
    char part[4096];
    for (ssize_t count = 0; (count = read(file, part, sizeof part)) > 0;)
        text.append(part, static_cast<std::size_t>(count));
    return text;
}

/// Measures in a child process, and adds what it says to `result`.
void measure_in_child(const Measure& measure, int most_threads, boost::json::object& result) {
    int ends[2];
    if (pipe(ends) != 0) {
        result["error"] = std::strerror(errno);
        return;
    }
    const pid_t child = fork();
    if (child == 0) {
        close(ends[0]);
        // If memory runs out, this is the process to end.
        std::ofstream("/proc/self/oom_score_adj") << "1000";
        write_all(ends[1], serialized(measure, most_threads));
        _exit(0);
    }
    close(ends[1]);
    const std::string said = read_all(ends[0]);
    close(ends[0]);
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) < 0) {
        result["error"] = "no process for it";
    } else if (WIFSIGNALED(status)) {
        result["error"] =
            fmt::format("ended by signal {} ({}){}", WTERMSIG(status), strsignal(WTERMSIG(status)),
                        WTERMSIG(status) == SIGKILL ? ": out of memory?" : "");
    } else {
        boost::system::error_code broken;
        const auto parsed = boost::json::parse(said, broken);
        if (broken || !parsed.is_object()) {
            result["error"] = "said nothing";
        } else {
            for (const auto& [key, value] : parsed.get_object())
                result[key] = value;
        }
    }
}

/// A folder that lasts as long as this.
class TemporaryFolder {
public:
    TemporaryFolder() : path_(std::filesystem::temp_directory_path() / fmt::format("bench-zk-{}", getpid())) {
        std::filesystem::create_directories(path_);
    }
    ~TemporaryFolder() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }
    TemporaryFolder(const TemporaryFolder&) = delete;
    TemporaryFolder& operator=(const TemporaryFolder&) = delete;

    std::string path() const { return path_.string(); }

private:
    std::filesystem::path path_;
};

}  // namespace

boost::json::object measure_apart(const std::string& model, const std::string& network,
                                  const MeasurementOptions& options) {
    boost::json::object result{{"model", model}};
    const TemporaryFolder temporary;
    const std::string path = (options.folder.empty() ? temporary.path() : options.folder) + "/" + network;
    measure_in_child([&] { return measure_proving(network, path, options); }, options.threads, result);
    if (result.contains("error")) return result;
    measure_in_child([&] { return measure_verifying(path, options); }, options.threads, result);
    return result;
}

}  // namespace bench
