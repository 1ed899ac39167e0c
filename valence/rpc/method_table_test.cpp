#include "valence/rpc/method_table.hpp"

#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

namespace valence::rpc {

namespace {

TEST(MethodTable, is_what_the_documentation_lists) {
    std::ifstream file(VALENCE_RPC_DOCS);
    std::string text{std::istreambuf_iterator<char>(file), {}};
    ASSERT_FALSE(text.empty()) << VALENCE_RPC_DOCS;
    // The tables of errors and limits that follow name methods too.
    text.resize(std::min(text.size(), text.find("## Subscriptions")));
    for (const auto& method : methods()) {
        std::string row = "| `" + std::string(method.name) + "` | " + std::string(method.parameters) + " | ";
        row += method.availability == Availability::dev_only ? "dev |" : " |";
        EXPECT_NE(text.find(row), std::string::npos) << "docs/rpc.md lacks the row: " << row;
    }
    std::size_t rows = 0;
    for (auto at = text.find("\n| `"); at != std::string::npos; at = text.find("\n| `", at + 1))
        ++rows;
    EXPECT_EQ(rows, methods().size());
}

TEST(MethodTable, finds_every_method) {
    for (std::size_t i = 0; i < methods().size(); ++i)
        EXPECT_EQ(find_method(methods()[i].name), i);
    EXPECT_EQ(find_method(""), methods().size());
    EXPECT_EQ(find_method("zzz"), methods().size());
}

}  // namespace

}  // namespace valence::rpc
