// Upload: one file on its way in. Each chunk is checked against the manifest before it is written, so that a
// chunk counts as there exactly if its bytes in the file have its hash: after a crash the file itself says
// how far it came, and nothing has to be synced before the end.
#pragma once

#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "valence/compute/model_store/file.hpp"
#include "valence/compute/model_store/manifest.hpp"
#include "valence/ml/model/verifying_key.hpp"
#include "valence/ml/model/vmodel.hpp"

namespace valence::compute {

class Upload {
public:
    enum class Origin : std::uint8_t { fresh, restored };

    /// `part` is as long as the manifest says.
    Upload(Manifest manifest, std::shared_ptr<File> part, Origin origin);

    const Manifest& manifest() const { return manifest_; }
    const Hash& root() const { return root_; }
    const std::shared_ptr<File>& part() const { return part_; }

    /// Numbers of the chunks that are not there yet, ascending. Reads what a restored upload has.
    std::vector<std::uint64_t> missing();

    /// What a chunk that was put changed.
    enum class Progress : std::uint8_t { chunk, front_complete };
    /// Takes a chunk; one that is there already is fine. Errors: wrong_chunk; invalid, when the first chunk
    /// says that the file is no model of this length.
    Result<Progress> put(std::uint64_t index, BytesView chunk);

    /// Of the front, once all of it is there.
    std::optional<ml::ModelHeader> header() const;
    /// The model's id, once whoever owns the upload has read it from the front.
    std::optional<ml::ModelId> model() const;
    void set_model(const ml::ModelId& id);

    /// Held by the one that turns the upload into a model.
    std::mutex finishing;

private:
    void look_at_file();
    Result<void> look_at_header(BytesView first_chunk);
    bool front_complete() const;

    const Manifest manifest_;
    const Hash root_;
    const std::shared_ptr<File> part_;
    /// Guards what follows.
    mutable std::mutex mutex_;
    bool looked_;
    std::vector<bool> present_;
    std::optional<ml::ModelHeader> header_;
    bool front_told_ = false;
    std::optional<ml::ModelId> model_;
};

}  // namespace valence::compute
