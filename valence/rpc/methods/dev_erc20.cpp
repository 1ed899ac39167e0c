// Dev helpers that write what a token remembers of an account, wherever it remembers it.
#include <boost/json.hpp>

#include "valence/rpc/context.hpp"
#include "valence/rpc/methods/dev_answers.hpp"
#include "valence/rpc/methods/handlers.hpp"
#include "valence/rpc/methods/simulation_base.hpp"
#include "valence/rpc/simulation/access_list.hpp"
#include "valence/rpc/simulation/call.hpp"

namespace valence::rpc {

namespace {

/// keccak256("balanceOf(address)") and keccak256("allowance(address,address)"), the first four bytes.
constexpr std::uint32_t kBalanceOf = 0x70a08231;
constexpr std::uint32_t kAllowance = 0xdd62ed3e;

Bytes question(std::uint32_t selector, std::initializer_list<Address> accounts) {
    Bytes out;
    for (const int shift : {24, 16, 8, 0})
        out.push_back(static_cast<std::uint8_t>(selector >> shift));
    for (const auto& account : accounts) {
        out.resize(out.size() + 32 - Address::kSize);
        base::append(out, account);
    }
    return out;
}

/// Makes the token answer `value`: among the slots that the answer is made of it looks for one that, were it
/// `value`, would make the answer so, and writes that.
Answer<void> make_it_answer(Call& call, const Address& token, Bytes asked, const U256& value,
                            std::string_view what) {
    auto& node = call.context.node;
    BOOST_OUTCOME_TRY(auto found, find_state(node, BlockTag::latest));
    const SimulationBase simulated(node, std::move(found));
    const auto base = simulated.base(call.deadline.within(call.context.limits.evm_time));
    const auto limits = simulation_limits(call.context.limits);
    simulation::CallArguments arguments;
    arguments.to = token;
    arguments.data = std::move(asked);
    const auto answers = [&](const simulation::Overrides& overrides) {
        const auto output = simulation::call(base, arguments, overrides, limits);
        return output.has_value() && output.value().size() == 32 && U256::from_be(output.value()) == value;
    };
    // Any slot would seem to be the one.
    if (answers({})) return done(call);
    BOOST_OUTCOME_TRY(const auto touched, simulation::create_access_list(base, arguments, {}, limits));
    for (const auto& entry : touched.access_list) {
        for (const auto& slot : entry.storage_keys) {
            const auto key = U256::from_hash(slot);
            simulation::Overrides overrides;
            overrides.state[entry.address].state_diff = std::map<U256, U256>{{key, value}};
            if (!answers(overrides)) continue;
            node.set_storage(entry.address, key, value);
            return done(call);
        }
    }
    return server_error("Unable to set ERC20 " + std::string(what) + ", no slot found");
}

}  // namespace

/// (account, token, balance)
Answer<void> dev_deal_erc20(Call& call) {
    BOOST_OUTCOME_TRY(const auto account, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto token, call.parameters.address(1));
    BOOST_OUTCOME_TRY(const auto balance, call.parameters.lenient_number(2));
    return make_it_answer(call, token, question(kBalanceOf, {account}), balance, "balance");
}

/// (owner, spender, token, amount)
Answer<void> anvil_set_erc20_allowance(Call& call) {
    BOOST_OUTCOME_TRY(const auto owner, call.parameters.address(0));
    BOOST_OUTCOME_TRY(const auto spender, call.parameters.address(1));
    BOOST_OUTCOME_TRY(const auto token, call.parameters.address(2));
    BOOST_OUTCOME_TRY(const auto amount, call.parameters.lenient_number(3));
    return make_it_answer(call, token, question(kAllowance, {owner, spender}), amount, "allowance");
}

}  // namespace valence::rpc
