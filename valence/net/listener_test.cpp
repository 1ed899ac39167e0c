#include "valence/net/listener.hpp"

#include <gtest/gtest.h>

namespace valence::net {
namespace {

using boost::asio::ip::tcp;

TEST(Listener, TakesConnectionsAtAPortOfItsOwnChoice) {
    boost::asio::io_context io;
    Listener listener(io);
    int taken = 0;
    const auto take = [&](const tcp::socket& socket) {
        EXPECT_TRUE(socket.is_open());
        if (++taken == 2) listener.close();
    };
    ASSERT_TRUE(listener.listen({"localhost", 0}, take));
    std::array<tcp::socket, 2> clients{tcp::socket(io), tcp::socket(io)};
    for (auto& client : clients)
        client.connect({boost::asio::ip::make_address("127.0.0.1"), listener.port()});
    io.run();
    EXPECT_EQ(taken, 2);
}

TEST(Listener, SaysWhichAddressIsTaken) {
    boost::asio::io_context io;
    Listener first(io);
    ASSERT_TRUE(first.listen({"127.0.0.1", 0}, [](const tcp::socket&) {}));
    Listener second(io);
    const auto refused = second.listen({"127.0.0.1", first.port()}, [](const tcp::socket&) {});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, std::errc::address_in_use);
    EXPECT_NE(refused.error().message().find(std::to_string(first.port())), std::string::npos);
}

TEST(Listener, ListensAtNoNames) {
    boost::asio::io_context io;
    Listener listener(io);
    EXPECT_FALSE(listener.listen({"example.org", 0}, [](const tcp::socket&) {}));
}

}  // namespace
}  // namespace valence::net
