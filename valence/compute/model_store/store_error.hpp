// Why the model store, or fetching into it, refuses something.
#pragma once

#include <system_error>

namespace valence::compute {

enum class StoreError {
    /// No such model here.
    missing = 1,
    /// A file that is no model, or not the one it was said to be.
    invalid,
    /// More than the store's bounds on disk or memory allow.
    too_large,
    /// A manifest whose length and number of chunks do not belong together.
    bad_manifest,
    /// No such unfinished upload; it may have given way to others.
    unknown_upload,
    /// A chunk that is not the one its place wants.
    wrong_chunk,
    /// An upload with chunks still missing.
    incomplete,
    /// As many unfinished uploads as are kept at once.
    too_many_uploads,
    /// Files cannot be read or written.
    io,
    /// Another process is using this folder.
    locked,
    /// No peer had the model, or all that had it sent something else.
    no_peer,
};
std::error_code make_error_code(StoreError);

}  // namespace valence::compute

template <>
struct std::is_error_code_enum<valence::compute::StoreError> : std::true_type {};
