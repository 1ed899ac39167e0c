#include "valence/sequencer/block_store.hpp"

#include <gtest/gtest.h>

#include "valence/state/state_database.hpp"

namespace valence::sequencer {
namespace {

/// Whose one transaction logged this many bytes.
SharedBlock block_with_log(std::uint64_t number, std::size_t bytes) {
    StoredBlock block;
    block.block.header.number = number;
    block.hash = base::from_right_aligned<Hash>(U256{number + 1}.to_hash());
    block.block.transactions.resize(1);
    block.facts.resize(1);
    block.receipts.resize(1);
    block.receipts[0].logs.push_back({{}, {}, Bytes(bytes)});
    return std::make_shared<const StoredBlock>(std::move(block));
}

TEST(BlockStore, KeepsBlocksInMemoryByTheirBytesNotTheirNumber) {
    const auto database = std::move(state::StateDatabase::open({})).value();
    BlockStore blocks(database->chain());
    constexpr std::size_t kLogBytes = std::size_t{32} << 20;
    std::vector<std::weak_ptr<const StoredBlock>> seen;
    for (std::uint64_t number = 0; number < 20; ++number) {
        auto block = block_with_log(number, kLogBytes);
        seen.emplace_back(block);
        blocks.adopted(std::move(block));
    }
    const auto kept = std::ranges::count_if(seen, [](const auto& block) { return !block.expired(); });
    EXPECT_LE(static_cast<std::size_t>(kept) * kLogBytes, std::size_t{256} << 20);
    EXPECT_FALSE(seen.back().expired());
}

}  // namespace
}  // namespace valence::sequencer
