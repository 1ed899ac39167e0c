#include "valence/rpc/dispatcher.hpp"

#include <algorithm>
#include <chrono>

#include <boost/json.hpp>
#include <spdlog/spdlog.h>

#include "valence/rpc/context.hpp"
#include "valence/rpc/method_table.hpp"
#include "valence/rpc/methods/send_raw.hpp"
#include "valence/rpc/parse_message.hpp"
#include "valence/rpc/peer.hpp"

namespace valence::rpc {

namespace json = boost::json;

namespace {

using Clock = std::chrono::steady_clock;

constexpr std::string_view kSendRaw = "eth_sendRawTransaction";

/// Requests in a batch that are quick together where each is, but for transactions: those are quick in any
/// number.
constexpr std::size_t kBriefBatch = 100;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

/// A request whose envelope was checked.
struct Request {
    /// Null for a notification.
    const json::value* id = nullptr;
    std::string_view method;
    const json::value* parameters = nullptr;
};

/// The id as the caller wrote it.
void write_id(std::string& out, const json::value* id) {
    if (id == nullptr || id->is_null()) {
        out += "null";
    } else if (id->is_int64()) {
        out += std::to_string(id->get_int64());
    } else if (id->is_double()) {
        JsonWriter(out).number(id->get_double());
    } else {
        out += json::serialize(*id);
    }
}

void write_error(std::string& out, const json::value* id, const RpcError& error) {
    out += R"({"jsonrpc":"2.0","id":)";
    write_id(out, id);
    out += R"(,"error":{"code":)";
    out += std::to_string(error.code);
    out += R"(,"message":)";
    JsonWriter(out).string(error.message);
    if (!error.data.empty()) {
        out += R"(,"data":)";
        out += error.data;
    }
    out += "}}";
}

void begin_result(std::string& out, const json::value* id) {
    out += R"({"jsonrpc":"2.0","id":)";
    write_id(out, id);
    out += R"(,"result":)";
}

/// Ids are strings, numbers or null, as geth has it.
bool is_valid_id(const json::value& id) { return !id.is_object() && !id.is_array() && !id.is_bool(); }

/// The envelope of JSON-RPC 2.0; on an error `request.id` is what can be echoed.
Answer<void> check_envelope(const json::value& message, Request& request) {
    const RpcError invalid{code::kInvalidRequest, "invalid request"};
    const auto* object = message.if_object();
    if (object == nullptr) return invalid;
    const auto* id = object->if_contains("id");
    if (id != nullptr && !is_valid_id(*id)) return invalid;
    request.id = id;
    const auto* version = object->if_contains("jsonrpc");
    if (version == nullptr || !version->is_string() || view(version->get_string()) != "2.0") return invalid;
    const auto* method = object->if_contains("method");
    if (method == nullptr || !method->is_string() || method->get_string().empty()) return invalid;
    request.method = view(method->get_string());
    request.parameters = object->if_contains("params");
    return success();
}

Answer<const json::array*> parameter_array(const Request& request) {
    if (request.parameters == nullptr || request.parameters->is_null()) return nullptr;
    if (const auto* array = request.parameters->if_array()) return array;
    return invalid_params("non-array args");
}

RpcError unknown_method(std::string_view name) {
    return {code::kMethodNotFound,
            "the method " + std::string(name.substr(0, 200)) + " does not exist/is not available"};
}

RpcError too_large() { return {code::kResponseTooLarge, "response too large"}; }

Answer<void> call_method(Context& context, const std::shared_ptr<Peer>& peer, const Request& request,
                         std::size_t index, const Deadline& deadline, OpenedSubscriptions& opened,
                         std::string& out) {
    const auto table = methods();
    if (index == table.size()) return unknown_method(request.method);
    const auto& method = table[index];
    if (method.availability == Availability::dev_only && context.mode != Mode::dev)
        return unknown_method(request.method);
    if (peer && !peer->bucket.take(1)) return RpcError{code::kLimitExceeded, "rate limit exceeded"};
    BOOST_OUTCOME_TRY(const auto* array, parameter_array(request));
    if (array != nullptr && array->size() > method.max_parameters()) {
        return invalid_params("too many arguments, want at most " + std::to_string(method.max_parameters()));
    }
    JsonWriter writer(out, out.size() + context.limits.response_bytes);
    Call call{context, method.name, Parameters(array), writer, peer, deadline, opened};
    try {
        auto answer = method.handler(call);
        if (answer.has_value() && writer.overflowed()) return too_large();
        return answer;
    } catch (const std::exception& e) {
        spdlog::error("rpc: {} failed: {}", method.name, e.what());
        return RpcError{code::kInternal, "internal error"};
    }
}

/// Handles one message and appends its answer, if one is due.
void handle_single(Context& context, const std::shared_ptr<Peer>& peer, const json::value& message,
                   const Deadline& deadline, OpenedSubscriptions& opened, std::string& out) {
    const auto started = Clock::now();
    Request request;
    if (const auto checked = check_envelope(message, request); checked.has_error()) {
        return write_error(out, request.id, checked.error());
    }
    const auto start = out.size();
    begin_result(out, request.id);
    const auto index = find_method(request.method);
    auto answer = call_method(context, peer, request, index, deadline, opened, out);
    if (answer.has_error()) {
        out.resize(start);
        write_error(out, request.id, answer.error());
    } else {
        out += '}';
    }
    // A notification runs, but nobody waits for what it answers.
    if (request.id == nullptr) out.resize(start);
    context.metrics.count(index, Clock::now() - started, answer.has_error());
}

/// How many messages from `first` on are well-formed eth_sendRawTransaction requests that want an answer.
std::size_t send_raw_run(const json::array& batch, std::size_t first, std::vector<SendRawRequest>& run,
                         std::vector<const json::value*>& ids) {
    run.clear();
    ids.clear();
    for (auto i = first; i < batch.size(); ++i) {
        Request request;
        if (check_envelope(batch[i], request).has_error() || request.id == nullptr ||
            request.method != kSendRaw)
            break;
        const auto array = parameter_array(request);
        if (array.has_error() || array.value() == nullptr || array.value()->size() != 1) break;
        run.push_back({&array.value()->front()});
        ids.push_back(request.id);
    }
    return run.size();
}

class BatchAnswer {
public:
    explicit BatchAnswer(std::string& out) : out_(out), start_(out.size()) { out_ += '['; }

