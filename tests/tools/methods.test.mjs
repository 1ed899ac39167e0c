// Every RPC method that wallets, explorers and tool kits were seen to call: it exists, and its answer has the shape they
// read. One row per method, with parameters that must succeed.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { concatHex, getAddress, keccak256, parseGwei, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { compile } from './contracts.mjs';
import { accounts, chainId, isAnvil, startNode, systemTransactions } from './node.mjs';

const { Counter } = compile('Counter.sol');
const alice = privateKeyToAccount(accounts[0].key);
const { address: bob } = accounts[1];
let node;
let counter;
let hash;
let block;

const isQuantity = (v) => assert.match(v, /^0x(0|[1-9a-f][0-9a-f]*)$/);
const isHash = (v) => assert.match(v, /^0x[0-9a-f]{64}$/);
const isData = (v) => assert.match(v, /^0x([0-9a-f]{2})*$/);
const isString = (v) => assert.equal(typeof v, 'string');
const isList = (v) => assert.ok(Array.isArray(v));
const isNull = (v) => assert.equal(v, null);
const is = (expected) => (v) => assert.deepEqual(v, expected);
const has = (...keys) => (v) => {
  for (const key of keys) assert.ok(key in v, `${key} is missing from ${Object.keys(v)}`);
};
/** Equal to what another method answers. */
const same = (method, params) => async (v) => assert.deepEqual(v, await node.rpc(method, ...params()));

const blockKeys = ['number', 'hash', 'parentHash', 'nonce', 'sha3Uncles', 'logsBloom', 'transactionsRoot', 'stateRoot', 'receiptsRoot', 'miner', 'difficulty',
  'extraData', 'size', 'gasLimit', 'gasUsed', 'timestamp', 'transactions', 'uncles', 'baseFeePerGas', 'mixHash', 'withdrawals', 'withdrawalsRoot', 'blobGasUsed', 'excessBlobGas', 'parentBeaconBlockRoot'];
const transactionKeys = ['hash', 'nonce', 'blockHash', 'blockNumber', 'transactionIndex', 'from', 'to', 'value', 'gasPrice', 'gas', 'input', 'v', 'r', 's', 'type', 'chainId',
  'accessList', 'maxFeePerGas', 'maxPriorityFeePerGas', 'yParity'];
const receiptKeys = ['transactionHash', 'transactionIndex', 'blockHash', 'blockNumber', 'from', 'to', 'cumulativeGasUsed', 'gasUsed', 'contractAddress', 'logs', 'logsBloom', 'status', 'effectiveGasPrice', 'type'];
const call = () => ({ from: alice.address, to: counter, data: '0xd09de08a' });
const transfer = () => ({ from: alice.address, to: bob, value: '0x1', gas: '0x5208' });

