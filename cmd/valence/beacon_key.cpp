#include "cmd/valence/beacon_key.hpp"

#include <cerrno>

#include "cmd/valence/dev_options.hpp"
#include <fcntl.h>
#include <openssl/crypto.h>
#include <sys/random.h>
#include <unistd.h>

#include "valence/base/hex.hpp"

namespace valence::cmd {
namespace {

/// Wiped when it goes.
struct SecretText {
    std::string text;
    SecretText() = default;
    SecretText(const SecretText&) = delete;
    SecretText& operator=(const SecretText&) = delete;
    ~SecretText() { OPENSSL_cleanse(text.data(), text.size()); }
};

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const auto written = ::write(file, text.data(), text.size());
        if (written <= 0) return false;
        text.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::fsync(file) == 0;
}

}  // namespace

Result<crypto::bls::SecretKey> read_beacon_key(const std::string& path) {
    SecretText content;
    BOOST_OUTCOME_TRY(content.text, read_file(path));
    std::string_view digits = content.text;
    while (!digits.empty() && (digits.back() == '\n' || digits.back() == '\r' || digits.back() == ' '))
        digits.remove_suffix(1);
    auto bytes = base::from_hex(digits);
    auto key = bytes ? crypto::bls::SecretKey::from_bytes(*bytes) : std::nullopt;
    if (bytes) OPENSSL_cleanse(bytes->data(), bytes->size());
    if (!key) return Error{OptionError::file, path + " holds no key of 32 bytes in hexadecimal"};
    return *std::move(key);
}

Result<crypto::bls::SecretKey> make_beacon_key(const std::string& path) {
    std::array<std::uint8_t, 32> random;
    if (::getrandom(random.data(), random.size(), 0) != static_cast<ssize_t>(random.size()))
        return Error{OptionError::file, "the system gives no random numbers"};
    const auto key = crypto::bls::SecretKey::generate(random);
    OPENSSL_cleanse(random.data(), random.size());
    VALENCE_CHECK(key.has_value());

    SecretText content;
    content.text = base::to_hex_prefixed(key->reveal()) + "\n";
    const auto file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, S_IRUSR | S_IWUSR);
    if (file < 0)
        return Error{OptionError::file, path + " cannot be made: " + std::generic_category().message(errno)};
    const bool written = write_all(file, content.text);
    if (::close(file) != 0 || !written) {
        ::unlink(path.c_str());
        return Error{OptionError::file, path + " cannot be written"};
    }
    return *key;
}

}  // namespace valence::cmd
