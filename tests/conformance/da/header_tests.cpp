// Headers: the data root follows from the rows' and columns' roots beside it.
#include "da_suites.hpp"
#include "da_values.hpp"

#include "valence/da/tree/merkle_tree.hpp"

namespace valence::conformance {

void run_da_header(const Fixture& f, FileReport& report) {
    const auto& header = member(f.root, "header");
    const auto& roots = member(f.root, "dah");
    // Of any length: before 2023 namespaces had eight bytes.
    std::vector<Bytes> leaves;
    for (const auto* key : {"row_roots", "column_roots"}) {
        for (const auto& root : array_of(member(roots, key)))
            leaves.push_back(base64_of(root));
    }
    report.add("data root", difference("data root", exact_of<Hash>(member(header, "data_hash")),
                                       da::merkle_root_of(leaves)));
}

}  // namespace valence::conformance
