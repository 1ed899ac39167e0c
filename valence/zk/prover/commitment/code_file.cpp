#include "valence/zk/prover/commitment/code_file.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

namespace valence::zk {
namespace {

/// A file descriptor that is closed in the end.
class Descriptor {
public:
    explicit Descriptor(int number) : number_(number) {}
    ~Descriptor() {
        if (number_ >= 0) close(number_);
    }
    Descriptor(const Descriptor&) = delete;
    Descriptor& operator=(const Descriptor&) = delete;
    int operator*() const { return number_; }

private:
    int number_;
};

/// A new file that has no name any more; −1 if there can be none.
int open_nameless() {
    std::error_code failure;
    std::string path = (std::filesystem::temp_directory_path(failure) / "valence-code-XXXXXX").string();
    if (failure) return -1;
    const int number = mkostemp(path.data(), O_CLOEXEC);
    if (number >= 0) unlink(path.c_str());
    return number;
}

bool write_all(int number, std::span<const Goldilocks> code) {
    constexpr std::size_t kMostAtOnce = std::size_t{1} << 26;
    const auto* from = reinterpret_cast<const char*>(code.data());
    std::size_t left = code.size_bytes();
    while (left > 0) {
        const ssize_t written = write(number, from, std::min(left, kMostAtOnce));
        if (written <= 0) return false;
        from += written;
        left -= static_cast<std::size_t>(written);
    }
    return true;
}

}  // namespace

std::optional<CodeFile> CodeFile::of(std::span<const Goldilocks> code) {
    const Descriptor file(open_nameless());
    if (*file < 0 || code.empty() || !write_all(*file, code)) return std::nullopt;
    void* const mapping = mmap(nullptr, code.size_bytes(), PROT_READ, MAP_SHARED, *file, 0);
    if (mapping == MAP_FAILED) return std::nullopt;
    madvise(mapping, code.size_bytes(), MADV_RANDOM);  // advice: failing changes nothing
    return CodeFile({static_cast<const Goldilocks*>(mapping), code.size()});
}

CodeFile::CodeFile(CodeFile&& other) noexcept : code_(std::exchange(other.code_, {})) {}

CodeFile::~CodeFile() {
    if (!code_.empty()) munmap(const_cast<Goldilocks*>(code_.data()), code_.size_bytes());
}

}  // namespace valence::zk
