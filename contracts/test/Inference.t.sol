// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LoanToValue} from "../examples/LoanToValue.sol";
import {Call, IInference, Mode, Tensor} from "../lib/IInference.sol";
import {Inference} from "../lib/Inference.sol";
import {SystemTest} from "./SystemTest.sol";

/// The library as a contract's user calls it, and the lending example.
contract InferenceTest is SystemTest {
    bytes32 private model;

    function setUp() public override {
        super.setUp();
        vm.prank(alice);
        model = registry.register("key", "sum", "", 0x42, 0);
        registry.open(model);
    }

    function _three() private pure returns (int256[] memory values) {
        values = new int256[](3);
        (values[0], values[1], values[2]) = (1e18, 2e18, -0.5e18);
    }

    function inferValue(int256[] memory input) external view returns (int256) {
        return Inference.inferValue(model, Mode.REPLAY, input);
    }

    function output(Tensor[] memory outputs, string memory name) external pure returns (int256[] memory) {
        return Inference.output(outputs, name);
    }

    function test_OneInference() public view {
        assertEq(Inference.infer(model, Mode.REPLAY, _three())[0], 2.5e18);
        assertEq(Inference.inferValue(model, Mode.REPLAY, _three()), 2.5e18);
        assertEq(Inference.inferValue(model, Mode.REPLAY, int256(7)), 7);
        assertEq(Inference.inferSigned(model, alice, _three())[0], 2.5e18);
        assertEq(Inference.inferAuto(model, Inference.TRUSTLESS, 1 ether, _three())[0], 2.5e18);
    }

    function test_TensorsByName() public {
        Tensor[] memory inputs = new Tensor[](1);
        inputs[0] = Inference.row("values", _three());
        assertEq(inputs[0].shape.length, 2);
        assertEq(inputs[0].shape[1], 3);
        Tensor[] memory outputs = Inference.infer(model, Mode.REPLAY, inputs);
        assertEq(Inference.output(outputs, "sum")[0], 2.5e18);
        assertEq(Inference.inferAuto(model, Inference.ANY_VERIFIED, 0, inputs)[0].data[0], 2.5e18);
        vm.expectRevert(abi.encodeWithSelector(Inference.NoSuchOutput.selector, "other"));
        this.output(outputs, "other");
    }

    function test_Many() public view {
        int256[][] memory inputs = new int256[][](2);
        inputs[0] = Inference.list(5);
        inputs[1] = _three();
        int256[][] memory outputs = Inference.inferMany(model, Mode.REPLAY, inputs);
        assertEq(outputs[0][0], 5);
        assertEq(outputs[1][0], 2.5e18);
        Call[] memory calls = new Call[](1);
        calls[0] = Call(model, Mode.ZK, _three());
        assertEq(Inference.inferMany(calls)[0][0], 2.5e18);
    }

    function test_AnAnswerOfSeveralNumbersIsNoValue() public {
        inference.answerZeros(model, 2);
        vm.expectRevert(abi.encodeWithSelector(Inference.NotOneValue.selector, 2));
        this.inferValue(_three());
    }

    function test_ErrorsReachTheCaller() public {
        bytes memory failure = abi.encodeWithSelector(IInference.WrongInputLength.selector, 32, 3);
        inference.fail(model, failure);
        vm.expectRevert(failure);
        this.inferValue(_three());
    }

    function test_NamesBecomeIds() public view {
        assertEq(Inference.named("sum"), model);
        assertEq(Inference.named("sum", 1), model);
        assertEq(Inference.info(model).parameters, 1);
        (uint64 gas,) = Inference.quote(model, Mode.REPLAY);
        assertEq(gas, 0);
        (bytes32 job,,) = Inference.lastJob();
        assertTrue(job != 0);
    }

    function test_LoansAreMadeUpToARisk() public {
        LoanToValue desk = new LoanToValue{value: 10 ether}(model, Mode.REPLAY, 0.05e18);
        inference.answer(model, Inference.list(0.04e18));
        desk.setMarket(LoanToValue.Market(0.02e18, 0.02e18, 0.1e18, 0, 0.05e18));
        desk.lend(payable(bob), 1 ether, 2 ether, 20);
        assertEq(bob.balance, 1001 ether);
        inference.answer(model, Inference.list(0.06e18));
        vm.expectRevert(abi.encodeWithSelector(LoanToValue.TooRisky.selector, 0.06e18, 0.05e18));
        desk.lend(payable(eve), 1 ether, 2 ether, 20);
        vm.prank(bob);
        desk.repay{value: 1 ether}();
        assertEq(desk.loanOf(bob), 0);
        vm.prank(eve);
        vm.expectRevert(abi.encodeWithSelector(LoanToValue.OnlyOwner.selector, address(this)));
        desk.lend(payable(eve), 1, 1, 1);
    }

    /// In the order in which models/loan-to-value reads them.
    function test_TheLoansFiguresGoInTheModelsOrder() public {
        LoanToValue desk = new LoanToValue(model, Mode.REPLAY, 0);
        desk.setMarket(LoanToValue.Market(1, 2, 3, 4, 5));
        int256[] memory expected = new int256[](7);
        (expected[0], expected[1]) = (0.5e18, 20e18);
        for (int256 i = 1; i <= 5; ++i) {
            expected[uint256(i) + 1] = i;
        }
        vm.expectCall(
            address(inference),
            abi.encodeWithSelector(bytes4(keccak256("infer(bytes32,uint8,int256[])")), model, Mode.REPLAY, expected)
        );
        assertEq(desk.risk(1 ether, 2 ether, 20), 20.5e18 + 15);
    }
}