const rows = [
  ['web3_clientVersion', () => [], isString],
  ['web3_sha3', () => ['0x68656c6c6f'], is(keccak256('0x68656c6c6f'))],
  ['net_version', () => [], is(String(chainId))],
  ['net_listening', () => [], is(true)],
  ['net_peerCount', () => [], (v) => isQuantity(v), 'anvil'],
  ['eth_chainId', () => [], is(toHex(chainId))],
  ['eth_protocolVersion', () => [], null],
  ['eth_syncing', () => [], is(false)],
  ['eth_accounts', () => [], (v) => assert.equal(v[0].toLowerCase(), alice.address.toLowerCase())],
  ['eth_blockNumber', () => [], isQuantity],
  ['eth_gasPrice', () => [], isQuantity],
  ['eth_maxPriorityFeePerGas', () => [], isQuantity],
  ['eth_blobBaseFee', () => [], isQuantity],
  ['eth_feeHistory', () => ['0x2', 'latest', [10, 90]], has('oldestBlock', 'baseFeePerGas', 'gasUsedRatio', 'reward')],
  ['eth_feeHistory', () => [2, 'latest'], has('oldestBlock', 'baseFeePerGas', 'gasUsedRatio')],
  ['eth_config', () => [], has('current')],
  ['eth_getBalance', () => [alice.address, 'latest'], isQuantity],
  ['eth_getTransactionCount', () => [alice.address, 'pending'], isQuantity],
  ['eth_getCode', () => [counter, 'latest'], is(Counter.runtime)],
  ['eth_getStorageAt', () => [counter, '0x0', 'latest'], is(`0x${'0'.repeat(63)}2`)],
  ['eth_getAccountInfo', () => [counter, 'latest'], has('balance', 'nonce', 'code')],
  ['eth_getProof', () => [counter, [`0x${'0'.repeat(64)}`], 'latest'], has('address', 'balance', 'codeHash', 'nonce', 'storageHash', 'accountProof', 'storageProof')],
  ['eth_getBlockByNumber', () => ['latest', false], has(...blockKeys)],
  ['eth_getBlockByNumber', () => ['pending', false], has('parentHash', 'timestamp', 'baseFeePerGas')],
  ['eth_getBlockByNumber', () => ['earliest', true], (v) => assert.equal(v.number, '0x0')],
  ['eth_getBlockByHash', () => [block.hash, true], (v) => assert.equal(v.transactions[systemTransactions].hash, hash)],
  ['eth_getHeaderByNumber', () => ['latest'], has('stateRoot', 'hash'), 'anvil'],
  ['eth_getBlockTransactionCountByNumber', () => ['latest'], is(toHex(systemTransactions + 1))],
  ['eth_getBlockTransactionCountByHash', () => [block.hash], is(toHex(systemTransactions + 1))],
  ['eth_getUncleCountByBlockNumber', () => ['latest'], is('0x0')],
  ['eth_getUncleCountByBlockHash', () => [block.hash], is('0x0')],
  ['eth_getUncleByBlockNumberAndIndex', () => ['latest', '0x0'], isNull],
  ['eth_getUncleByBlockHashAndIndex', () => [block.hash, '0x0'], isNull],
  ['eth_getBlockReceipts', () => ['latest'], (v) => has(...receiptKeys)(v[0])],
  ['eth_getTransactionByHash', () => [hash], has(...transactionKeys)],
  ['eth_getTransactionByBlockHashAndIndex', () => [block.hash, toHex(systemTransactions)], same('eth_getTransactionByHash', () => [hash])],
  ['eth_getTransactionByBlockNumberAndIndex', () => ['latest', toHex(systemTransactions)], same('eth_getTransactionByHash', () => [hash])],
  ['eth_getTransactionReceipt', () => [hash], (v) => {
    has(...receiptKeys)(v);
    has('address', 'topics', 'data', 'blockNumber', 'blockHash', 'transactionHash', 'transactionIndex', 'logIndex', 'removed')(v.logs[0]);
  }],
  ['eth_getRawTransactionByHash', () => [hash], (v) => assert.equal(keccak256(v), hash)],
  ['eth_getTransactionBySenderAndNonce', () => [alice.address, '0x1'], null],
  ['eth_getLogs', () => [{ fromBlock: '0x0', toBlock: 'latest', address: [counter], topics: [null, [null, `0x${alice.address.slice(2).toLowerCase().padStart(64, '0')}`]].slice(0, 1) }], (v) => assert.equal(v.length, 1)],
  ['eth_getLogs', () => [{ blockHash: block.hash }], (v) => assert.equal(v.length, 1)],
  ['eth_call', () => [call(), 'latest'], is(`0x${'0'.repeat(63)}3`)],
  ['eth_call', () => [call()], is(`0x${'0'.repeat(63)}3`)],
  ['eth_call', () => [call(), 'pending', { [counter]: { stateDiff: { [`0x${'0'.repeat(64)}`]: `0x${'0'.repeat(63)}8` } } }], is(`0x${'0'.repeat(63)}9`)],
  ['eth_estimateGas', () => [call()], isQuantity],
  ['eth_estimateGas', () => [transfer(), 'latest', {}], is('0x5208')],
  ['eth_createAccessList', () => [call(), 'latest'], has('accessList', 'gasUsed')],
  ['eth_simulateV1', () => [{ blockStateCalls: [{ calls: [call()] }] }, 'latest'], (v) => assert.equal(v[0].calls[0].status, '0x1')],
  ['eth_fillTransaction', () => [transfer()], has('raw', 'tx')],
  ['eth_sign', () => [alice.address, '0x68656c6c6f'], isData],
  ['personal_sign', () => ['0x68656c6c6f', alice.address], isData, 'anvil'],
  ['eth_signTransaction', () => [{ ...transfer(), nonce: '0x9', maxFeePerGas: toHex(parseGwei('9')), maxPriorityFeePerGas: '0x1' }], null],
  ['eth_newFilter', () => [{ address: counter }], isString],
  ['eth_newBlockFilter', () => [], isString],
  ['eth_newPendingTransactionFilter', () => [], isString],
  ['txpool_status', () => [], has('pending', 'queued')],
  ['txpool_content', () => [], has('pending', 'queued')],
  ['txpool_contentFrom', () => [alice.address], has('pending', 'queued'), 'anvil'],
  ['txpool_inspect', () => [], has('pending', 'queued')],
  ['debug_traceTransaction', () => [hash], has('gas', 'failed', 'returnValue', 'structLogs')],
  ['debug_traceTransaction', () => [hash, { tracer: 'callTracer' }], has('type', 'from', 'to', 'gas', 'gasUsed', 'input')],
  ['debug_traceTransaction', () => [hash, { tracer: 'prestateTracer' }], (v) => has(counter.toLowerCase())(v)],
  ['debug_traceCall', () => [call(), 'latest', { tracer: 'callTracer' }], has('type', 'gasUsed', 'output')],
  ['debug_traceBlockByNumber', () => ['latest', { tracer: 'callTracer' }], (v) => assert.equal(v[systemTransactions].txHash, hash), 'anvil'],
  ['debug_traceBlockByHash', () => [block.hash, { tracer: 'callTracer' }], (v) => assert.equal(v.length, systemTransactions + 1), 'anvil'],
  ['debug_accountRange', () => ['latest', '0x', 256, false, false, false], (v) => {
    has('root', 'accounts')(v);
    has('balance', 'nonce', 'root', 'codeHash', 'code', 'storage', 'address', 'key')(v.accounts[getAddress(counter)]);
  }, 'anvil'],
  ['debug_storageRangeAt', () => [block.hash, 0, counter, '0x00', 10], (v) => {
    has('storage', 'nextKey')(v);
    // Before the transaction that makes it 2.
    assert.deepEqual(v.storage[keccak256(toHex(0n, { size: 32 }))], { key: toHex(0n, { size: 32 }), value: toHex(1n, { size: 32 }) });
  }, 'anvil'],
  ['debug_getRawTransaction', () => [hash], (v) => assert.equal(keccak256(v), hash)],
  ['debug_getRawBlock', () => ['latest'], isData, 'anvil'],
  ['debug_getRawHeader', () => ['latest'], (v) => assert.equal(keccak256(v), block.hash), 'anvil'],
  ['debug_getRawReceipts', () => ['latest'], isList, 'anvil'],
];

