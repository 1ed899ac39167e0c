#include "tests/simulation/imported_chain.hpp"

#include <fstream>
#include <iterator>

#include "valence/chain/execute_block.hpp"

namespace valence::rpc::simulation {

namespace {

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

}  // namespace

Result<std::unique_ptr<ImportedChain>> ImportedChain::load(const std::filesystem::path& folder) {
    BOOST_OUTCOME_TRY(const auto genesis, chain::parse_genesis(read_file(folder / "genesis.json")));
    auto out = std::make_unique<ImportedChain>();
    out->rules_ = genesis.rules;
    auto& state = out->states_.emplace_back();
    state.apply(chain::genesis_changes(genesis));
    out->blocks_.push_back(chain::genesis_block(genesis, state.root()));
    const auto text = read_file(folder / "chain.rlp");
    for (codec::RlpReader blocks{base::as_bytes(text)}; !blocks.at_end();) {
        BOOST_OUTCOME_TRY(const auto item, blocks.item());
        BOOST_OUTCOME_TRY(auto block, chain::decode_block(item.encoded));
        BOOST_OUTCOME_TRYV(out->import(std::move(block)));
    }
    return out;
}

Result<void> ImportedChain::import(chain::Block block) {
    std::vector<Address> senders;
    for (const auto& transaction : block.transactions) {
        BOOST_OUTCOME_TRY(const auto sender, chain::recover_sender(transaction));
        senders.push_back(sender);
    }
    auto after = states_.back();
    {
        state::JournaledState state{states_.back()};
        BOOST_OUTCOME_TRYV(chain::execute_block(rules_, block, senders, state, *this));
        after.apply(state.changes());
    }
    if (after.root() != block.header.state_root) {
        return Error{chain::ChainError::state_root_wrong, "block " + std::to_string(block.header.number)};
    }
    states_.push_back(std::move(after));
    blocks_.push_back(std::move(block));
    return success();
}

}  // namespace valence::rpc::simulation
