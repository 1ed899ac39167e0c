// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// Logarithms of WAD numbers (18 decimals), for preparing a model's input.
library WadMath {
    int256 internal constant ONE = 1e18;
    /// Decimals inside: 36, so that the result is right to the last of 18.
    uint256 private constant FINE = 1e36;
    uint256 private constant LN_2 = 693147180559945309417232121458176568;

    error LogarithmOfZero();

    /// The natural logarithm of a WAD number, off by at most one unit of its last place; about 4,000 gas.
    /// ln x = k·ln 2 + 2·artanh((m − 1) / (m + 1)), x = m·2^k, 1 ≤ m < 2.
    function ln(uint256 x) internal pure returns (int256) {
        if (x == 0) revert LogarithmOfZero();
        int256 k;
        // Bring x into [1, 2), doubling or halving by powers of two, then with 36 decimals.
        uint256 m = x;
        unchecked {
            for (uint256 step = 128; step != 0; step >>= 1) {
                if (m >> step >= 1e18) {
                    m >>= step;
                    k += int256(step);
                }
            }
            if (k > 0) {
                // Take the bits that halving dropped back in.
                m = x <= type(uint256).max / FINE ? (x * 1e18) >> uint256(k) : (x >> uint256(k)) * 1e18;
            } else {
                m = x * 1e18;
                while (m < FINE) {
                    m <<= 1;
                    --k;
                }
            }
            uint256 z = (m - FINE) * FINE / (m + FINE);
            uint256 square = z * z / FINE;
            uint256 sum;
            uint256 power = z;
            for (uint256 n = 1; power != 0; n += 2) {
                sum += power / n;
                power = power * square / FINE;
            }
            int256 fine = int256(2 * sum) + k * int256(LN_2);
            return fine >= 0 ? (fine + 5e17) / 1e18 : (fine - 5e17) / 1e18;
        }
    }

    /// ln(a / b) for numbers of one kind, such as prices.
    function logReturn(uint256 a, uint256 b) internal pure returns (int256) {
        return ln(a) - ln(b);
    }

    function clamp(int256 value, int256 least, int256 most) internal pure returns (int256) {
        return value < least ? least : value > most ? most : value;
    }
}
