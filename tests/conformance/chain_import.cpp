// A chain.rlp (blocks one after the other) beside its genesis.json, and headblock.json or headfcu.json naming
// the head.
#include <fstream>
#include <iterator>

#include "import_chain.hpp"
#include "suites.hpp"
#include <fmt/core.h>

#include "valence/chain/genesis.hpp"

namespace valence::conformance {
namespace {

Bytes read_bytes(const std::filesystem::path& path) {
    std::ifstream in{path, std::ios::binary};
    return {std::istreambuf_iterator<char>{in}, {}};
}

/// The head that a file beside the chain names; nothing when there is none.
std::optional<Hash> expected_head(const std::filesystem::path& folder) {
    const auto bytes = read_bytes(folder / "headfcu.json");
    if (bytes.empty()) return std::nullopt;
    boost::system::error_code error;
    const auto root = json::parse(base::as_text(bytes), error);
    if (error) return std::nullopt;
    const auto* parameters = find(root, "params");
    if (parameters == nullptr || array_of(*parameters).empty()) return std::nullopt;
    return hash_of(member(array_of(*parameters)[0], "headBlockHash"));
}

}  // namespace

void run_chain_import(const Fixture& f, FileReport& report) {
    const auto genesis = chain::parse_genesis(json::serialize(f.root));
    if (!genesis) {
        report.fail("genesis", genesis.error().message());
        return;
    }
    state::MemoryState state;
    state.apply(chain::genesis_changes(genesis.value()));
    const auto block = chain::genesis_block(genesis.value(), state.root());
    ImportedChain chain{genesis.value().rules, block, std::move(state)};

    const auto bytes = read_bytes(f.path.parent_path() / "chain.rlp");
    std::size_t number = 1;
    for (codec::RlpReader blocks{bytes}; !blocks.at_end(); ++number) {
        const auto name = fmt::format("block {}", number);
        const auto item = blocks.item();
        const auto imported = item ? chain.import(item.value().encoded) : Result<void>{item.error()};
        if (!imported) {
            report.fail(name, imported.error().message());
            return;
        }
        report.pass(name);
    }
    if (const auto want = expected_head(f.path.parent_path())) {
        report.add("head", chain.head() == *want
                               ? ""
                               : fmt::format("expected {}, actual {}", hex(*want), hex(chain.head())));
    }
}

}  // namespace valence::conformance
