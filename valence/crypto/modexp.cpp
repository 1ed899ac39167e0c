#include "valence/crypto/modexp.hpp"

#include <gmp.h>

namespace valence::crypto {
namespace {

/// A GMP integer that frees itself.
class Integer {
public:
    explicit Integer(BytesView big_endian) {
        mpz_init(value_);
        mpz_import(value_, big_endian.size(), 1, 1, 1, 0, big_endian.data());
    }
    Integer() { mpz_init(value_); }
    ~Integer() { mpz_clear(value_); }
    Integer(const Integer&) = delete;
    Integer& operator=(const Integer&) = delete;

    mpz_ptr get() { return value_; }
    bool is_zero() const { return mpz_sgn(value_) == 0; }

private:
    mpz_t value_;
};

}  // namespace

Bytes modexp(BytesView base, BytesView exponent, BytesView modulus) {
    Bytes out(modulus.size());
    Integer m{modulus};
    if (m.is_zero()) return out;
    Integer b{base};
    Integer e{exponent};
    Integer power;
    mpz_powm(power.get(), b.get(), e.get(), m.get());
    if (power.is_zero()) return out;
    const auto size = (mpz_sizeinbase(power.get(), 2) + 7) / 8;
    mpz_export(out.data() + out.size() - size, nullptr, 1, 1, 1, 0, power.get());
    return out;
}

}  // namespace valence::crypto
