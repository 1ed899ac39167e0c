// Any bytes as a file that a stranger uploads, or as the manifest of one: taken or refused, and what is taken
// comes back, loads, and is named by its front.
#include "valence/compute/model_store/model_store.hpp"

namespace {

using namespace valence;

compute::ModelStore& store() {
    static const auto opened = [] {
        compute::StoreOptions options;
        options.disk_bytes = 16 << 20;
        options.memory_bytes = 16 << 20;
        options.decoding_bytes = 256 << 20;
        return std::move(compute::ModelStore::open(options)).value();
    }();
    return *opened;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const BytesView bytes{data, size};
    if (const auto manifest = compute::decode_manifest(bytes)) {
        VALENCE_CHECK(base::equal(compute::encode_manifest(manifest.value()), bytes));
        if (const auto upload = store().begin(manifest.value(), "fuzzer"))
            store().abandon(upload.value().upload);
    }
    const auto record = store().add(bytes, "fuzzer");
    VALENCE_CHECK(store().unfinished() == 0);
    if (!record) return 0;
    const auto& id = record.value()->id;
    VALENCE_CHECK(store().front(id).value().id == id);
    if (const auto model = store().load(id)) VALENCE_CHECK(ml::model_id(model.value()->graph()) == id);
    return 0;
}
