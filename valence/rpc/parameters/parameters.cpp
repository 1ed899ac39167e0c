#include "valence/rpc/parameters/parameters.hpp"

#include <boost/json.hpp>

namespace valence::rpc {

std::size_t Parameters::size() const { return items_ == nullptr ? 0 : items_->size(); }

const boost::json::value* Parameters::find(std::size_t index) const {
    if (index >= size()) return nullptr;
    const auto& value = (*items_)[index];
    return value.is_null() ? nullptr : &value;
}

Answer<const boost::json::value*> Parameters::require(std::size_t index) const {
    const auto* value = find(index);
    if (value == nullptr) return missing_argument(index);
    return value;
}

Answer<bool> Parameters::boolean_or(std::size_t index, bool otherwise) const {
    if (!given(index)) return otherwise;
    return boolean(index);
}

Answer<BlockId> Parameters::block_or(std::size_t index, BlockTag otherwise) const {
    if (!given(index)) return BlockId{otherwise};
    return block(index);
}

}  // namespace valence::rpc
