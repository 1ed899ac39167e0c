#include <random>

#include <gtest/gtest.h>

#include "valence/evm/reference/scenario.hpp"

namespace valence::evm::reference {
namespace {

TEST(Differential, BothMachinesAgreeOnRandomPrograms) {
    std::mt19937_64 random{20'260'101};
    for (int i = 0; i < 3'000; ++i) {
        Bytes entropy(200 + random() % 1200);
        for (auto& b : entropy)
            b = static_cast<std::uint8_t>(random());
        Scenario scenario;
        make_scenario(entropy, scenario);
        const auto found = difference(scenario);
        ASSERT_FALSE(found) << *found << "\nrun " << i << ", fork " << static_cast<int>(scenario.revision)
                            << ", entropy " << base::to_hex(entropy);
    }
}

}  // namespace
}  // namespace valence::evm::reference
