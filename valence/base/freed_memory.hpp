// What becomes of memory that a program has freed.
#pragma once

namespace valence::base {

/// Lets the allocator keep up to 128 MiB of freed memory at hand. By default it gives all but a little back
/// to the system, so that whoever takes and frees some megabytes in a circle, as the verification of each
/// proof does, has their pages mapped and cleared each time. For `main`, before threads start; without glibc
/// nothing.
void keep_freed_memory();

}  // namespace valence::base
