#include "valence/rpc/tracers/registry.hpp"

#include <fmt/format.h>

#include "valence/rpc/tracers/call_tracer.hpp"
#include "valence/rpc/tracers/erc7562_tracer.hpp"
#include "valence/rpc/tracers/flat_call_tracer.hpp"
#include "valence/rpc/tracers/four_byte_tracer.hpp"
#include "valence/rpc/tracers/mux_tracer.hpp"
#include "valence/rpc/tracers/noop_tracer.hpp"
#include "valence/rpc/tracers/prestate_tracer.hpp"
#include "valence/rpc/tracers/struct_logger.hpp"

namespace valence::rpc::tracers {

namespace {

struct Entry {
    std::string_view name;
    Answer<std::unique_ptr<TransactionTracer>> (*make)(const boost::json::value& config);
};

constexpr Entry kTracers[] = {
    {"structLogger", StructLogger::from_config},     {"callTracer", CallTracer::from_config},
    {"flatCallTracer", FlatCallTracer::from_config}, {"prestateTracer", PrestateTracer::from_config},
    {"4byteTracer", FourByteTracer::from_config},    {"noopTracer", NoopTracer::from_config},
    {"muxTracer", MuxTracer::from_config},           {"erc7562Tracer", Erc7562Tracer::from_config},
};

/// The start of an unknown name that an error repeats: names may be whole scripts.
constexpr std::size_t kNameShown = 64;

}  // namespace

RpcError too_many_findings() {
    return server_error(
        fmt::format("the trace is longer than {} MiB: for structLogger set \"limit\", disableStack or "
                    "disableStorage, for callTracer onlyTopCall",
                    kMostFindings >> 20));
}

Answer<std::unique_ptr<TransactionTracer>> make_tracer(std::string_view name,
                                                       const boost::json::value& config) {
    for (const auto& entry : kTracers) {
        if (entry.name == name) return entry.make(config);
    }
    if (name.find('{') != std::string_view::npos) {
        return server_error(
            "tracers written in JavaScript are not supported: use one of the built-in tracers");
    }
    std::string known;
    for (const auto& entry : kTracers)
        known += fmt::format("{}{}", known.empty() ? "" : ", ", entry.name);
    return server_error(
        fmt::format("tracer \"{}\" not found: this node has {}", name.substr(0, kNameShown), known));
}

}  // namespace valence::rpc::tracers
