// Values of data availability in JSON, as Celestia's software and the derived vectors write them.
#pragma once

#include "../fixture.hpp"
#include "../report.hpp"

#include "valence/da/da.hpp"
#include "valence/da/extended/roots.hpp"

namespace valence::conformance {

/// Base64.
Bytes base64_of(const json::value& value);

/// So many bytes, as base64 or as hexadecimal: told apart by the text's length.
Bytes exact_bytes_of(const json::value& value, std::size_t size);

template <typename T>
T exact_of(const json::value& value) {
    return base::from_exact<T>(exact_bytes_of(value, T::kSize));
}

template <typename T>
std::vector<T> list_of(const json::value& value) {
    std::vector<T> items;
    for (const auto& item : array_of(value))
        items.push_back(exact_of<T>(item));
    return items;
}

/// A number, or a text of digits; 0 where the member is left out, as Go leaves out zeros.
std::uint64_t number_or_zero(const json::value& object, std::string_view key);

/// celestia-node's JSON of a proof in a namespaced tree.
da::NamespacedProof namespaced_proof_of(const json::value& value);

/// Where two lists of digests differ, for people; empty when they are equal.
template <typename T>
std::string difference(std::string_view what, std::span<const T> want, std::span<const T> have) {
    if (want.size() != have.size())
        return std::string{what} + ": expected " + std::to_string(want.size()) + ", actual " +
               std::to_string(have.size());
    for (std::size_t i = 0; i < want.size(); ++i) {
        if (want[i] != have[i])
            return std::string{what} + " " + std::to_string(i) + ": expected " + base::to_hex(want[i]) +
                   ", actual " + base::to_hex(have[i]);
    }
    return {};
}

template <typename T>
std::string difference(std::string_view what, const T& want, const T& have) {
    return difference(what, std::span<const T>{&want, 1}, std::span<const T>{&have, 1});
}

/// The value, or a failed fixture.
template <typename T>
T value_of(Result<T>&& result) {
    if (!result) throw BadFixture(result.error().message());
    return std::move(result).value();
}

}  // namespace valence::conformance
