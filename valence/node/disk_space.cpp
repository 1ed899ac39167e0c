#include "valence/node/disk_space.hpp"

#include <string>

namespace valence::node {

Result<void> require_disk_space(const std::filesystem::path& folder, std::uint64_t least) {
    std::error_code failure;
    const auto space = std::filesystem::space(folder, failure);
    if (failure || space.available >= least) return success();
    return Error{std::make_error_code(std::errc::no_space_on_device),
                 folder.string() + " has " + std::to_string(space.available >> 20) + " MiB left, " +
                     std::to_string(least >> 20) + " are needed"};
}

}  // namespace valence::node
