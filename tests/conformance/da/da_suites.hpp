// Tests of data availability: Celestia's blocks, squares, blobs and proofs, and vectors derived from them.
#pragma once

#include "../suites.hpp"

namespace valence::conformance {

/// In the order in which they are asked.
std::span<const Suite> da_suites();

void run_da_block(const Fixture&, FileReport&);
void run_da_square(const Fixture&, FileReport&);
void run_da_extended_square(const Fixture&, FileReport&);
void run_da_roots(const Fixture&, FileReport&);
void run_da_blobs(const Fixture&, FileReport&);
void run_da_commitment_proofs(const Fixture&, FileReport&);
void run_da_namespace_proofs(const Fixture&, FileReport&);
void run_da_tree_scenarios(const Fixture&, FileReport&);
void run_da_parity(const Fixture&, FileReport&);
void run_da_layout(const Fixture&, FileReport&);
void run_da_header(const Fixture&, FileReport&);

}  // namespace valence::conformance
