// Any bytes as a dump of a state, packed or not: changes, or an error.
#include "valence/rpc/methods/state_dump.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto changes = valence::rpc::read_state_dump({data, size});
    if (changes) {
        // Whatever code an account names came with the dump.
        for (const auto& [address, change] : changes.value().accounts) {
            VALENCE_CHECK(change.account);
            const auto& hash = change.account->code_hash;
            VALENCE_CHECK(hash == valence::state::kEmptyCodeHash || changes.value().code.contains(hash));
        }
    }
    return 0;
}
