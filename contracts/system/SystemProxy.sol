// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// The code at each system contract's address: forwards every call to an implementation that only governance changes.
///
/// Slots are ERC-1967's and are set in genesis, since no constructor runs there. The functions below exist for the
/// admin alone: for everybody else their selectors go to the implementation like any other. So no function of an
/// implementation can hide an upgrade, and no upgrade function can be mistaken for one of the implementation. The
/// admin may use the implementation too, all but these four selectors (a test checks that none is taken).
contract SystemProxy {
    /// keccak256("eip1967.proxy.implementation") - 1
    bytes32 private constant IMPLEMENTATION_SLOT = 0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc;
    /// keccak256("eip1967.proxy.admin") - 1
    bytes32 private constant ADMIN_SLOT = 0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103;

    event Upgraded(address indexed implementation);
    event AdminChanged(address previousAdmin, address newAdmin);

    error NotAContract(address implementation);
    error ZeroAdmin();
    error NotPayable();

    fallback() external payable {
        if (msg.sender == _load(ADMIN_SLOT) && _administer()) return;
        _forward();
    }

    receive() external payable {
        _forward();
    }

    /// Serves the admin's own functions; false where the call is none of them.
    function _administer() private returns (bool) {
        if (msg.data.length < 4) return false;
        if (msg.sig == ISystemProxy.upgradeToAndCall.selector) {
            (address implementation, bytes memory data) = abi.decode(msg.data[4:], (address, bytes));
            _upgrade(implementation, data);
        } else if (msg.sig == ISystemProxy.changeAdmin.selector) {
            _changeAdmin(abi.decode(msg.data[4:], (address)));
        } else if (msg.sig == ISystemProxy.admin.selector) {
            _answer(_load(ADMIN_SLOT));
        } else if (msg.sig == ISystemProxy.implementation.selector) {
            _answer(_load(IMPLEMENTATION_SLOT));
        } else {
            return false;
        }
        return true;
    }

    /// Value goes along only with data that can take it.
    function _upgrade(address implementation, bytes memory data) private {
        if (implementation.code.length == 0) revert NotAContract(implementation);
        _store(IMPLEMENTATION_SLOT, implementation);
        emit Upgraded(implementation);
        if (data.length == 0) {
            if (msg.value != 0) revert NotPayable();
            return;
        }
        (bool done, bytes memory reason) = implementation.delegatecall(data);
        if (done) return;
        assembly {
            revert(add(reason, 32), mload(reason))
        }
    }

    function _changeAdmin(address next) private {
        if (msg.value != 0) revert NotPayable();
        if (next == address(0)) revert ZeroAdmin();
        emit AdminChanged(_load(ADMIN_SLOT), next);
        _store(ADMIN_SLOT, next);
    }

    function _answer(address value) private {
        if (msg.value != 0) revert NotPayable();
        assembly {
            mstore(0, value)
            return(0, 32)
        }
    }

    function _forward() private {
        address implementation = _load(IMPLEMENTATION_SLOT);
        assembly {
            calldatacopy(0, 0, calldatasize())
            let done := delegatecall(gas(), implementation, 0, calldatasize(), 0, 0)
            returndatacopy(0, 0, returndatasize())
            if done { return(0, returndatasize()) }
            revert(0, returndatasize())
        }
    }

    function _load(bytes32 slot) private view returns (address value) {
        assembly {
            value := sload(slot)
        }
    }

    function _store(bytes32 slot, address value) private {
        assembly {
            sstore(slot, value)
        }
    }
}

/// What the admin of a SystemProxy sees.
interface ISystemProxy {
    /// Changes the implementation, then calls it with `data` in the proxy's storage, unless `data` is empty.
    function upgradeToAndCall(address implementation, bytes calldata data) external payable;
    function changeAdmin(address next) external;
    function admin() external view returns (address);
    function implementation() external view returns (address);
}
