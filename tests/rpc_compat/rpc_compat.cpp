#include "rpc_compat.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "compare.hpp"
#include <boost/json.hpp>

#include "valence/chain/genesis.hpp"
#include "valence/codec/rlp.hpp"
#include "valence/node/node.hpp"
#include "valence/rpc/context.hpp"
#include "valence/rpc/dispatcher.hpp"
#include "valence/rpc/method_table.hpp"

namespace valence::rpc_compat {

namespace fs = std::filesystem;
namespace json = boost::json;

namespace {

std::string read_file(const fs::path& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

Result<void> import_chain(node::Node& node, BytesView rlp) {
    while (!rlp.empty()) {
        BOOST_OUTCOME_TRY(const auto item, codec::rlp_first(rlp));
        BOOST_OUTCOME_TRY(auto block, chain::decode_block(item.encoded));
        const auto number = block.header.number;
        if (auto imported = node.import_block(std::move(block)); imported.has_error()) {
            return Error{imported.error().code,
                         "block " + std::to_string(number) + ": " + imported.error().message()};
        }
        rlp = rlp.subspan(item.encoded.size());
    }
    return success();
}

Result<std::unique_ptr<node::Node>> open_node(const fs::path& folder) {
    node::NodeConfig config;
    BOOST_OUTCOME_TRY(config.genesis, chain::parse_genesis(read_file(folder / "genesis.json")));
    config.mining = node::ManualMining{};
    BOOST_OUTCOME_TRY(auto node, node::Node::open(std::move(config)));
    BOOST_OUTCOME_TRY(import_chain(*node, base::as_bytes(read_file(folder / "chain.rlp"))));
    const auto head = node->chain().head_number();
    BOOST_OUTCOME_TRY(node->set_safe_and_finalized(head, head));
    return node;
}

struct Case {
    bool shape_only = false;
    std::vector<std::pair<std::string, std::string>> exchanges;
};

Case parse_case(const std::string& text) {
    Case out;
    std::size_t at = 0;
    while (at < text.size()) {
        const auto end = std::min(text.find('\n', at), text.size());
        const auto line = std::string_view(text).substr(at, end - at);
        at = end + 1;
        if (line.starts_with("//") && line.find("speconly:") != std::string_view::npos) out.shape_only = true;
        if (line.starts_with(">> ")) out.exchanges.emplace_back(line.substr(3), "");
        if (line.starts_with("<< ") && !out.exchanges.empty()) out.exchanges.back().second = line.substr(3);
    }
    return out;
}

std::string shorten(std::string text) {
    constexpr std::size_t kMost = 600;
    if (text.size() > kMost) text = text.substr(0, kMost) + "…";
    return text;
}

CaseResult run_case(rpc::Context& context, const std::string& name, const fs::path& path) {
    const auto method = name.substr(0, name.find('/'));
    if (rpc::find_method(method) == rpc::methods().size())
        return {name, Verdict::skipped, method + " is not served"};
    const auto test = parse_case(read_file(path));
    if (test.exchanges.empty()) return {name, Verdict::failed, "no exchange in the file"};
    for (const auto& [request, expected] : test.exchanges) {
        std::string actual;
        rpc::dispatch(context, nullptr, request, actual, rpc::message_deadline(context));
        boost::system::error_code malformed;
        const auto expected_json = json::parse(expected, malformed, {}, {.max_depth = 128});
        if (malformed) return {name, Verdict::failed, "the fixture's answer is not JSON"};
        const auto actual_json = json::parse(actual, malformed, {}, {.max_depth = 128});
        if (malformed) return {name, Verdict::failed, "answer is not JSON: " + shorten(actual)};
        const auto different = test.shape_only ? shape_difference(expected_json, actual_json)
                                               : difference(expected_json, actual_json);
        if (!different.empty()) {
            return {name, Verdict::failed,
                    different + "\n    request  " + shorten(request) + "\n    expected " + shorten(expected) +
                        "\n    actual   " + shorten(actual)};
        }
    }
    return {name, Verdict::passed, {}};
}

}  // namespace

bool is_rpc_compat(const fs::path& folder) {
    return fs::exists(folder / "chain.rlp") && fs::exists(folder / "genesis.json");
}

struct Suite::State {
    explicit State(std::unique_ptr<node::Node> imported)
        : node(std::move(imported)), context(*node, rpc::Limits{}, rpc::Mode::dev, "valence") {}

    std::unique_ptr<node::Node> node;
    rpc::Context context;
};

Suite::Suite(std::unique_ptr<State> state) : state_(std::move(state)) {}
Suite::~Suite() = default;

Result<std::unique_ptr<Suite>> Suite::open(const fs::path& folder) {
    BOOST_OUTCOME_TRY(auto node, open_node(folder));
    return std::unique_ptr<Suite>(new Suite(std::make_unique<State>(std::move(node))));
}

CaseResult Suite::run(const fs::path& file) {
    const auto name = file.parent_path().filename().string() + '/' + file.filename().string();
    return run_case(state_->context, name, file);
}

std::vector<CaseResult> run_rpc_compat(const fs::path& folder) {
    const auto suite = Suite::open(folder);
    if (suite.has_error()) return {{"chain.rlp", Verdict::failed, suite.error().message()}};
    std::vector<fs::path> files;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) {
        if (entry.path().extension() == ".io") files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    std::vector<CaseResult> results;
    for (const auto& file : files)
        results.push_back(suite.value()->run(file));
    return results;
}

}  // namespace valence::rpc_compat
