#include "da_suites.hpp"

namespace valence::conformance {
namespace {

using Keys = std::initializer_list<std::string_view>;

bool has(const json::value& value, Keys keys) {
    return std::all_of(keys.begin(), keys.end(), [&](auto key) { return find(value, key) != nullptr; });
}

bool root_has(const Fixture& f, Keys keys) { return has(f.root, keys); }

/// A list whose first item has these members.
bool item_has(const Fixture& f, Keys keys) {
    const auto* items = f.root.if_array();
    return items != nullptr && !items->empty() && has(items->front(), keys);
}

bool is_block(const Fixture& f) {
    return root_has(f, {"txs", "data_hash"}) || root_has(f, {"txs", "main_net_dah"});
}

bool is_square(const Fixture& f) {
    return root_has(f, {"row_roots", "column_roots"}) &&
           (root_has(f, {"ods_shares_b64"}) || root_has(f, {"share_hex"}));
}

bool is_blob(const Fixture& f) {
    return root_has(f, {"namespace", "share_version", "commitment"}) ||
           item_has(f, {"namespace", "share_version", "commitment"});
}

bool is_layout(const Fixture& f) {
    const auto* members = f.root.if_object();
    return members != nullptr && std::any_of(members->begin(), members->end(), [](const auto& member) {
               return member.key() == "mmr_sizes" || member.key().starts_with("subtree_width_threshold_");
           });
}

/// A list of objects each with the end of a range and nodes: celestia-node's proof of a blob.
bool is_proof_list(const Fixture& f) { return item_has(f, {"end", "nodes"}); }

void skip_fibre(const Fixture&, FileReport& report) {
    report.skip("", "Fibre's row-wise codec and commitment: no part of squares");
}

void skip_rpc(const Fixture&, FileReport& report) {
    report.skip("", "an RPC answer about a node's work: nothing in it follows from data");
}

constexpr Suite kSuites[] = {
    {"da block", is_block, run_da_block},
    {"da square", is_square, run_da_square},
    {"da extended square", [](const Fixture& f) { return root_has(f, {"data_square"}); },
     run_da_extended_square},
    {"da header", [](const Fixture& f) { return root_has(f, {"header", "dah"}); }, run_da_header},
    {"da roots", [](const Fixture& f) { return root_has(f, {"row_roots", "column_roots"}); }, run_da_roots},
    {"da blob", is_blob, run_da_blobs},
    {"da commitment proof", [](const Fixture& f) { return item_has(f, {"commitment_proof", "root"}); },
     run_da_commitment_proofs},
    {"da namespace proof", is_proof_list, run_da_namespace_proofs},
    {"da tree scenario",
     [](const Fixture& f) { return root_has(f, {"testCases", "vars"}) && root_has(f, {"#meta"}); },
     run_da_tree_scenarios},
    {"da parity", [](const Fixture& f) { return root_has(f, {"data_rule", "cases"}); }, run_da_parity},
    {"da layout", is_layout, run_da_layout},
    {"da (other)",
     [](const Fixture& f) {
         const auto* cases = find(f.root, "cases");
         const auto* items = cases == nullptr ? nullptr : cases->if_array();
         return items != nullptr && !items->empty() && has(items->front(), {"K", "N", "rowSize"});
     },
     skip_fibre},
    {"da (other)",
     [](const Fixture& f) {
         return root_has(f, {"head_of_sampled_chain"}) || root_has(f, {"height", "txhash"});
     },
     skip_rpc},
};

}  // namespace

std::span<const Suite> da_suites() { return kSuites; }

}  // namespace valence::conformance
