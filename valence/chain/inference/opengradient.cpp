#include "valence/chain/inference/opengradient.hpp"

#include "valence/base/hex.hpp"
#include "valence/chain/inference/call_abi.hpp"
#include "valence/chain/inference/inference_rules.hpp"
#include "valence/chain/inference/named_tensors.hpp"
#include "valence/crypto/keccak.hpp"

namespace valence::chain {
namespace {

using codec::AbiValue;
using outcome::Mode;
using Items = std::vector<AbiValue>;

constexpr std::uint64_t kWadDecimals = 18;
/// 10^38 is the largest power of ten an int128 can be divided by.
constexpr std::uint64_t kMostDecimals = 38;

constexpr std::array kModes{Mode::replay, Mode::zk, Mode::tee};

/// The newest model of a name, as contracts/system/ModelRegistry.sol keeps it: slot 4 is a mapping by
/// keccak256(name) of structs whose third word is the length of the array of the name's models.
ml::ModelId model_of_name(state::JournaledState& state, BytesView name) {
    const auto entry = crypto::Keccak256{}.update(crypto::keccak256(name)).update(U256{4}.to_hash()).finish();
    const auto versions = U256::from_hash(entry) + U256{2};
    const auto count = state.storage(kModelRegistry, versions);
    if (count.is_zero()) return {};
    const auto last = U256::from_hash(crypto::keccak256(versions.to_hash())) + count - U256{1};
    return base::from_exact<ml::ModelId>(state.storage(kModelRegistry, last).to_hash());
}

ml::ModelId find_model(state::JournaledState& state, BytesView name) {
    const auto text = base::as_text(name);
    if (text.size() == 66 && text.starts_with("0x")) {
        const auto bytes = base::from_hex(text);
        if (bytes && bytes->size() == ml::ModelId::kSize) return base::from_exact<ml::ModelId>(*bytes);
    }
    return model_of_name(state, name);
}

U256 power_of_ten(std::uint64_t exponent) {
    U256 power{1};
    for (; exponent > 0; --exponent)
        power = power * U256{10};
    return power;
}

/// value / 10^decimals in WAD, the magnitude rounded down; nothing where the exponent is out of range.
std::optional<U256> to_wad(const U256& value, const U256& decimals) {
    const bool negative_decimals = decimals.is_negative();
    const auto digits = (negative_decimals ? -decimals : decimals).saturated_u64();
    if (digits > kMostDecimals || (negative_decimals && digits > kWadDecimals)) return std::nullopt;
    const bool negative = value.is_negative();
    const U256 magnitude = negative ? -value : value;
    // |value| < 2^127, so this stays below 2^247.
    const U256 scaled = negative_decimals        ? magnitude * power_of_ten(kWadDecimals + digits)
                        : digits <= kWadDecimals ? magnitude * power_of_ten(kWadDecimals - digits)
                                                 : magnitude / power_of_ten(digits - kWadDecimals);
    return negative ? -scaled : scaled;
}

}  // namespace

std::variant<OpenGradientRequest, Bytes> read_opengradient_request(state::JournaledState& state,
                                                                   const AbiValue& request) {
    const auto& fields = request.items();
    const auto mode = fields[0].word().saturated_u64();
    if (mode >= kModes.size()) return encode_error(CallError::unknown_mode, Items{U256{mode & 0xff}});
    const auto& input = fields[2].items();
    const auto& strings = input[1].items();
    // Models here have no text inputs.
    if (!strings.empty()) return encode_error(CallError::unknown_input, Items{strings[0].items()[0]});

    OpenGradientRequest out;
    out.model = find_model(state, fields[1].bytes());
    out.mode = kModes[mode];
    for (const auto& tensor : input[0].items()) {
        const auto& parts = tensor.items();
        Items data;
        for (const auto& number : parts[1].items()) {
            const auto wad = to_wad(number.items()[0].word(), number.items()[1].word());
            if (!wad) return encode_error(CallError::malformed_call);
            data.emplace_back(*wad);
        }
        out.tensors.emplace_back(Items{parts[0], parts[2], std::move(data)});
    }
    return out;
}

Bytes encode_opengradient_output(const DescribedModel& model, const std::vector<U256>& values) {
    const auto ours = outputs_with_names(model, values);
    Items numbers;
    for (const auto& tensor : ours.items()) {
        const auto& parts = tensor.items();
        Items data;
        for (const auto& value : parts[2].items())
            data.emplace_back(Items{value, U256{kWadDecimals}});
        numbers.emplace_back(Items{parts[0], std::move(data), parts[1]});
    }
    return encode_result("((string,(int128,int128)[],uint32[])[],(string,string[])[],bool)",
                         Items{std::move(numbers), Items{}, U256{0}});
}

}  // namespace valence::chain
