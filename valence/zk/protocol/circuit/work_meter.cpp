#include "valence/zk/protocol/circuit/work_meter.hpp"

namespace valence::zk {

thread_local WorkMeter* WorkMeter::current_ = nullptr;

}  // namespace valence::zk
