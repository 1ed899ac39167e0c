// File: an open file read and written at any place, by any thread; and what makes names on a disk durable.
#pragma once

#include <filesystem>

#include "valence/base/base.hpp"

namespace valence::compute {

class File {
public:
    /// An existing file, for reading and writing.
    static Result<File> open(const std::filesystem::path& path);
    /// An existing file, for reading only.
    static Result<File> open_to_read(const std::filesystem::path& path);
    /// As open, made empty when it is not there.
    static Result<File> create(const std::filesystem::path& path);
    /// A file without a name in this folder; it is gone with the process.
    static Result<File> nameless(const std::filesystem::path& folder);

    File(File&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}
    File& operator=(File&& other) noexcept {
        std::swap(descriptor_, other.descriptor_);
        return *this;
    }
    ~File();

    /// Exactly so many bytes; StoreError::io when the file ends before.
    Result<Bytes> read(std::uint64_t offset, std::uint64_t size) const;
    Result<void> write(std::uint64_t offset, BytesView bytes);
    Result<std::uint64_t> size() const;
    /// Cut, or grown without taking room for what is not written.
    Result<void> resize(std::uint64_t size);
    /// What was written survives a loss of power.
    Result<void> sync();
    /// Its time of change becomes now.
    void touch();
    /// Keeps other processes from locking it; false when another has.
    bool lock();

private:
    explicit File(int descriptor) : descriptor_(descriptor) {}
    int descriptor_ = -1;
};

/// Makes names given or taken in a folder durable.
Result<void> sync_folder(const std::filesystem::path& folder);

/// A whole file, durably and at once: after a crash it is there in full or not at all.
Result<void> write_durably(const std::filesystem::path& path, BytesView bytes);

}  // namespace valence::compute
