#include "valence/rpc/methods/typed_data.hpp"

#include <charconv>
#include <map>
#include <set>

#include <boost/json.hpp>

#include "valence/crypto/keccak.hpp"

namespace valence::rpc {

namespace json = boost::json;

namespace {

/// Structs within structs; data nests no deeper than JSON does, but types may refer to each other in circles.
constexpr int kMaxDepth = 32;
constexpr std::size_t kMaxTypes = 256;
/// Values that may be encoded: a long list of structs of many members is short as JSON.
constexpr std::size_t kMaxValues = 1'000'000;

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

DecodeError bad(std::string text) { return {std::move(text), {}}; }

struct Member {
    std::string name;
    std::string type;
};

class TypedData {
public:
    static Decoded<TypedData> read(const json::object& types) {
        TypedData out;
        if (types.size() > kMaxTypes) return bad("types: more than " + std::to_string(kMaxTypes));
        for (const auto& [name, members] : types) {
            const auto* list = members.if_array();
            if (list == nullptr) return bad("types: a type is a list of members");
            auto& type = out.types_[std::string(name)];
            for (const auto& member : *list) {
                const auto* object = member.if_object();
                const auto* member_name = object == nullptr ? nullptr : object->if_contains("name");
                const auto* member_type = object == nullptr ? nullptr : object->if_contains("type");
                if (member_name == nullptr || !member_name->is_string() || member_type == nullptr ||
                    !member_type->is_string()) {
                    return bad("types: a member has a name and a type");
                }
                type.push_back({std::string(view(member_name->get_string())),
                                std::string(view(member_type->get_string()))});
            }
        }
        return out;
    }

    bool knows(const std::string& type) const { return types_.contains(type); }

    /// keccak256(type hash ‖ encoded members)
    Decoded<Hash> hash_struct(const std::string& type, const json::value& value, int depth) const {
        const auto* object = value.if_object();
        if (object == nullptr || depth > kMaxDepth) return bad("not an object of type " + type);
        Bytes encoded;
        base::append(encoded, type_hash(type).bytes);
        for (const auto& member : types_.at(type)) {
            const auto* field = object->if_contains(member.name);
            BOOST_OUTCOME_TRY(const auto word,
                              encode(member.type, field == nullptr ? json::value() : *field, depth + 1));
            base::append(encoded, word.bytes);
        }
        return crypto::keccak256(encoded);
    }

private:
    void collect(const std::string& type, std::set<std::string>& found) const {
        const auto element = type.substr(0, type.find('['));
        const auto at = types_.find(element);
        if (at == types_.end() || !found.insert(element).second) return;
        for (const auto& member : at->second)
            collect(member.type, found);
    }

    /// "Mail(Person from,…)Person(…)": the type, then those it refers to, by name.
    std::string type_text(const std::string& type) const {
        std::set<std::string> referenced;
        collect(type, referenced);
        referenced.erase(type);
        std::string text;
        const auto append = [&](const std::string& name) {
            text += name + '(';
            const auto& members = types_.at(name);
            for (std::size_t i = 0; i < members.size(); ++i) {
                text += (i == 0 ? "" : ",") + members[i].type + ' ' + members[i].name;
            }
            text += ')';
        };
        append(type);
        for (const auto& name : referenced)
            append(name);
        return text;
    }

    const Hash& type_hash(const std::string& type) const {
        const auto [place, fresh] = type_hashes_.try_emplace(type);
        if (fresh) place->second = crypto::keccak256(base::as_bytes(type_text(type)));
        return place->second;
    }

    Decoded<Hash> encode(const std::string& type, const json::value& value, int depth) const {
        if (depth > kMaxDepth) return bad("typed data nests too deep");
        if (++encoded_values_ > kMaxValues) return bad("typed data is too large");
        if (!type.empty() && type.back() == ']') {
            const auto* list = value.if_array();
            if (list == nullptr) return bad("not a list of type " + type);
            const auto open = type.rfind('[');
            if (open == std::string::npos) return bad("invalid type " + type);
            if (const auto size = type.substr(open + 1, type.size() - open - 2);
                !size.empty() && size != std::to_string(list->size())) {
                return bad("a list of " + std::to_string(list->size()) + " items is not of type " + type);
            }
            Bytes encoded;
            for (const auto& item : *list) {
                BOOST_OUTCOME_TRY(const auto word, encode(type.substr(0, open), item, depth + 1));
                base::append(encoded, word.bytes);
            }
            return crypto::keccak256(encoded);
        }
        if (knows(type)) {
            if (value.is_null()) return Hash{};
            return hash_struct(type, value, depth);
        }
        return encode_atom(type, value);
    }

