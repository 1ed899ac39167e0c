#include "tests/precompiles/precompile_vectors.hpp"

#include <fstream>
#include <sstream>

#include <boost/json.hpp>

#include "valence/evm/precompiles/precompiles.hpp"

namespace valence::tests {
namespace {

using evm::Gas;
using evm::Revision;

/// Which precompile a file is about, and under which rules its gas was recorded.
struct Subject {
    std::string_view file;
    std::uint64_t address;
    Revision revision;
};

constexpr Subject kSubjects[] = {
    {"ecRecover", 0x01, Revision::homestead},   {"modexp", 0x05, Revision::byzantium},
    {"modexp_eip2565", 0x05, Revision::berlin}, {"modexp_eip7883", 0x05, Revision::osaka},
    {"bn256Add", 0x06, Revision::istanbul},     {"bn256ScalarMul", 0x07, Revision::istanbul},
    {"bn256Pairing", 0x08, Revision::istanbul}, {"blake2F", 0x09, Revision::istanbul},
    {"fail-blake2f", 0x09, Revision::istanbul}, {"pointEvaluation", 0x0a, Revision::cancun},
    {"blsG1Add", 0x0b, Revision::prague},       {"fail-blsG1Add", 0x0b, Revision::prague},
    {"blsG1Mul", 0x0c, Revision::prague},       {"fail-blsG1Mul", 0x0c, Revision::prague},
    {"blsG1MultiExp", 0x0c, Revision::prague},  {"fail-blsG1MultiExp", 0x0c, Revision::prague},
    {"blsG2Add", 0x0d, Revision::prague},       {"fail-blsG2Add", 0x0d, Revision::prague},
    {"blsG2Mul", 0x0e, Revision::prague},       {"fail-blsG2Mul", 0x0e, Revision::prague},
    {"blsG2MultiExp", 0x0e, Revision::prague},  {"fail-blsG2MultiExp", 0x0e, Revision::prague},
    {"blsPairing", 0x0f, Revision::prague},     {"fail-blsPairing", 0x0f, Revision::prague},
    {"blsMapG1", 0x10, Revision::prague},       {"fail-blsMapG1", 0x10, Revision::prague},
    {"blsMapG2", 0x11, Revision::prague},       {"fail-blsMapG2", 0x11, Revision::prague},
    {"p256Verify", 0x100, Revision::osaka},
};

/// More than any vector costs.
constexpr Gas kPlenty = 1'000'000'000'000;

const Subject* subject_of(const std::filesystem::path& file) {
    if (file.extension() != ".json") return nullptr;
    const auto stem = file.stem().string();
    const auto* found = std::ranges::find(kSubjects, stem, &Subject::file);
    return found == std::end(kSubjects) ? nullptr : found;
}

std::optional<Bytes> bytes_field(const boost::json::object& vector, std::string_view key) {
    const auto* field = vector.if_contains(key);
    if (field == nullptr || !field->is_string()) return std::nullopt;
    return base::from_hex(std::string_view{field->get_string()});
}

/// What differs from the vector; empty when nothing does.
std::string difference(const boost::json::object& vector, const Subject& subject) {
    const auto input = bytes_field(vector, "Input");
    if (!input) return "no input";
    const auto* precompile =
        evm::find_precompile(base::address_from_number(subject.address), subject.revision);
    if (precompile == nullptr) return "no such precompile";

    const auto run = [&](Gas gas) { return precompile->run(*input, gas, subject.revision); };
    if (vector.contains("ExpectedError")) {
        return run(kPlenty).status == evm::Status::success ? "succeeds, should fail" : "";
    }
    const auto expected = bytes_field(vector, "Expected");
    const auto* gas = vector.if_contains("Gas");
    if (!expected || gas == nullptr || !gas->is_int64()) return "neither error nor output and gas";
    const auto result = run(gas->get_int64());
    if (result.status == evm::Status::out_of_gas)
        return "costs more than " + std::to_string(gas->get_int64());
    if (result.status != evm::Status::success) return "fails, should succeed";
    if (result.gas_left != 0) return "costs " + std::to_string(result.gas_left) + " less";
    if (result.output != *expected) return "answers " + base::to_hex(result.output);
    return "";
}

}  // namespace

bool is_precompile_vector_file(const std::filesystem::path& file) { return subject_of(file) != nullptr; }

SuiteResult run_precompile_vectors(const std::filesystem::path& file) {
    SuiteResult result;
    const auto name = file.filename().string();
    const auto* subject = subject_of(file);
    if (subject == nullptr) {
        result.failures.push_back(name + ": not a known vector file");
        return result;
    }
    std::ostringstream text;
    text << std::ifstream{file}.rdbuf();
    boost::system::error_code error;
    const auto vectors = boost::json::parse(text.str(), error);
    if (error || !vectors.is_array()) {
        result.failures.push_back(name + ": not a JSON array");
        return result;
    }
    for (const auto& vector : vectors.get_array()) {
        const auto* object = vector.if_object();
        const auto problem = object == nullptr ? "not an object" : difference(*object, *subject);
        if (problem.empty()) {
            ++result.passed;
            continue;
        }
        const auto* title = object == nullptr ? nullptr : object->if_contains("Name");
        const auto label =
            title != nullptr && title->is_string() ? std::string{title->get_string()} : "(unnamed)";
        result.failures.push_back(name + ": " + label + ": " + problem);
    }
    return result;
}

}  // namespace valence::tests
