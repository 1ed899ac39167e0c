// Functions of one variable.
#include "valence/zk/protocol/circuit/gadgets.hpp"

namespace valence::zk {

Result<void> compile_node(Compiler& to, const ml::Lookup& lookup, const ml::Node& node) {
    const QuantityId x = to.tensor(node.inputs[0]);
    to.set_tensor(node.outputs[0], apply(to, lookup.table, x, by_axis(to.shape(x))));
    return success();
}

}  // namespace valence::zk
