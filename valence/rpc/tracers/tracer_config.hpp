// Reading a tracer's options (`tracerConfig`) with the errors geth's users know from Go's decoder.
#pragma once

#include <initializer_list>
#include <string_view>

#include <boost/json/fwd.hpp>

#include "valence/rpc/error.hpp"

namespace valence::rpc::tracers {

struct BooleanOption {
    std::string_view name;
    bool* value;
};

/// Sets each option the object names; unknown names are ignored, null is false. `type_name` is the struct
/// geth speaks of in its errors.
Answer<void> read_booleans(const boost::json::value& config, std::string_view type_name,
                           std::initializer_list<BooleanOption> options);

/// "json: cannot unmarshal KIND into Go struct field TYPE.NAME of type WANTED"
RpcError wrong_type(const boost::json::value& value, std::string_view type_name, std::string_view field,
                    std::string_view wanted);

}  // namespace valence::rpc::tracers
