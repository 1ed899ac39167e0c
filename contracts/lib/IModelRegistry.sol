// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.24;

/// What the protocol itself reads of a model, in one word.
struct Policy {
    address owner;
    /// Set of modes its owner allows.
    uint16 modes;
    /// The owner's share of the compute part of each inference's gas, in hundredths of a per cent.
    uint16 royaltyBps;
    /// First block at which it may be used; 0: not opened.
    uint64 opensAt;
}

/// A change that has been announced; 0: none.
struct PendingChange {
    uint16 modes;
    uint16 royaltyBps;
    /// Timestamps from which anyone may call applyChanges.
    uint64 modesFrom;
    uint64 royaltyFrom;
}

struct ModelEntry {
    bytes32 id;
    /// The name it was registered under, if any.
    string name;
    string metadataUri;
    uint64 registeredAt;
    Policy policy;
    PendingChange pending;
}

/// Models: who owns them, how they may be used, and names for people; at MODEL_REGISTRY.
interface IModelRegistry {
    event ModelRegistered(bytes32 indexed id, address indexed owner, uint16 modes, uint16 royaltyBps, string metadataUri);
    event ModelOpened(bytes32 indexed id, uint64 opensAt);
    event ModesChanged(bytes32 indexed id, uint16 modes);
    event RoyaltyChanged(bytes32 indexed id, uint16 royaltyBps);
    event ModesAnnounced(bytes32 indexed id, uint16 modes, uint64 from);
    event RoyaltyAnnounced(bytes32 indexed id, uint16 royaltyBps, uint64 from);
    event MetadataChanged(bytes32 indexed id, string metadataUri);
    event OwnershipOffered(bytes32 indexed id, address indexed from, address indexed to);
    event OwnershipTransferred(bytes32 indexed id, address indexed from, address indexed to);
    event NameVersionAdded(string name, uint256 version, bytes32 indexed id);
    event NameOffered(string name, address indexed from, address indexed to);
    event NameTransferred(string name, address indexed from, address indexed to);
    event Committed(address indexed sender, bytes32 commitment);
    event FetchDelayChanged(uint64 blocks);

    error UnknownModelId(bytes32 id);
    error ModelExists(bytes32 id, address owner);
    error OnlyOwner(address owner, address sender);
    error NotOffered(address to, address sender);
    error InvalidModes(uint16 modes);
    error RoyaltyTooHigh(uint16 limitBps);
    error InvalidName(string name);
    error UnknownName(string name);
    error UnknownVersion(string name, uint256 version);
    /// Until then a name has no more.
    error TooManyVersions(uint256 limit, uint64 until);
    error MetadataTooLong(uint256 limit);
    error AlreadyOpen(uint64 opensAt);
    error NothingToApply();
    error NotYet(uint64 from);
    error CommitmentExists(bytes32 commitment);
    error NoEarlierCommitment();
    error ClaimTooLate(uint64 until);
    error FetchDelayTooLong(uint64 limit);

    /// Registers a model; the first to do so owns it. A name is optional ("" for none): 1 to 64 of a-z 0-9 - . _ /, and
    /// then gets the model as its next version; a new name belongs to the sender.
    function register(
        bytes calldata verifyingKey,
        string calldata name,
        string calldata metadataUri,
        uint16 modes,
        uint16 royaltyBps
    ) external returns (bytes32 id);

    /// Lets the model be used `fetchDelay` blocks from now, once this chain's nodes hold its weights. Anyone may call.
    function open(bytes32 id) external;

    /// Adding modes takes effect at once. Taking any away waits a day, so that callers see it coming. REPLAY is added to
    /// an open model only while this chain's nodes hold its weights.
    function setModes(bytes32 id, uint16 modes) external;
    /// Takes effect by applyChanges a day later.
    function setRoyalty(bytes32 id, uint16 royaltyBps) external;
    /// Puts announced changes into force whose time has come. Anyone may call.
    function applyChanges(bytes32 id) external;
    function setMetadata(bytes32 id, string calldata metadataUri) external;

    function transferOwnership(bytes32 id, address to) external;
    function acceptOwnership(bytes32 id) external;

    /// Adds a model of the sender's to a name of the sender's.
    function addVersion(string calldata name, bytes32 id) external returns (uint256 version);
    function transferName(string calldata name, address to) external;
    function acceptName(string calldata name) external;

    /// Protects a registration against being copied from the pool: commit first, register in a later block; if somebody
    /// copied it and came first, claim within the hour. `commitment` is commitmentOf(sender, subject, salt), the subject
    /// a model's id or the keccak256 of a name.
    function commit(bytes32 commitment) external;
    function claimModel(bytes32 id, bytes32 salt) external;
    /// The name becomes the sender's, without the versions that were given to it meanwhile.
    function claimName(string calldata name, bytes32 salt) external;
    function commitmentOf(address sender, bytes32 subject, bytes32 salt) external pure returns (bytes32);

    function policy(bytes32 id) external view returns (Policy memory);
    function model(bytes32 id) external view returns (ModelEntry memory);
    function modelCount() external view returns (uint256);
    /// Up to `count` models in order of registration, from index `from`.
    function list(uint256 from, uint256 count) external view returns (ModelEntry[] memory);
    function pendingOwner(bytes32 id) external view returns (address);

    /// The newest version.
    function resolve(string calldata name) external view returns (bytes32 id);
    /// Versions count from 1.
    function resolve(string calldata name, uint256 version) external view returns (bytes32 id);
    function versions(string calldata name) external view returns (bytes32[] memory ids);
    /// Zero: the name is free.
    function nameOwner(string calldata name) external view returns (address);

    /// Blocks between opening and first use.
    function fetchDelay() external view returns (uint64);
    /// Only for governance.
    function setFetchDelay(uint64 blocks) external;
}