    /// Appends what `write` writes, if it writes anything.
    template <typename Write>
    void item(Write&& write) {
        const auto before = out_.size();
        if (before > start_ + 1) out_ += ',';
        const auto begin = out_.size();
        write(out_);
        if (out_.size() == begin) out_.resize(before);
    }

    std::size_t bytes() const { return out_.size() - start_; }

    void finish() {
        // A batch of notifications gets no answer at all.
        if (out_.size() == start_ + 1) {
            out_.resize(start_);
        } else {
            out_ += ']';
        }
    }

private:
    std::string& out_;
    std::size_t start_;
};

void handle_send_raw_run(Context& context, const std::shared_ptr<Peer>& peer,
                         std::vector<SendRawRequest>& run, const std::vector<const json::value*>& ids,
                         BatchAnswer& answer) {
    const auto started = Clock::now();
    std::vector<Answer<Hash>> results;
    if (peer && !peer->bucket.take(run.size())) {
        results.assign(run.size(), RpcError{code::kLimitExceeded, "rate limit exceeded"});
    } else {
        results = send_raw_transactions(context, run);
    }
    const auto each = (Clock::now() - started) / static_cast<int>(run.size());
    static const auto index = find_method(kSendRaw);
    for (std::size_t i = 0; i < results.size(); ++i) {
        answer.item([&](std::string& out) {
            if (results[i].has_error()) return write_error(out, ids[i], results[i].error());
            begin_result(out, ids[i]);
            JsonWriter(out).data(results[i].value());
            out += '}';
        });
        context.metrics.count(index, each, results[i].has_error());
    }
}

/// Answers a request of a batch with an error, if it wants an answer.
void refuse_item(const json::value& message, const RpcError& why, BatchAnswer& answer) {
    Request request;
    const auto checked = check_envelope(message, request);
    if (checked.has_value() && request.id == nullptr) return;
    answer.item([&](std::string& to) { write_error(to, request.id, why); });
}

/// Of a batch of more requests than there may be: one error, with the first id.
void refuse_large_batch(const json::array& batch, BatchAnswer& answer) {
    const json::value* id = nullptr;
    for (const auto& message : batch) {
        Request request;
        if (check_envelope(message, request).has_value() && request.id != nullptr) {
            id = request.id;
            break;
        }
    }
    answer.item([&](std::string& to) { write_error(to, id, {code::kInvalidRequest, "batch too large"}); });
}

RpcError empty_batch() { return {code::kInvalidRequest, "empty batch"}; }

/// Of a message, single or batch, that is not done.
void refuse(const Context& context, const json::value& message, const RpcError& why, std::string& out) {
    const auto* batch = message.if_array();
    if (batch == nullptr) {
        Request request;
        const auto checked = check_envelope(message, request);
        if (checked.has_error() || request.id != nullptr) write_error(out, request.id, why);
        return;
    }
    if (batch->empty()) return write_error(out, nullptr, empty_batch());
    BatchAnswer answer(out);
    if (batch->size() > context.limits.batch_items) {
        refuse_large_batch(*batch, answer);
    } else {
        for (const auto& item : *batch)
            refuse_item(item, why, answer);
    }
    answer.finish();
}

void handle_batch(Context& context, const std::shared_ptr<Peer>& peer, const json::array& batch,
                  const Deadline& deadline, OpenedSubscriptions& opened, std::string& out) {
    if (batch.empty()) return write_error(out, nullptr, empty_batch());
    BatchAnswer answer(out);
    if (batch.size() > context.limits.batch_items) {
        refuse_large_batch(batch, answer);
        return answer.finish();
    }
    std::vector<SendRawRequest> run;
    std::vector<const json::value*> ids;
    for (std::size_t i = 0; i < batch.size();) {
        const bool is_full = answer.bytes() > context.limits.batch_response_bytes;
        if (is_full || deadline.over()) {
            refuse_item(batch[i++], is_full ? too_large() : timed_out(), answer);
            continue;
        }
        if (const auto count = send_raw_run(batch, i, run, ids); count > 1) {
            handle_send_raw_run(context, peer, run, ids, answer);
            i += count;
            continue;
        }
        answer.item([&](std::string& to) { handle_single(context, peer, batch[i], deadline, opened, to); });
        ++i;
    }
    answer.finish();
}

/// Hands the message to `handle`, which appends its answer; or appends why there is none.
template <typename Handle>
void with_parsed(const Context& context, std::string_view message, std::string& out, Handle&& handle) {
    const auto start = out.size();
    try {
        // An empty message is no request, as geth has it.
        if (message.find_first_not_of(" \t\r\n") == std::string_view::npos) return;
        alignas(16) thread_local unsigned char arena[256 * 1024];
        json::monotonic_resource memory(arena, sizeof arena);
        const auto parsed = parse_message(message, context.limits, &memory);
        if (const auto* value = std::get_if<json::value>(&parsed)) {
            handle(*value);
        } else if (std::get<MessageFault>(parsed) == MessageFault::too_many_values) {
            write_error(out, nullptr, {code::kInvalidRequest, "request of too many values"});
        } else {
            write_error(out, nullptr, {code::kParseError, "parse error"});
        }
    } catch (const std::exception& e) {
        spdlog::error("rpc: request failed: {}", e.what());
        out.resize(start);
        write_error(out, nullptr, {code::kInternal, "internal error"});
    }
}

bool is_patient(const json::value& message) {
    Request request;
    if (check_envelope(message, request).has_error()) return false;
    const auto index = find_method(request.method);
    return index < methods().size() && methods()[index].pace == Pace::patient;
}

/// Whether a message may take seconds: for a method it calls, or for how many.
bool may_take_long(const json::value& message) {
    const auto* batch = message.if_array();
    if (batch == nullptr) return is_patient(message);
    if (std::any_of(batch->begin(), batch->end(), is_patient)) return true;
    if (batch->size() <= kBriefBatch) return false;
    std::vector<SendRawRequest> run;
    std::vector<const json::value*> ids;
    return send_raw_run(*batch, 0, run, ids) < batch->size();
}

enum class Ask : std::uint8_t { anything, brief_only };

std::optional<OpenedSubscriptions> dispatch_if(Ask ask, Context& context, const std::shared_ptr<Peer>& peer,
                                               std::string_view message, std::string& out,
                                               const Deadline& deadline) {
    std::optional<OpenedSubscriptions> opened{std::in_place};
    with_parsed(context, message, out, [&](const json::value& value) {
        if (ask == Ask::brief_only && may_take_long(value)) {
            opened.reset();
        } else if (deadline.over()) {
            refuse(context, value, timed_out(), out);
        } else if (const auto* batch = value.if_array()) {
            handle_batch(context, peer, *batch, deadline, *opened, out);
        } else {
            handle_single(context, peer, value, deadline, *opened, out);
        }
    });
    return opened;
}

}  // namespace

Deadline message_deadline(const Context& context) {
    return Deadline(context.limits.message_time, &context.stopping);
}

OpenedSubscriptions dispatch(Context& context, const std::shared_ptr<Peer>& peer, std::string_view message,
                             std::string& out, const Deadline& deadline) {
    return *dispatch_if(Ask::anything, context, peer, message, out, deadline);
}

std::optional<OpenedSubscriptions> dispatch_brief(Context& context, const std::shared_ptr<Peer>& peer,
                                                  std::string_view message, std::string& out,
                                                  const Deadline& deadline) {
    return dispatch_if(Ask::brief_only, context, peer, message, out, deadline);
}

void turn_away(Context& context, std::string_view message, std::string& out) {
    const RpcError busy{code::kLimitExceeded, "busy: too many answers wait for those who asked for them"};
    with_parsed(context, message, out, [&](const json::value& value) { refuse(context, value, busy, out); });
}

}  // namespace valence::rpc
