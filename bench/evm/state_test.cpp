#include "state_test.hpp"

#include <fstream>
#include <iterator>

#include <boost/json.hpp>

namespace valence::bench {
namespace {

namespace json = boost::json;

constexpr std::pair<std::string_view, evm::Revision> kForks[] = {
    {"Frontier", evm::Revision::frontier},
    {"Homestead", evm::Revision::homestead},
    {"EIP150", evm::Revision::tangerine_whistle},
    {"EIP158", evm::Revision::spurious_dragon},
    {"Byzantium", evm::Revision::byzantium},
    {"Constantinople", evm::Revision::constantinople},
    {"ConstantinopleFix", evm::Revision::petersburg},
    {"Istanbul", evm::Revision::istanbul},
    {"Berlin", evm::Revision::berlin},
    {"London", evm::Revision::london},
    {"Merge", evm::Revision::paris},
    {"Paris", evm::Revision::paris},
    {"Shanghai", evm::Revision::shanghai},
    {"Cancun", evm::Revision::cancun},
    {"Prague", evm::Revision::prague},
    {"Osaka", evm::Revision::osaka},
};

/// Thrown inside this file only; `load_workloads` makes an Error of it.
struct Malformed {
    std::string what;
};

const json::value& field(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    if (value == nullptr) throw Malformed{"missing field " + std::string(key)};
    return *value;
}

template <typename T>
T required(std::optional<T> value, const json::value& from) {
    if (!value) throw Malformed{"malformed value " + json::serialize(from)};
    return *std::move(value);
}

std::string_view text(const json::value& v) {
    if (!v.is_string()) throw Malformed{"not a text: " + json::serialize(v)};
    return v.get_string();
}
U256 number(const json::value& v) { return required(U256::from_hex(text(v)), v); }
std::uint64_t small(const json::value& v) { return number(v).low_u64(); }
Bytes bytes(const json::value& v) { return required(base::from_hex(text(v)), v); }
Address address(std::string_view t) {
    const auto a = base::fixed_from_hex<Address>(t);
    if (!a) throw Malformed{"malformed address " + std::string(t)};
    return *a;
}

evm::BlockContext block_of(const json::object& env) {
    evm::BlockContext block;
    block.number = small(field(env, "currentNumber"));
    block.timestamp = small(field(env, "currentTimestamp"));
    block.coinbase = address(text(field(env, "currentCoinbase")));
    block.gas_limit = small(field(env, "currentGasLimit"));
    if (const auto* v = env.if_contains("currentRandom")) block.prev_randao = number(*v);
    if (const auto* v = env.if_contains("currentBaseFee")) block.base_fee = number(*v);
    return block;
}

std::shared_ptr<evm::testing::MemoryHost> host_of(const json::object& pre) {
    auto host = std::make_shared<evm::testing::MemoryHost>();
    for (const auto& [key, value] : pre) {
        const auto& account = value.as_object();
        const auto at = address(key);
        host->put(at, number(field(account, "balance")), bytes(field(account, "code")),
                  small(field(account, "nonce")));
        for (const auto& [slot, word] : field(account, "storage").as_object()) {
            host->put_storage(at, required(U256::from_hex(slot), word), number(word));
        }
    }
    return host;
}

std::string name_of(const std::string& stem, const json::object& test, std::size_t data,
                    const std::string& indexes) {
    if (const auto* about = test.if_contains("_info")) {
        if (const auto* labels = about->as_object().if_contains("labels")) {
            if (const auto* label = labels->as_object().if_contains(std::to_string(data))) {
                return stem + '/' + std::string(text(*label));
            }
        }
    }
    return stem + '/' + indexes;
}

void add_workloads(const std::string& stem, const json::object& test, const std::string& only_fork,
                   std::vector<Workload>& out) {
    const auto& transaction = field(test, "transaction").as_object();
    const auto to = text(field(transaction, "to"));
    if (to.empty()) return;
    for (const auto& [fork, posts] : field(test, "post").as_object()) {
        if (!only_fork.empty() && only_fork != fork) continue;
        const auto* const known = std::find_if(std::begin(kForks), std::end(kForks),
                                               [&](const auto& row) { return row.first == fork; });
        if (known == std::end(kForks)) continue;
        for (const auto& post : posts.as_array()) {
            const auto& indexes = field(post.as_object(), "indexes").as_object();
            const auto data = json::value_to<std::size_t>(field(indexes, "data"));
            const auto gas = json::value_to<std::size_t>(field(indexes, "gas"));
            const auto value = json::value_to<std::size_t>(field(indexes, "value"));
            Workload w;
            w.name = name_of(stem, test, data,
                             std::to_string(data) + '-' + std::to_string(gas) + '-' + std::to_string(value));
            w.fork = fork;
            w.revision = known->second;
            w.block = block_of(field(test, "env").as_object());
            w.sender = address(text(field(transaction, "sender")));
            w.transaction.origin = w.sender;
            if (const auto* price = transaction.if_contains("gasPrice"))
                w.transaction.gas_price = number(*price);
            w.to = address(to);
            w.value = number(field(transaction, "value").as_array().at(value));
            w.input = bytes(field(transaction, "data").as_array().at(data));
            w.gas_limit = static_cast<evm::Gas>(small(field(transaction, "gasLimit").as_array().at(gas)));
            w.host = host_of(field(test, "pre").as_object());
            out.push_back(std::move(w));
        }
    }
}

}  // namespace

Result<std::vector<Workload>> load_workloads(const std::filesystem::path& file,
                                             const std::string& only_fork) {
    std::ifstream in(file, std::ios::binary);
    if (!in) return Error{std::make_error_code(std::errc::no_such_file_or_directory), file.string()};
    const std::string content{std::istreambuf_iterator<char>{in}, {}};
    std::vector<Workload> out;
    try {
        const auto root = json::parse(content);
        for (const auto& [name, test] : root.as_object()) {
            add_workloads(file.stem().string(), test.as_object(), only_fork, out);
        }
    } catch (const Malformed& e) {
        return Error{std::make_error_code(std::errc::invalid_argument), file.string() + ": " + e.what};
    } catch (const std::exception& e) {
        return Error{std::make_error_code(std::errc::invalid_argument), file.string() + ": " + e.what()};
    }
    return out;
}

}  // namespace valence::bench
