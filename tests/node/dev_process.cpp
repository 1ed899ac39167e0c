#include "tests/node/dev_process.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

namespace valence::tests {
namespace {

namespace http = boost::beast::http;
namespace json = boost::json;

/// Reads the program's output until it says where it listens; 0 when it ends before.
std::uint16_t read_port(int output) {
    constexpr std::string_view kMark = "http://127.0.0.1:";
    std::string text;
    std::array<char, 4096> chunk{};
    for (;;) {
        const auto count = read(output, chunk.data(), chunk.size());
        if (count <= 0) return 0;
        text.append(chunk.data(), static_cast<std::size_t>(count));
        const auto at = text.find(kMark);
        if (at == std::string::npos || text.find('\n', at) == std::string::npos) continue;
        return static_cast<std::uint16_t>(std::strtoul(text.c_str() + at + kMark.size(), nullptr, 10));
    }
}

}  // namespace

DevProcess::DevProcess(const std::vector<std::string>& arguments) {
    std::vector<std::string> all{VALENCE_PROGRAM, "dev", "--port", "0", "--log-level", "error"};
    all.insert(all.end(), arguments.begin(), arguments.end());
    std::vector<char*> argv;
    for (auto& argument : all)
        argv.push_back(argument.data());
    argv.push_back(nullptr);

    std::array<int, 2> pipe_ends{};
    if (pipe2(pipe_ends.data(), O_CLOEXEC) != 0) return;
    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_adddup2(&actions, pipe_ends[1], STDOUT_FILENO);
    if (posix_spawn(&pid_, VALENCE_PROGRAM, &actions, nullptr, argv.data(), environ) != 0) pid_ = -1;
    posix_spawn_file_actions_destroy(&actions);
    close(pipe_ends[1]);
    output_ = pipe_ends[0];
    if (pid_ > 0) port_ = read_port(output_);
}

DevProcess::~DevProcess() {
    if (pid_ > 0) kill();
    if (output_ >= 0) close(output_);
}

int DevProcess::end(int signal) {
    if (pid_ <= 0) return -1;
    ::kill(pid_, signal);
    int status = 0;
    waitpid(pid_, &status, 0);
    pid_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

void DevProcess::kill() { end(SIGKILL); }
int DevProcess::terminate() { return end(SIGTERM); }

json::value DevProcess::post(const json::value& body) const {
    namespace asio = boost::asio;
    boost::system::error_code error;
    asio::io_context io;
    boost::beast::tcp_stream stream(io);
    stream.connect({asio::ip::make_address("127.0.0.1"), port_}, error);
    if (error) return {};
    http::request<http::string_body> request{http::verb::post, "/", 11};
    request.set(http::field::host, "127.0.0.1");
    request.set(http::field::content_type, "application/json");
    request.body() = json::serialize(body);
    request.prepare_payload();
    http::write(stream, request, error);
    if (error) return {};
    boost::beast::flat_buffer buffer;
    http::response_parser<http::string_body> response;
    response.body_limit(std::uint64_t{64} << 20);
    http::read(stream, buffer, response, error);
    if (error) return {};
    auto answer = json::parse(response.get().body(), error);
    return error ? json::value{} : answer;
}

json::value DevProcess::call(std::string_view method, json::array parameters) const {
    const auto answer = post(
        json::object{{"jsonrpc", "2.0"}, {"id", 1}, {"method", method}, {"params", std::move(parameters)}});
    const auto* object = answer.if_object();
    if (object == nullptr) return {};
    const auto* result = object->if_contains("result");
    return result != nullptr ? *result : json::value{};
}

}  // namespace valence::tests
