// Lists of field elements that functionals have in common: copies share one list, and whoever changes one of
// several copies makes it its own first.
#pragma once

#include <memory>
#include <utility>
#include <vector>

namespace valence::zk {

template <typename E>
class SharedValues {
public:
    SharedValues() = default;
    SharedValues(std::vector<E> values) : values_(std::make_shared<std::vector<E>>(std::move(values))) {}
    SharedValues(std::initializer_list<E> values) : SharedValues(std::vector<E>(values)) {}

    const std::vector<E>& list() const {
        static const std::vector<E> kNone;
        return values_ ? *values_ : kNone;
    }
    operator const std::vector<E>&() const { return list(); }
    /// The list, for changing it: nobody else has it.
    std::vector<E>& own() {
        if (!values_ || values_.use_count() != 1) values_ = std::make_shared<std::vector<E>>(list());
        return *values_;
    }

    std::size_t size() const { return list().size(); }
    const E& operator[](std::size_t k) const { return list()[k]; }
    auto begin() const { return list().begin(); }
    auto end() const { return list().end(); }

    bool operator==(const SharedValues& other) const {
        return values_ == other.values_ || list() == other.list();
    }

private:
    std::shared_ptr<std::vector<E>> values_;
};

}  // namespace valence::zk
