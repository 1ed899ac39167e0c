// The StateWalk of a StateDatabase: rows of the tables at a moment, earlier rows from history over them, and
// changes that are stored nowhere over both.
#pragma once

#include "valence/state/state_walk.hpp"
#include "valence/state/store/history.hpp"

namespace valence::state {

/// `past` leads back from the moment to the block that is walked; `later` are changes made after that block.
std::unique_ptr<const StateWalk> make_walk(std::shared_ptr<const Moment>, PastRows past, StateChanges later);

}  // namespace valence::state