before(async () => {
  node = await startNode();
  const fees = { chainId, type: 'eip1559', maxFeePerGas: parseGwei('10'), maxPriorityFeePerGas: 1n };
  const create = await alice.signTransaction({ ...fees, nonce: 0, gas: 1500000n, data: concatHex([Counter.bytecode, toHex(1n, { size: 32 })]) });
  counter = (await node.rpc('eth_sendRawTransactionSync', create)).contractAddress;
  hash = (await node.rpc('eth_sendRawTransactionSync', await alice.signTransaction({ ...fees, nonce: 1, gas: 100000n, to: counter, data: '0xd09de08a' }))).transactionHash;
  block = await node.rpc('eth_getBlockByNumber', 'latest', false);
});
after(() => node?.stop());

for (const [i, [method, params, check, lacking]] of rows.entries()) {
  test(`${i + 1} ${method}`, async (t) => {
    const { result, error } = await node.call(method, ...params());
    // Rows without a check are optional, and may be answered as unknown.
    if (error?.code === -32601 && check === null) return t.skip('not offered');
    if (isAnvil && error && lacking === 'anvil') return t.skip('anvil lacks it');
    if (isAnvil && method === 'eth_fillTransaction' && error) return t.skip('anvil lacks it');
    assert.equal(error, undefined);
    await check?.(result);
    return undefined;
  });
}

test('the development helpers of anvil and Hardhat exist under all their names', async (t) => {
  const who = `0x${'31'.repeat(20)}`;
  const word = `0x${'0'.repeat(63)}1`;
  const helpers = [
    ['setBalance', who, '0x64'], ['setNonce', who, '0x3'], ['setCode', who, '0x6001'], ['setStorageAt', who, '0x0', word], ['mine', '0x1'],
    ['impersonateAccount', who], ['stopImpersonatingAccount', who], ['setCoinbase', who], ['setNextBlockBaseFeePerGas', '0x3b9aca00'], ['dropTransaction', `0x${'11'.repeat(32)}`],
  ];
  const missing = [];
  for (const [name, ...params] of helpers) {
    for (const prefix of ['anvil', 'hardhat']) {
      const { error } = await node.call(`${prefix}_${name}`, ...params);
      if (error?.code === -32601) missing.push(`${prefix}_${name}`);
    }
  }
  const more = [
    ['hardhat_getAutomine'], ['anvil_getAutomine'], ['evm_setAutomine', true], ['anvil_setAutomine', true], ['evm_mine'], ['evm_mine', { timestamp: 4102444800 }], ['evm_increaseTime', 5], ['evm_increaseTime', '0x5'],
    ['evm_setNextBlockTimestamp', 4102444900], ['anvil_setNextBlockTimestamp', '0xf486ff70'], ['evm_setBlockGasLimit', '0x1c9c380'], ['evm_snapshot'], ['anvil_snapshot'], ['anvil_nodeInfo'], ['hardhat_metadata'],
    ['anvil_autoImpersonateAccount', false], ['anvil_setBlockTimestampInterval', 1], ['anvil_removeBlockTimestampInterval'], ['anvil_dropAllTransactions'], ['evm_setIntervalMining', 0], ['anvil_setMinGasPrice', '0x0'],
    ['hardhat_setPrevRandao', word], ['anvil_loadState', await node.rpc('anvil_dumpState')], ['hardhat_reset'],
  ];
  for (const [method, ...params] of more) {
    const { error } = await node.call(method, ...params);
    if (error?.code === -32601) missing.push(method);
  }
  const optional = ['anvil_setMinGasPrice', 'anvil_nodeInfo', 'hardhat_metadata', 'hardhat_setPrevRandao', 'hardhat_reset'];
  const needed = missing.filter((m) => !optional.includes(m));
  if (missing.length) t.diagnostic(`not offered: ${missing}`);
  if (isAnvil) return;
  assert.deepEqual(needed, []);
});
