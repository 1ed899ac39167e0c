// The secret of this process's hash tables. Whoever sends transactions chooses storage keys and addresses;
// under a hash known beforehand they could choose such as all meet in one bucket, and make each access as
// slow as the table is long. Hashes of tables therefore differ from run to run, and nothing that leaves the
// process may depend on a table's order.
#pragma once

#include <cstdint>

namespace valence::base {

struct HashSecret {
    std::uint64_t first;
    std::uint64_t second;
};

/// From the operating system's randomness.
HashSecret draw_hash_secret();

/// Drawn before any table that includes this file is made.
inline const HashSecret kHashSecret = draw_hash_secret();

}  // namespace valence::base
