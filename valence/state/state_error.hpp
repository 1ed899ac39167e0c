// What can go wrong in module state.
#pragma once

#include "valence/base/base.hpp"

namespace valence::state {

enum class StateError {
    /// The disk or the database beneath refused; the context has its words.
    io = 1,
    /// Another process has the folder open.
    locked,
    /// The folder holds something else, or the layout of a newer version.
    foreign_folder,
    /// The tables contradict each other, or bytes in them cannot be read.
    corrupt,
    /// The database already has a genesis state, or has none yet.
    already_initialised,
    not_initialised,
    /// A commit was prepared on another state than the head, or its number does not follow the head's.
    stale_commit,
    /// A block above the head.
    unknown_block,
    /// A block whose history has been pruned, or that is too far back for what was asked.
    pruned,
    /// So many accounts and slots have changed since a block that its state is not made anew.
    too_much_changed,
    /// A proof that does not lead from the root to the key.
    bad_proof,
};

std::error_code make_error_code(StateError);

}  // namespace valence::state

template <>
struct std::is_error_code_enum<valence::state::StateError> : std::true_type {};
