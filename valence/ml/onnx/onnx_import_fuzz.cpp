// Any bytes: import never faults, and a graph it gives holds as promised.
#include "valence/ml/onnx/import.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace valence;
    ml::ImportOptions options;
    options.max_tensor_bytes = std::size_t{64} << 20;
    options.max_folding_work = std::uint64_t{1} << 26;
    options.max_nodes = 2000;
    for (const auto& dim : {"N", "seq", "sequence", "batch"})
        options.dims[dim] = 2;
    for (const bool optimise : {false, true}) {
        options.optimise = optimise;
        const auto report = ml::inspect_onnx(BytesView{data, size}, options);
        if (report && report.value().problems.empty())
            VALENCE_CHECK(ml::real::check(report.value().graph).has_value());
    }
    return 0;
}
