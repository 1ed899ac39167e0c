// Any bytes as a derivation's checkpoint: refused, or gone on from, whatever the layer holds next; and what
// is written then is what is gone on from again.
#include "valence/derive/testing.hpp"

namespace {

using namespace valence;

chain::DaHeader header_at(std::uint64_t height) {
    return {height, derive::testing::kGenesis, 1'700'000'000 + 6 * height};
}

const chain::RuleSet& rules() {
    static const auto made = [] {
        auto ours = chain::valence_rules();
        ours.system->layer = {"test", header_at(10), 8, 60, 20, 3, 10'000'000};
        return ours;
    }();
    return made;
}

derive::Derivation fresh() {
    static const auto key = *crypto::bls::Verifier::of(derive::testing::sequencer().public_key());
    return derive::Derivation({derive::testing::kGenesis, key, 1, {}, &rules()});
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    auto derivation = fresh();
    if (!derivation.resume(BytesView{data, size})) return 0;
    const auto written = derivation.checkpoint();
    VALENCE_CHECK(written.has_value());
    auto again = fresh();
    VALENCE_CHECK(again.resume(*written).has_value() && again.checkpoint() == written);

    static const auto blobs = derive::testing::blobs_of(std::vector{derive::testing::block(2)});
    const std::vector<BytesView> views(blobs.begin(), blobs.end());
    for (int height = 0; height < 3; ++height) {
        derivation.take(header_at(derivation.newest().height + 1), views);
        while (derivation.current() != nullptr)
            derivation.accept();
        if (const auto fallback = derivation.fallback()) derivation.accept_fallback(*fallback, Hash{});
    }
    return 0;
}
