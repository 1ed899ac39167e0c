// share.*: cells of squares with their proofs.
#include "valence/da/da_error.hpp"
#include "valence/da/rpc/json_fields.hpp"
#include "valence/da/rpc/methods.hpp"

namespace valence::da {
namespace {

constexpr std::size_t kMostSamples = 1'024;

/// Of a block: its height, or its extended header, as older clients send it.
Result<std::uint64_t> height_of(const json::value& value) {
    const auto* header = field(value, "header");
    return header == nullptr ? number_of(value) : number_field(*header, "height");
}

Result<std::shared_ptr<const ExtendedSquare>> square_of(EmbeddedLayer& layer, const json::value& value) {
    BOOST_OUTCOME_TRY(const auto height, height_of(value));
    return layer.square(height);
}

Result<Cell> cell_of(const json::value& row, const json::value& column, std::size_t width) {
    Cell cell;
    BOOST_OUTCOME_TRY(cell.row, number_of(row));
    BOOST_OUTCOME_TRY(cell.column, number_of(column));
    if (cell.row >= width || cell.column >= width) return malformed("a cell within the square expected");
    return cell;
}

json::array shares_json(std::span<const Share> shares) {
    json::array out;
    for (const auto& share : shares)
        out.push_back(base64_of(share));
    return out;
}

}  // namespace

Result<json::value> share_shares_available(EmbeddedLayer& layer, const json::array& parameters) {
    BOOST_OUTCOME_TRYV(square_of(layer, parameters[0]));
    return json::value(nullptr);
}

Result<json::value> share_get_share(EmbeddedLayer& layer, const json::array& parameters) {
    BOOST_OUTCOME_TRY(const auto square, square_of(layer, parameters[0]));
    BOOST_OUTCOME_TRY(const auto cell, cell_of(parameters[1], parameters[2], square->width()));
    return json::value(base64_of(square->at(cell)));
}

Result<json::value> share_get_samples(EmbeddedLayer& layer, const json::array& parameters) {
    BOOST_OUTCOME_TRY(const auto square, square_of(layer, parameters[0]));
    const auto* list = parameters[1].if_array();
    if (list == nullptr || list->size() > kMostSamples) return malformed("a list of cells expected");
    std::vector<Cell> cells;
    for (const auto& item : *list) {
        BOOST_OUTCOME_TRY(const auto* row, require(item, "row"));
        BOOST_OUTCOME_TRY(const auto* column, require(item, "col"));
        BOOST_OUTCOME_TRY(const auto cell, cell_of(*row, *column, square->width()));
        cells.push_back(cell);
    }
    BOOST_OUTCOME_TRY(const auto height, height_of(parameters[0]));
    BOOST_OUTCOME_TRY(const auto samples, layer.samples(height, cells));
    json::array out;
    for (const auto& sample : samples)
        out.push_back(to_json(sample));
    return out;
}

Result<json::value> share_get_eds(EmbeddedLayer& layer, const json::array& parameters) {
    BOOST_OUTCOME_TRY(const auto square, square_of(layer, parameters[0]));
    return json::object{{"data_square", shares_json(square->shares())}, {"codec", "Leopard"}};
}

Result<json::value> share_get_row(EmbeddedLayer& layer, const json::array& parameters) {
    BOOST_OUTCOME_TRY(const auto square, square_of(layer, parameters[0]));
    BOOST_OUTCOME_TRY(const auto row, number_of(parameters[1]));
    if (row >= square->width()) return malformed("a row of the square expected");
    return json::object{{"shares", shares_json(square->row(row))}, {"side", "BOTH"}};
}

Result<json::value> share_get_namespace_data(EmbeddedLayer& layer, const json::array& parameters) {
    BOOST_OUTCOME_TRY(const auto height, height_of(parameters[0]));
    BOOST_OUTCOME_TRY(const auto name, namespace_of(parameters[1]));
    BOOST_OUTCOME_TRY(const auto rows, layer.namespace_rows(height, name));
    json::array out;
    for (const auto& row : rows)
        out.push_back(to_json(row));
    return out;
}

}  // namespace valence::da
