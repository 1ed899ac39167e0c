// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Test} from "forge-std/Test.sol";
import {WadMath} from "../lib/WadMath.sol";

contract WadMathTest is Test {
    function ln(uint256 x) external pure returns (int256) {
        return WadMath.ln(x);
    }

    /// Values computed with 60 digits elsewhere and rounded.
    function test_KnownLogarithms() public pure {
        assertApproxEqAbs(WadMath.ln(1e18), 0, 0);
        assertApproxEqAbs(WadMath.ln(2e18), 693147180559945309, 1);
        assertApproxEqAbs(WadMath.ln(10e18), 2302585092994045684, 1);
        assertApproxEqAbs(WadMath.ln(0.5e18), -693147180559945309, 1);
        assertApproxEqAbs(WadMath.ln(1.01e18), 9950330853168083, 1);
        assertApproxEqAbs(WadMath.ln(0.99e18), -10050335853501441, 1);
        assertApproxEqAbs(WadMath.ln(2718281828459045235), 999999999999999999, 1);
        assertApproxEqAbs(WadMath.ln(1), -41446531673892822313, 1);
        assertApproxEqAbs(WadMath.ln(type(uint256).max), 135999146549453176898, 1);
    }

    function test_ZeroHasNone() public {
        vm.expectRevert(WadMath.LogarithmOfZero.selector);
        this.ln(0);
    }

    /// ln(a·b) = ln a + ln b, as far as a·b is exact.
    function testFuzz_ProductsBecomeSums(uint64 a, uint64 b) public pure {
        uint256 x = uint256(a) + 1;
        uint256 y = uint256(b) + 1;
        int256 sum = WadMath.ln(x * 1e18) + WadMath.ln(y * 1e18);
        assertApproxEqAbs(WadMath.ln(x * y * 1e18), sum, 2);
    }

    function testFuzz_GrowsWithItsArgument(uint256 a, uint256 b) public pure {
        a = bound(a, 1, type(uint256).max);
        b = bound(b, 1, type(uint256).max);
        if (a > b) (a, b) = (b, a);
        assertLe(WadMath.ln(a), WadMath.ln(b) + 1);
    }
}
