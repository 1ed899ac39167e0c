#include "valence/compute/model_store/file.hpp"

#include <cerrno>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "valence/compute/model_store/store_error.hpp"

namespace valence::compute {
namespace {

constexpr mode_t kPermissions = 0644;

Error failure(const std::string& what) {
    return Error{StoreError::io, what + ": " + std::generic_category().message(errno)};
}

}  // namespace

Result<File> File::open(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return failure(path.string());
    return File{descriptor};
}

Result<File> File::open_to_read(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return failure(path.string());
    return File{descriptor};
}

Result<File> File::create(const std::filesystem::path& path) {
    const int descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, kPermissions);
    if (descriptor < 0) return failure(path.string());
    return File{descriptor};
}

Result<File> File::nameless(const std::filesystem::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDWR | O_TMPFILE | O_CLOEXEC, kPermissions);
    if (descriptor >= 0) return File{descriptor};
    // Not every file system can: a name, taken away at once.
    std::string pattern = (folder / "valence-XXXXXX").string();
    const int named = mkostemp(pattern.data(), O_CLOEXEC);
    if (named < 0) return failure(folder.string());
    unlink(pattern.c_str());
    return File{named};
}

File::~File() {
    if (descriptor_ >= 0) close(descriptor_);
}

Result<Bytes> File::read(std::uint64_t offset, std::uint64_t size) const {
    Bytes bytes(size);
    for (std::uint64_t done = 0; done < size;) {
        const auto got =
            pread(descriptor_, bytes.data() + done, size - done, static_cast<off_t>(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return failure("reading");
        if (got == 0) return Error{StoreError::io, "a file ends early"};
        done += static_cast<std::uint64_t>(got);
    }
    return bytes;
}

Result<void> File::write(std::uint64_t offset, BytesView bytes) {
    for (std::size_t done = 0; done < bytes.size();) {
        const auto put =
            pwrite(descriptor_, bytes.data() + done, bytes.size() - done, static_cast<off_t>(offset + done));
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return failure("writing");
        done += static_cast<std::size_t>(put);
    }
    return success();
}

Result<std::uint64_t> File::size() const {
    struct stat facts{};
    if (fstat(descriptor_, &facts) != 0) return failure("reading a size");
    return static_cast<std::uint64_t>(facts.st_size);
}

Result<void> File::resize(std::uint64_t size) {
    if (ftruncate(descriptor_, static_cast<off_t>(size)) != 0) return failure("resizing");
    return success();
}

Result<void> File::sync() {
    if (fdatasync(descriptor_) != 0) return failure("syncing");
    return success();
}

void File::touch() { futimens(descriptor_, nullptr); }

bool File::lock() { return flock(descriptor_, LOCK_EX | LOCK_NB) == 0; }

Result<void> sync_folder(const std::filesystem::path& folder) {
    const int descriptor = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return failure(folder.string());
    const bool failed = fsync(descriptor) != 0;
    close(descriptor);
    if (failed) return failure(folder.string());
    return success();
}

Result<void> write_durably(const std::filesystem::path& path, BytesView bytes) {
    auto aside = path;
    aside += ".new";
    {
        BOOST_OUTCOME_TRY(auto file, File::create(aside));
        BOOST_OUTCOME_TRY(file.resize(0));
        BOOST_OUTCOME_TRY(file.write(0, bytes));
        BOOST_OUTCOME_TRY(file.sync());
    }
    std::error_code failed;
    std::filesystem::rename(aside, path, failed);
    if (failed) return Error{StoreError::io, path.string() + ": " + failed.message()};
    return sync_folder(path.parent_path());
}

}  // namespace valence::compute
