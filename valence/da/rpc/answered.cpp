#include "valence/da/rpc/answered.hpp"

#include "valence/da/rpc/json_fields.hpp"

namespace valence::da {

Result<std::vector<LayerBlob>> answered_blobs(const json::value& answer, const Namespace& name) {
    std::vector<LayerBlob> out;
    if (answer.is_null()) return out;
    const auto* list = answer.if_array();
    if (list == nullptr) return malformed("a list of blobs");
    for (const auto& item : *list) {
        BOOST_OUTCOME_TRY(auto blob, layer_blob_of(item));
        if (blob.blob.name != name) return malformed("a blob of another namespace");
        out.push_back(std::move(blob));
    }
    // The square's order, whoever answers: what follows from blobs follows from their order too.
    std::ranges::stable_sort(out, {}, &LayerBlob::index);
    if (std::ranges::adjacent_find(out, {}, &LayerBlob::index) != out.end())
        return malformed("two blobs in one place");
    return out;
}

Result<ExtendedHeader> answered_header(const json::value& answer) {
    BOOST_OUTCOME_TRY(auto header, header_of(answer));
    BOOST_OUTCOME_TRYV(check_header(header));
    return header;
}

Result<std::vector<Sample>> answered_samples(const json::value& answer, std::span<const Cell> cells) {
    const auto* list = answer.if_array();
    if (list == nullptr || list->size() != cells.size()) return malformed("as many shares as were asked for");
    std::vector<Sample> out;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        BOOST_OUTCOME_TRY(auto sample, sample_of((*list)[i], cells[i]));
        out.push_back(std::move(sample));
    }
    return out;
}

Result<std::vector<NamespaceRow>> answered_rows(const json::value& answer) {
    std::vector<NamespaceRow> out;
    if (answer.is_null()) return out;
    const auto* list = answer.if_array();
    if (list == nullptr || list->size() > kMostItems) return malformed("a list of rows");
    for (const auto& item : *list) {
        BOOST_OUTCOME_TRY(auto row, namespace_row_of(item));
        out.push_back(std::move(row));
    }
    return out;
}

}  // namespace valence::da
