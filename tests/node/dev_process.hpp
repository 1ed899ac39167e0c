// A real `valence dev` process, talked to over HTTP.
#pragma once

#include <string>
#include <vector>

#include <boost/json.hpp>
#include <sys/types.h>

namespace valence::tests {

class DevProcess {
public:
    /// Starts it with these arguments after `dev --port 0` and waits until it listens.
    explicit DevProcess(const std::vector<std::string>& arguments);
    /// Kills it if it still runs.
    ~DevProcess();
    DevProcess(const DevProcess&) = delete;
    DevProcess& operator=(const DevProcess&) = delete;

    /// 0 when it did not come up.
    std::uint16_t port() const { return port_; }
    /// SIGKILL, and waits for the end.
    void kill();
    /// SIGTERM, and waits for the end: the exit code, or −1 for another end.
    int terminate();

    /// One JSON-RPC body, a request or a batch; null when the connection broke.
    boost::json::value post(const boost::json::value& body) const;
    /// The result of one call; null when there is none.
    boost::json::value call(std::string_view method, boost::json::array parameters) const;

private:
    int end(int signal);

    pid_t pid_ = -1;
    int output_ = -1;
    std::uint16_t port_ = 0;
};

}  // namespace valence::tests
