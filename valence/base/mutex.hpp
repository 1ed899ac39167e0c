// Mutex: std::mutex, or nothing at all on a target without threads (WebAssembly).
#pragma once

#include <mutex>

namespace valence::base {

#if defined(__wasm__) && !defined(_REENTRANT)
class Mutex {
public:
    void lock() {}
    void unlock() {}
};
#else
using Mutex = std::mutex;
#endif

}  // namespace valence::base
