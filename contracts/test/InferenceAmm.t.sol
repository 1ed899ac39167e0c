// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ExampleToken} from "../examples/ExampleToken.sol";
import {InferenceAmm, IToken} from "../examples/InferenceAmm.sol";
import {IInference, Mode} from "../lib/IInference.sol";
import {SystemTest} from "./SystemTest.sol";

/// Calls back into the market while being moved.
contract HookedToken {
    mapping(address => uint256) public balanceOf;
    InferenceAmm public market;
    bool public reentered;

    function aim(InferenceAmm market_) external {
        market = market_;
    }

    function mint(address to, uint256 value) external {
        balanceOf[to] += value;
    }

    function transferFrom(address from, address to, uint256 value) external returns (bool) {
        if (address(market) != address(0)) {
            try market.swap(true, 1, 0) {
                reentered = true;
            } catch {}
            try market.burn(1, 0, 0) {
                reentered = true;
            } catch {}
        }
        balanceOf[from] -= value;
        balanceOf[to] += value;
        return true;
    }

    function transfer(address to, uint256 value) external returns (bool) {
        balanceOf[msg.sender] -= value;
        balanceOf[to] += value;
        return true;
    }
}

contract InferenceAmmTest is SystemTest {
    bytes32 private model;
    ExampleToken private token0;
    ExampleToken private token1;
    InferenceAmm private market;

    function setUp() public override {
        super.setUp();
        model = newModel("volatility");
        token0 = new ExampleToken("Zero", "T0");
        token1 = new ExampleToken("One", "T1");
        market = _market(IToken(address(token0)));
        _answer(0.01e18);
        for (uint256 i = 0; i < 3; ++i) {
            _fund([alice, bob, eve][i], 1e30);
        }
        vm.prank(alice);
        market.mint(1000e18, 4000e18, 0);
    }

    function _market(IToken first) private returns (InferenceAmm) {
        int64[32] memory history;
        for (uint256 i = 0; i < 32; ++i) {
            history[i] = int64(int256(i) * 1e15);
        }
        return
            new InferenceAmm(first, IToken(address(token1)), model, Mode.REPLAY, 500, 10_000, 0.3e18, 1 hours, history);
    }

    function _fund(address account, uint256 amount) private {
        token0.mint(account, amount);
        token1.mint(account, amount);
        vm.startPrank(account);
        token0.approve(address(market), type(uint256).max);
        token1.approve(address(market), type(uint256).max);
        vm.stopPrank();
    }

    function _answer(int256 volatility) private {
        int256[] memory output = new int256[](1);
        output[0] = volatility;
        inference.answer(model, output);
    }

    // ---- the fee

    function test_TheFeeIsTheModelsForecast() public {
        (uint256 fee, int256 volatility) = market.currentFee();
        assertEq(fee, 3000);
        assertEq(volatility, 0.01e18);
        _answer(0.02e18);
        (uint256 out, uint256 quoted) = market.quote(true, 1e18);
        assertEq(quoted, 6000);
        vm.prank(bob);
        assertEq(market.swap(true, 1e18, out), out);
        assertEq(out, uint256(1e18 * 994_000) * 4000e18 / (1000e18 * 1e6 + 1e18 * 994_000));
    }

    /// Whatever the model says.
    function testFuzz_TheFeeStaysWithinItsBounds(int256 answer) public {
        _answer(answer);
        (uint256 fee,) = market.currentFee();
        assertGe(fee, 500);
        assertLe(fee, 10_000);
    }

    function test_AFailingModelStopsTheSwap() public {
        inference.fail(model, abi.encodeWithSelector(IInference.ModeNotAllowed.selector, model, 1));
        vm.prank(bob);
        vm.expectRevert(abi.encodeWithSelector(IInference.ModeNotAllowed.selector, model, 1));
        market.swap(true, 1e18, 0);
        // Providers can leave all the same.
        vm.prank(alice);
        market.burn(1e18, 0, 0);
    }

    function test_TheModeCanBeChosenForACall() public {
        vm.expectCall(
            address(inference),
            abi.encodeWithSelector(bytes4(keccak256("infer(bytes32,uint8,int256[])")), model, Mode.ZK, market.window())
        );
        vm.prank(bob);
        market.swap(true, 1e18, 0, Mode.ZK);
    }

    // ---- the window

    function test_TheWindowHoldsAveragesOldestFirst() public {
        assertEq(market.window()[1], 1e15);
        vm.warp(block.timestamp + 1 hours);
        _swap(bob, true, 10e18);
        vm.warp(block.timestamp + 1 hours);
        _swap(bob, true, 1);
        int256[] memory window = market.window();
        assertEq(window.length, 32);
        assertEq(window[0], 1e15);
        assertEq(window[30], 31e15);
        // After 10 of token0 for about 39.5 of token1 the price is 3960.5 / 1010.
        assertApproxEqAbs(window[31], -0.0199e18, 0.0002e18);
    }

    /// A swap and its undoing within one block leave no trace: averages are over time.
    function test_MovingTheSpotPriceForAMomentChangesNoReturn() public {
        vm.warp(block.timestamp + 1 hours);
        _swap(bob, true, 1);
        vm.warp(block.timestamp + 1 hours - 1);
        uint256 got = _swap(eve, true, 500e18);
        _swap(eve, false, got);
        vm.warp(block.timestamp + 1);
        _swap(bob, true, 1);
        assertLt(market.window()[31], 0.001e18);
        assertGt(market.window()[31], -0.001e18);
    }

    function test_ReturnsStayInTheModelsRange() public {
        vm.warp(block.timestamp + 1 hours);
        _swap(bob, false, 1_000_000e18);
        vm.warp(block.timestamp + 1 hours);
        _swap(bob, false, 1);
        assertEq(market.window()[31], 0.25e18);
    }

    // ---- the market

    function _swap(address trader, bool zeroForOne, uint256 amountIn) private returns (uint256) {
        vm.prank(trader);
        return market.swap(zeroForOne, amountIn, 0);
    }

    function testFuzz_TheProductNeverFalls(uint256 amount, bool zeroForOne, int64 volatility) public {
        amount = bound(amount, 1, 1e30);
        _answer(volatility);
        uint256 before = uint256(market.reserve0()) * market.reserve1();
        _swap(eve, zeroForOne, amount);
        assertGe(uint256(market.reserve0()) * market.reserve1(), before);
        assertEq(token0.balanceOf(address(market)), market.reserve0());
        assertEq(token1.balanceOf(address(market)), market.reserve1());
    }

    function testFuzz_NoProfitFromThereAndBack(uint256 amount) public {
        amount = bound(amount, 1, 1e28);
        uint256 out = _swap(eve, true, amount);
        if (out == 0) return;
        assertLe(_swap(eve, false, out), amount);
    }

    function testFuzz_ProvidersTakeOutNoMoreThanTheyBrought(uint256 amount0, uint256 amount1) public {
        amount0 = bound(amount0, 1, 1e28);
        amount1 = bound(amount1, 1, 1e28);
        uint256 before0 = token0.balanceOf(bob);
        uint256 before1 = token1.balanceOf(bob);
        vm.startPrank(bob);
        try market.mint(amount0, amount1, 0) returns (uint256 shares) {
            market.burn(shares, 0, 0);
        } catch (bytes memory reason) {
            assertEq(bytes4(reason), InferenceAmm.NothingToMint.selector);
        }
        assertLe(token0.balanceOf(bob), before0);
        assertLe(token1.balanceOf(bob), before1);
    }

    function test_SlippageIsLimited() public {
        (uint256 out,) = market.quote(true, 1e18);
        vm.startPrank(bob);
        vm.expectRevert(abi.encodeWithSelector(InferenceAmm.SlippageExceeded.selector, out, out + 1));
        market.swap(true, 1e18, out + 1);
        vm.expectRevert(abi.encodeWithSelector(InferenceAmm.SlippageExceeded.selector, 2e18, 3e18));
        market.mint(1e18, 4e18, 3e18);
    }

    /// Tokens given for nothing go to nobody's price: the first provider can't be inflated out of its share.
    function test_DonationsDoNotMoveThePrice() public {
        vm.prank(eve);
        token0.transfer(address(market), 1e24);
        assertEq(market.reserve0(), 1000e18);
        vm.prank(bob);
        assertApproxEqRel(market.mint(10e18, 40e18, 0), 20e18, 1e6);
    }

    function test_ReenteringIsRefused() public {
        HookedToken hooked = new HookedToken();
        InferenceAmm hookedMarket = _market(IToken(address(hooked)));
        hooked.mint(alice, 1e24);
        vm.startPrank(alice);
        token1.approve(address(hookedMarket), type(uint256).max);
        hookedMarket.mint(1000e18, 1000e18, 0);
        hooked.aim(hookedMarket);
        hookedMarket.swap(true, 1e18, 0);
        assertFalse(hooked.reentered());
    }

    function test_ParametersAreChecked() public {
        int64[32] memory none;
        IToken a = IToken(address(token0));
        IToken b = IToken(address(token1));
        vm.expectRevert(InferenceAmm.BadParameters.selector);
        new InferenceAmm(a, b, model, Mode.REPLAY, 2, 1, 0, 1, none);
        vm.expectRevert(InferenceAmm.BadParameters.selector);
        new InferenceAmm(a, b, model, Mode.REPLAY, 1, 1e6, 0, 1, none);
        vm.expectRevert(InferenceAmm.BadParameters.selector);
        new InferenceAmm(a, a, model, Mode.REPLAY, 1, 2, 0, 1, none);
        InferenceAmm empty = new InferenceAmm(a, b, model, Mode.REPLAY, 1, 2, 0, 1, none);
        vm.expectRevert(InferenceAmm.NoLiquidity.selector);
        empty.quote(true, 1);
    }
}
