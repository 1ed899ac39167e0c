// Reed–Solomon parity, for data that a rule makes.
#include "byte_rule.hpp"
#include "da_suites.hpp"
#include "da_values.hpp"
#include <fmt/core.h>

#include "valence/crypto/sha256.hpp"
#include "valence/da/coding/reed_solomon.hpp"

namespace valence::conformance {
namespace {

std::string check_field(const json::value& test, std::size_t k) {
    const auto* field = find(test, "field");
    const std::string_view have = 2 * k <= 256 ? "GF(2^8)" : "GF(2^16)";
    if (field == nullptr || text_of(*field) == have) return {};
    return fmt::format("field: expected {}, actual {}", std::string{text_of(*field)}, have);
}

std::string check_parity(const json::value& test, const ByteRule& rule) {
    const auto k = u64_of(member(test, "k"));
    const auto length = u64_of(member(test, "shard_len"));
    if (k == 0 || k > da::kMaxSquareWidth || length == 0 || length % 64 != 0 || length > 1 << 16)
        throw BadFixture(fmt::format("{} shards of {} bytes", k, length));
    if (auto wrong = check_field(test, k); !wrong.empty()) return wrong;
    Bytes data(k * length);
    for (std::size_t i = 0; i < k; ++i) {
        for (std::size_t j = 0; j < length; ++j)
            data[i * length + j] = rule({{"i", i}, {"j", j}});
    }
    Bytes parity(k * length);
    const auto stride = static_cast<std::ptrdiff_t>(length);
    for (const auto set : {da::InstructionSet::portable, da::best_instruction_set()}) {
        da::encode(k, {data.data(), stride, length}, {parity.data(), stride, length}, set);
        const auto shard = [&](std::size_t i) { return BytesView{parity}.subspan(i * length, length); };
        std::size_t compared = 0;
        const auto differs = [&](const json::value& want, BytesView have) {
            ++compared;
            return !base::equal(bytes_of(want), have);
        };
        if (const auto* first = find(test, "parity_first"); first != nullptr && differs(*first, shard(0)))
            return "first shard: actual " + hex(shard(0));
        if (const auto* last = find(test, "parity_last"); last != nullptr && differs(*last, shard(k - 1)))
            return "last shard: actual " + hex(shard(k - 1));
        if (const auto* digest = find(test, "parity_sha256");
            digest != nullptr && differs(*digest, crypto::sha256(parity)))
            return "digest: actual " + hex(crypto::sha256(parity));
        if (const auto* shards = find(test, "parity")) {
            if (array_of(*shards).size() != k) return fmt::format("{} shards", array_of(*shards).size());
            for (std::size_t i = 0; i < k; ++i) {
                if (differs(array_of(*shards)[i], shard(i)))
                    return fmt::format("shard {}: actual {}", i, hex(shard(i)));
            }
        }
        if (compared == 0) throw BadFixture("no parity to compare");
    }
    return {};
}

}  // namespace

void run_da_parity(const Fixture& f, FileReport& report) {
    const ByteRule rule{text_of(member(f.root, "data_rule"))};
    for (const auto& test : array_of(member(f.root, "cases"))) {
        report.add(fmt::format("{} shards of {} bytes", u64_of(member(test, "k")),
                               u64_of(member(test, "shard_len"))),
                   check_parity(test, rule));
    }
}

}  // namespace valence::conformance
