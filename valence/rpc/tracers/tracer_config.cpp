#include "valence/rpc/tracers/tracer_config.hpp"

#include <boost/json/value.hpp>
#include <fmt/format.h>

#include "valence/rpc/parameters/decode.hpp"

namespace valence::rpc::tracers {

RpcError wrong_type(const boost::json::value& value, std::string_view type_name, std::string_view field,
                    std::string_view wanted) {
    return server_error(fmt::format("json: cannot unmarshal {} into Go struct field {}.{} of type {}",
                                    kind_name(value), type_name, field, wanted));
}

Answer<void> read_booleans(const boost::json::value& config, std::string_view type_name,
                           std::initializer_list<BooleanOption> options) {
    if (config.is_null()) return success();
    const auto* object = config.if_object();
    if (object == nullptr) {
        return server_error(
            fmt::format("json: cannot unmarshal {} into Go value of type {}", kind_name(config), type_name));
    }
    for (const auto& option : options) {
        const auto* value = object->if_contains(option.name);
        if (value == nullptr || value->is_null()) continue;
        if (!value->is_bool()) return wrong_type(*value, type_name, option.name, "bool");
        *option.value = value->get_bool();
    }
    return success();
}

}  // namespace valence::rpc::tracers
