// Aligned memory with readable bytes after its end, as the kernels need it.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "valence/base/result.hpp"
#include "valence/ml/executor/program.hpp"

namespace valence::ml::executor {

/// Zeroed, aligned to kAlignment, readable kAlignment bytes past size().
class Memory {
public:
    Memory() = default;
    explicit Memory(std::size_t bytes) : bytes_(bytes) {
        const std::size_t whole = (bytes + 2 * kAlignment - 1) / kAlignment * kAlignment;
        data_.reset(static_cast<std::byte*>(std::aligned_alloc(kAlignment, whole)));
        VALENCE_CHECK(data_ != nullptr);
        std::memset(data_.get(), 0, whole);
    }

    std::byte* data() { return data_.get(); }
    const std::byte* data() const { return data_.get(); }
    std::size_t size() const { return bytes_; }

private:
    struct Free {
        void operator()(std::byte* data) const { std::free(data); }
    };
    std::unique_ptr<std::byte, Free> data_;
    std::size_t bytes_ = 0;
};

}  // namespace valence::ml::executor
