// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IInference, INFERENCE, Mode} from "../lib/IInference.sol";
import {IModelRegistry, ModelEntry, PendingChange, Policy} from "../lib/IModelRegistry.sol";
import {Governed} from "./Governed.sol";

/// Models: who owns them, how they may be used, and names for people.
///
/// Storage, read natively by the inference precompile: slot 0: mapping(bytes32 id => Policy), each Policy one word, lowest
/// bits first: address owner, uint16 modes, uint16 royaltyBps, uint64 opensAt. Slot 1, lowest 64 bits: fetchDelay, which
/// genesis may set (0 otherwise). Slot 4: mapping(bytes32 keccak256(name) => Name), whose third word is the number of
/// versions. The rest is for this contract alone.
///
/// What is in force is in that word: announced changes wait beside it until applyChanges moves them there.
contract ModelRegistry is IModelRegistry, Governed {
    struct Details {
        string name;
        string metadataUri;
        uint64 registeredAt;
        /// Block of the registration, or of the commitment that won it.
        uint64 registeredIn;
        address pendingOwner;
        PendingChange pending;
    }

    struct Name {
        address owner;
        uint64 takenAt;
        address pendingOwner;
        /// Block in which it was taken, or of the commitment that won it.
        uint64 takenIn;
        bytes32[] versions;
    }

    struct Commitment {
        uint64 madeAt;
        uint64 madeIn;
    }

    /// Every mode but AUTO, which is a choice among the others.
    uint16 private constant MODES = 0x7e;
    uint16 private constant REPLAY = uint16(1) << uint8(Mode.REPLAY);
    uint16 private constant MAX_ROYALTY_BPS = 5000;
    uint64 private constant CHANGE_DELAY = 1 days;
    uint64 private constant CLAIM_WINDOW = 1 hours;
    /// Old enough to be no standing claim on names that others may find later.
    uint64 private constant COMMITMENT_LIFE = 1 days;
    uint64 private constant MAX_FETCH_DELAY = 1_000_000;
    uint256 private constant MAX_METADATA = 1024;
    uint256 private constant MAX_NAME = 64;
    /// While a name can be claimed: whoever wins it clears them.
    uint256 private constant MAX_CLAIMABLE_VERSIONS = 32;

    mapping(bytes32 => Policy) private _policies;
    uint64 public fetchDelay;
    mapping(bytes32 => Details) private _details;
    bytes32[] private _ids;
    mapping(bytes32 => Name) private _names;
    mapping(bytes32 => Commitment) private _commitments;

    modifier onlyOwner(bytes32 id) {
        address owner = _ownerOf(id);
        if (owner != msg.sender) revert OnlyOwner(owner, msg.sender);
        _;
    }

    // ---- registration

    function register(
        bytes calldata verifyingKey,
        string calldata name,
        string calldata metadataUri,
        uint16 modes,
        uint16 royaltyBps
    ) external returns (bytes32 id) {
        _checkModes(modes);
        _checkRoyalty(royaltyBps);
        _checkMetadata(metadataUri);
        id = IInference(INFERENCE).registerModel(verifyingKey);
        address owner = _policies[id].owner;
        if (owner != address(0)) revert ModelExists(id, owner);

        _policies[id] = Policy(msg.sender, modes, royaltyBps, 0);
        Details storage details = _details[id];
        (details.name, details.metadataUri) = (name, metadataUri);
        (details.registeredAt, details.registeredIn) = (uint64(block.timestamp), uint64(block.number));
        _ids.push(id);
        emit ModelRegistered(id, msg.sender, modes, royaltyBps, metadataUri);
        if (bytes(name).length != 0) _addVersion(name, id);
    }

    function open(bytes32 id) external {
        _ownerOf(id);
        uint64 opensAt = _policies[id].opensAt;
        if (opensAt != 0) revert AlreadyOpen(opensAt);
        IInference(INFERENCE).checkWeights(id);
        opensAt = uint64(block.number) + fetchDelay;
        _policies[id].opensAt = opensAt;
        emit ModelOpened(id, opensAt);
    }

    // ---- changes by the owner

    function setModes(bytes32 id, uint16 modes) external onlyOwner(id) {
        _checkModes(modes);
        PendingChange storage pending = _details[id].pending;
        if (_policies[id].modes & ~modes == 0) {
            (pending.modes, pending.modesFrom) = (0, 0);
            _changeModes(id, modes);
            return;
        }
        uint64 from = uint64(block.timestamp) + CHANGE_DELAY;
        (pending.modes, pending.modesFrom) = (modes, from);
        emit ModesAnnounced(id, modes, from);
    }

    function setRoyalty(bytes32 id, uint16 royaltyBps) external onlyOwner(id) {
        _checkRoyalty(royaltyBps);
        uint64 from = uint64(block.timestamp) + CHANGE_DELAY;
        PendingChange storage pending = _details[id].pending;
        (pending.royaltyBps, pending.royaltyFrom) = (royaltyBps, from);
        emit RoyaltyAnnounced(id, royaltyBps, from);
    }

    function applyChanges(bytes32 id) external {
        PendingChange storage pending = _details[id].pending;
        (uint64 modesFrom, uint64 royaltyFrom) = (pending.modesFrom, pending.royaltyFrom);
        if (modesFrom == 0 && royaltyFrom == 0) revert NothingToApply();
        bool modesDue = modesFrom != 0 && modesFrom <= block.timestamp;
        bool royaltyDue = royaltyFrom != 0 && royaltyFrom <= block.timestamp;
        if (modesDue) {
            _changeModes(id, pending.modes);
            (pending.modes, pending.modesFrom) = (0, 0);
        }
        if (royaltyDue) {
            _policies[id].royaltyBps = pending.royaltyBps;
            emit RoyaltyChanged(id, pending.royaltyBps);
            (pending.royaltyBps, pending.royaltyFrom) = (0, 0);
        }
        if (!modesDue && !royaltyDue) {
            revert NotYet(royaltyFrom == 0 || (modesFrom != 0 && modesFrom < royaltyFrom) ? modesFrom : royaltyFrom);
        }
    }

    /// Nodes keep the files of models that are open for REPLAY, and may lose those of others: where that is added, the
    /// file must be there again, or everything that waits for an answer of the model would wait for ever.
    function _changeModes(bytes32 id, uint16 modes) private {
        Policy storage current = _policies[id];
        bool isNew = current.modes & REPLAY == 0 && modes & REPLAY != 0;
        if (isNew && current.opensAt != 0) IInference(INFERENCE).checkWeights(id);
        current.modes = modes;
        emit ModesChanged(id, modes);
    }

    function setMetadata(bytes32 id, string calldata metadataUri) external onlyOwner(id) {
        _checkMetadata(metadataUri);
        _details[id].metadataUri = metadataUri;
        emit MetadataChanged(id, metadataUri);
    }

    function transferOwnership(bytes32 id, address to) external onlyOwner(id) {
        _details[id].pendingOwner = to;
        emit OwnershipOffered(id, msg.sender, to);
    }

    function acceptOwnership(bytes32 id) external {
        address from = _ownerOf(id);
        address to = _details[id].pendingOwner;
        if (to != msg.sender) revert NotOffered(to, msg.sender);
        _setOwner(id, from, to);
    }

    // ---- names

    function addVersion(string calldata name, bytes32 id) external onlyOwner(id) returns (uint256 version) {
        return _addVersion(name, id);
    }

    function transferName(string calldata name, address to) external {
        Name storage entry = _named(name);
        if (entry.owner != msg.sender) revert OnlyOwner(entry.owner, msg.sender);
        entry.pendingOwner = to;
        emit NameOffered(name, msg.sender, to);
    }

    function acceptName(string calldata name) external {
        Name storage entry = _named(name);
        if (entry.pendingOwner != msg.sender) revert NotOffered(entry.pendingOwner, msg.sender);
        _setNameOwner(name, entry);
    }

    // ---- claims against copied registrations

    /// A commitment can't be made anew while it lives: nobody could keep one fresh that was made before a rival's.
    function commit(bytes32 commitment) external {
        Commitment storage entry = _commitments[commitment];
        if (entry.madeAt != 0 && block.timestamp <= entry.madeAt + COMMITMENT_LIFE) {
            revert CommitmentExists(commitment);
        }
        (entry.madeAt, entry.madeIn) = (uint64(block.timestamp), uint64(block.number));
        emit Committed(msg.sender, commitment);
    }

    function claimModel(bytes32 id, bytes32 salt) external {
        address from = _ownerOf(id);
        Details storage details = _details[id];
        details.registeredIn = _useCommitment(id, salt, details.registeredAt, details.registeredIn);
        _setOwner(id, from, msg.sender);
    }

    function claimName(string calldata name, bytes32 salt) external {
        Name storage entry = _named(name);
        entry.takenIn = _useCommitment(keccak256(bytes(name)), salt, entry.takenAt, entry.takenIn);
        delete entry.versions;
        _setNameOwner(name, entry);
    }

    function commitmentOf(address sender, bytes32 subject, bytes32 salt) public pure returns (bytes32) {
        return keccak256(abi.encode(sender, subject, salt));
    }

    // ---- governance

    function setFetchDelay(uint64 blocks) external onlyGovernance {
        if (blocks > MAX_FETCH_DELAY) revert FetchDelayTooLong(MAX_FETCH_DELAY);
        fetchDelay = blocks;
        emit FetchDelayChanged(blocks);
    }

    // ---- views

    function policy(bytes32 id) external view returns (Policy memory) {
        return _policies[id];
    }

    function model(bytes32 id) public view returns (ModelEntry memory) {
        Details storage details = _details[id];
        return ModelEntry(id, details.name, details.metadataUri, details.registeredAt, _policies[id], details.pending);
    }

    function modelCount() external view returns (uint256) {
        return _ids.length;
    }

    function list(uint256 from, uint256 count) external view returns (ModelEntry[] memory entries) {
        uint256 left = from < _ids.length ? _ids.length - from : 0;
        if (count > left) count = left;
        entries = new ModelEntry[](count);
        for (uint256 i = 0; i < count; ++i) {
            entries[i] = model(_ids[from + i]);
        }
    }

    function pendingOwner(bytes32 id) external view returns (address) {
        return _details[id].pendingOwner;
    }

    function resolve(string calldata name) external view returns (bytes32) {
        bytes32[] storage ids = _named(name).versions;
        if (ids.length == 0) revert UnknownVersion(name, 0);
        return ids[ids.length - 1];
    }

    function resolve(string calldata name, uint256 version) external view returns (bytes32) {
        bytes32[] storage ids = _named(name).versions;
        if (version == 0 || version > ids.length) revert UnknownVersion(name, version);
        return ids[version - 1];
    }

    function versions(string calldata name) external view returns (bytes32[] memory) {
        return _names[keccak256(bytes(name))].versions;
    }

    function nameOwner(string calldata name) external view returns (address) {
        return _names[keccak256(bytes(name))].owner;
    }

    // ---- inside

    function _ownerOf(bytes32 id) private view returns (address owner) {
        owner = _policies[id].owner;
        if (owner == address(0)) revert UnknownModelId(id);
    }

    function _named(string calldata name) private view returns (Name storage entry) {
        entry = _names[keccak256(bytes(name))];
        if (entry.owner == address(0)) revert UnknownName(name);
    }

    function _addVersion(string calldata name, bytes32 id) private returns (uint256 version) {
        Name storage entry = _names[keccak256(bytes(name))];
        if (entry.owner == address(0)) {
            _checkName(name);
            (entry.owner, entry.takenAt, entry.takenIn) = (msg.sender, uint64(block.timestamp), uint64(block.number));
            emit NameTransferred(name, address(0), msg.sender);
        }
        if (entry.owner != msg.sender) revert OnlyOwner(entry.owner, msg.sender);
        entry.versions.push(id);
        version = entry.versions.length;
        if (version > MAX_CLAIMABLE_VERSIONS && block.timestamp <= entry.takenAt + CLAIM_WINDOW) {
            revert TooManyVersions(MAX_CLAIMABLE_VERSIONS, entry.takenAt + CLAIM_WINDOW);
        }
        emit NameVersionAdded(name, version, id);
    }

    /// A new owner takes over no offer and no announcement of the old one.
    function _setOwner(bytes32 id, address from, address to) private {
        _policies[id].owner = to;
        delete _details[id].pendingOwner;
        delete _details[id].pending;
        emit OwnershipTransferred(id, from, to);
    }

    function _setNameOwner(string calldata name, Name storage entry) private {
        emit NameTransferred(name, entry.owner, msg.sender);
        (entry.owner, entry.pendingOwner) = (msg.sender, address(0));
    }

    /// The sender committed to the subject in a block before it was taken, and claims it in time. Returns the block of
    /// the commitment, which then counts as when it was taken: only a still earlier one beats it.
    function _useCommitment(bytes32 subject, bytes32 salt, uint64 takenAt, uint64 takenIn)
        private
        returns (uint64 committedIn)
    {
        uint64 until = takenAt + CLAIM_WINDOW;
        if (block.timestamp > until) revert ClaimTooLate(until);
        bytes32 commitment = commitmentOf(msg.sender, subject, salt);
        Commitment memory made = _commitments[commitment];
        bool isEarlier = made.madeAt != 0 && made.madeIn < takenIn;
        if (!isEarlier || block.timestamp > made.madeAt + COMMITMENT_LIFE) revert NoEarlierCommitment();
        delete _commitments[commitment];
        return made.madeIn;
    }

    function _checkModes(uint16 modes) private pure {
        if (modes == 0 || modes & ~MODES != 0) revert InvalidModes(modes);
    }

    function _checkRoyalty(uint16 royaltyBps) private pure {
        if (royaltyBps > MAX_ROYALTY_BPS) revert RoyaltyTooHigh(MAX_ROYALTY_BPS);
    }

    function _checkMetadata(string calldata metadataUri) private pure {
        if (bytes(metadataUri).length > MAX_METADATA) revert MetadataTooLong(MAX_METADATA);
    }

    /// One alphabet, so that no two names look alike.
    function _checkName(string calldata name) private pure {
        bytes calldata text = bytes(name);
        if (text.length == 0 || text.length > MAX_NAME) revert InvalidName(name);
        for (uint256 i = 0; i < text.length; ++i) {
            bytes1 c = text[i];
            bool isLetter = c >= "a" && c <= "z";
            bool isDigit = c >= "0" && c <= "9";
            if (!isLetter && !isDigit && c != "-" && c != "." && c != "_" && c != "/") revert InvalidName(name);
        }
    }
}