    static Decoded<Hash> encode_atom(const std::string& type, const json::value& value) {
        if (type == "string") {
            BOOST_OUTCOME_TRY(const auto text, decode_string(value));
            return crypto::keccak256(base::as_bytes(text));
        }
        if (type == "bytes") {
            BOOST_OUTCOME_TRY(const auto bytes, decode_data(value));
            return crypto::keccak256(bytes);
        }
        if (type == "bool") {
            BOOST_OUTCOME_TRY(const auto flag, decode_boolean(value));
            return U256{std::uint64_t{flag}}.to_hash();
        }
        if (type == "address") {
            BOOST_OUTCOME_TRY(const auto address, decode_address(value));
            return U256::from_address(address).to_hash();
        }
        if (type.starts_with("bytes")) {
            BOOST_OUTCOME_TRY(const auto bytes, decode_data(value));
            std::size_t size = 0;
            std::from_chars(type.data() + 5, type.data() + type.size(), size);
            if (size == 0 || size > 32 || bytes.size() != size) return bad("not a value of type " + type);
            Hash word;
            std::copy(bytes.begin(), bytes.end(), word.begin());
            return word;
        }
        if (type.starts_with("uint") || type.starts_with("int")) return encode_integer(type, value);
        return bad("unknown type " + type);
    }

    static Decoded<Hash> encode_integer(const std::string& type, const json::value& value) {
        const bool is_signed = type[0] == 'i';
        unsigned bits = 256;
        std::from_chars(type.data() + (is_signed ? 3 : 4), type.data() + type.size(), bits);
        auto magnitude = decode_lenient_number(value);
        bool negative = false;
        if (magnitude.has_error() && is_signed) {
            negative = true;
            if (value.is_int64()) {
                magnitude = U256{~static_cast<std::uint64_t>(value.get_int64()) + 1};
            } else if (value.is_string() && view(value.get_string()).starts_with('-')) {
                magnitude = decode_lenient_number(json::value(value.get_string().subview(1)));
            }
        }
        if (magnitude.has_error()) return bad("not a value of type " + type);
        const auto number = magnitude.value();
        const auto limit = is_signed ? U256{1} << (bits - 1) : U256{1} << bits;
        const bool fits = bits >= 256 && !is_signed ? true : negative ? number <= limit : number < limit;
        if (!fits) return bad("a number too large for type " + type);
        return (negative ? -number : number).to_hash();
    }

    std::map<std::string, std::vector<Member>> types_;
    mutable std::map<std::string, Hash> type_hashes_;
    mutable std::size_t encoded_values_ = 0;
};

Decoded<Hash> digest_of(const json::object& data) {
    const auto* types = data.if_contains("types");
    const auto* primary = data.if_contains("primaryType");
    const auto* domain = data.if_contains("domain");
    const auto* message = data.if_contains("message");
    if (types == nullptr || !types->is_object() || primary == nullptr || !primary->is_string() ||
        domain == nullptr || message == nullptr) {
        return bad("typed data has types, primaryType, domain and message");
    }
    BOOST_OUTCOME_TRY(const auto typed, TypedData::read(types->get_object()));
    const std::string primary_type(view(primary->get_string()));
    if (!typed.knows("EIP712Domain")) return bad("types: EIP712Domain is missing");
    if (!typed.knows(primary_type)) return bad("types: " + primary_type + " is missing");
    BOOST_OUTCOME_TRY(const auto separator, typed.hash_struct("EIP712Domain", *domain, 0));
    Bytes preimage{0x19, 0x01};
    base::append(preimage, separator.bytes);
    if (primary_type != "EIP712Domain") {
        BOOST_OUTCOME_TRY(const auto hash, typed.hash_struct(primary_type, *message, 0));
        base::append(preimage, hash.bytes);
    }
    return crypto::keccak256(preimage);
}

}  // namespace

Decoded<Hash> typed_data_digest(const json::value& data) {
    if (const auto* object = data.if_object()) return digest_of(*object);
    if (!data.is_string()) return bad("typed data is neither an object nor text");
    boost::system::error_code error;
    const auto parsed = json::parse(data.get_string(), error);
    if (error || !parsed.is_object()) return bad("typed data is not a JSON object");
    return digest_of(parsed.get_object());
}

}  // namespace valence::rpc
