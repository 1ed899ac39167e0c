// viem against a running node: contracts, events, every transaction type, subscriptions and the test client.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import {
  BaseError, ContractFunctionRevertedError, createPublicClient, createTestClient, createWalletClient, decodeErrorResult,
  defineChain, encodeFunctionData, getContract, getContractAddress, http, keccak256, parseEther, parseGwei, webSocket,
} from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { compile } from './contracts.mjs';
import { accounts, chainId, isAnvil, startNode, systemTransactions } from './node.mjs';
import { assertProof } from './proof.mjs';

const { Counter, Delegate, Token } = { ...compile('Counter.sol'), ...compile('Delegate.sol'), ...compile('Token.sol') };
const [alice, bob, carol, dave] = accounts.map((a) => privateKeyToAccount(a.key));
let node;
let chain;
let client;
let wallet;
let tester;
let counter;

/** Collects what `subscribe` (a viem watcher) reports until `count` items came, then unsubscribes. */
function collect(count, subscribe, ms = 10000) {
  const seen = [];
  let stop;
  const done = new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`only ${seen.length} of ${count} came`)), ms);
    stop = subscribe(
      (...items) => {
        seen.push(...items);
        if (seen.length < count) return;
        clearTimeout(late);
        resolve(seen);
      },
      (error) => {
        clearTimeout(late);
        reject(error);
      },
    );
  });
  return done.finally(() => stop());
}

const mined = async (hash) => {
  const receipt = await client.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, 'success');
  return receipt;
};

/** Resolves once the node has made `method`'s filter or subscription: watchers give no sign of their own. */
const installed = () => new Promise((resolve) => setTimeout(resolve, 600));

before(async () => {
  node = await startNode();
  chain = defineChain({
    id: chainId,
    name: 'Valence',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [node.url], webSocket: [node.ws] } },
  });
  client = createPublicClient({ chain, transport: http(), pollingInterval: 50, cacheTime: 0 });
  wallet = createWalletClient({ chain, transport: http(), account: alice });
  tester = createTestClient({ chain, mode: 'anvil', transport: http() });
  const hash = await wallet.deployContract({ abi: Counter.abi, bytecode: Counter.bytecode, args: [1n], value: parseGwei('1') });
  counter = getContract({ address: (await mined(hash)).contractAddress, abi: Counter.abi, client: { public: client, wallet } });
});
after(() => node?.stop());

describe('contracts', () => {
  test('deployContract gives the address that sender and nonce foretell', async () => {
    const nonce = await client.getTransactionCount({ address: alice.address });
    const hash = await wallet.deployContract({ abi: Counter.abi, bytecode: Counter.bytecode, args: [5n] });
    const receipt = await mined(hash);
    assert.equal(receipt.contractAddress, getContractAddress({ from: alice.address, nonce: BigInt(nonce) }).toLowerCase());
    assert.equal(await client.getCode({ address: receipt.contractAddress }), Counter.runtime);
  });

  test('write, read, and the event in the receipt', async () => {
    const receipt = await mined(await counter.write.setNumber([42n]));
    assert.equal(await counter.read.number(), 42n);
    assert.equal(receipt.logs.length, 1);
    const [event] = await counter.getEvents.Changed({ number: 42n }, { fromBlock: receipt.blockNumber });
    assert.equal(event.args.note, 'set');
    assert.equal(event.args.by, alice.address);
    assert.equal(event.blockHash, receipt.blockHash);
  });

  test('reads at an older block see the older state', async () => {
    const at = await client.getBlockNumber();
    await mined(await counter.write.setNumber([43n]));
    assert.equal(await counter.read.number({ blockNumber: at }), 42n);
    assert.equal(await counter.read.number(), 43n);
  });

  test('simulateContract returns the result, estimateContractGas a sufficient limit', async () => {
    const { result, request } = await client.simulateContract({ ...counter, account: alice, functionName: 'increment' });
    assert.equal(result, 44n);
    const gas = await client.estimateContractGas({ ...counter, account: alice, functionName: 'increment' });
    await mined(await wallet.writeContract({ ...request, gas }));
    assert.equal(await counter.read.number(), 44n);
  });

  test('an OpenZeppelin token transfers, and its logs are found by topic', async () => {
    const hash = await wallet.deployContract({ abi: Token.abi, bytecode: Token.bytecode, args: ['Token', 'TKN', 1000n] });
    const { contractAddress: address, blockNumber: fromBlock } = await mined(hash);
    const token = getContract({ address, abi: Token.abi, client: { public: client, wallet } });
    await mined(await token.write.transfer([bob.address, 10n]));
    await mined(await token.write.transfer([carol.address, 20n]));
    assert.equal(await token.read.balanceOf([carol.address]), 20n);
    const all = await token.getEvents.Transfer({}, { fromBlock });
    assert.deepEqual(all.map((l) => l.args.value), [1000n, 10n, 20n]);
    const some = await token.getEvents.Transfer({ to: [bob.address, carol.address] }, { fromBlock });
    assert.deepEqual(some.map((l) => l.args.value), [10n, 20n]);
  });
});

describe('errors', () => {
  const reverted = (promise) =>
    promise.then(
      () => assert.fail('the call succeeded'),
      (e) => (e instanceof BaseError ? (e.walk((x) => x instanceof ContractFunctionRevertedError) ?? e) : assert.fail(e)),
    );

  test('a revert reason', async () => {
    assert.equal((await reverted(counter.read.failWithReason())).reason, 'no luck today');
  });

  test('a custom error with its arguments', async () => {
    const error = await reverted(counter.simulate.setNumber([1001n]));
    assert.equal(error.data.errorName, 'TooLarge');
    assert.deepEqual(error.data.args, [1001n, 1000n]);
  });

  test('a panic', async () => {
    const error = await reverted(counter.read.failWithPanic([0n]));
    assert.equal(error.data.errorName, 'Panic');
    assert.equal(error.data.args[0], 18n);
  });

  test('a revert without data, an invalid opcode and an endless loop', async () => {
    await assert.rejects(counter.read.failSilently(), /reverted/);
    await assert.rejects(counter.read.failWithInvalidOpcode(), /invalid opcode|InvalidFEOpcode/i);
    await assert.rejects(client.call({ to: counter.address, data: encodeFunctionData({ abi: Counter.abi, functionName: 'loopForever' }), gas: 100000n }), /out of gas|gas/i);
  });

  test('revert data is at error.data with code 3, as geth gives it', async () => {
    const data = encodeFunctionData({ abi: Counter.abi, functionName: 'setNumber', args: [5000n] });
    const { error } = await node.call('eth_call', { to: counter.address, data }, 'latest');
    assert.equal(error.code, 3);
    assert.deepEqual(decodeErrorResult({ abi: Counter.abi, data: error.data }).args, [5000n, 1000n]);
  });

  test('a transaction that reverts is mined with status reverted', async () => {
    const hash = await counter.write.setNumber([2000n], { gas: 100000n });
    const receipt = await client.waitForTransactionReceipt({ hash });
    assert.equal(receipt.status, 'reverted');
    assert.equal(receipt.logs.length, 0);
  });
});

describe('transactions', () => {
  test('type 0 with a gas price', async () => {
    const receipt = await mined(await wallet.sendTransaction({ to: bob.address, value: 1n, gasPrice: parseGwei('3') }));
    assert.equal(receipt.type, 'legacy');
    assert.equal(receipt.effectiveGasPrice, parseGwei('3'));
  });

  test('type 1 with an access list', async () => {
    const accessList = [{ address: counter.address, storageKeys: [`0x${'0'.repeat(64)}`] }];
    const hash = await wallet.sendTransaction({ to: counter.address, data: '0xd09de08a', accessList, gasPrice: parseGwei('3'), type: 'eip2930' });
    assert.equal((await mined(hash)).type, 'eip2930');
    const tx = await client.getTransaction({ hash });
    assert.deepEqual(tx.accessList.map((e) => [e.address, e.storageKeys]), [[counter.address.toLowerCase(), accessList[0].storageKeys]]);
    const made = await client.createAccessList({ account: alice, to: counter.address, data: '0xd09de08a' });
    assert.equal(made.accessList[0].storageKeys[0], accessList[0].storageKeys[0]);
  });

  test('type 2 pays base fee plus tip, and burns the base fee', async () => {
    const before = await client.getBalance({ address: alice.address });
    const hash = await wallet.sendTransaction({ to: bob.address, value: 7n, maxFeePerGas: parseGwei('20'), maxPriorityFeePerGas: parseGwei('2') });
    const receipt = await mined(hash);
    const block = await client.getBlock({ blockHash: receipt.blockHash });
    assert.equal(receipt.effectiveGasPrice, block.baseFeePerGas + parseGwei('2'));
    assert.equal(before - (await client.getBalance({ address: alice.address })), 7n + receipt.gasUsed * receipt.effectiveGasPrice);
  });

  test('fees: feeHistory with percentiles, estimates, gas price', async () => {
    const history = await client.getFeeHistory({ blockCount: 4, rewardPercentiles: [25, 75] });
    assert.equal(history.baseFeePerGas.length, history.gasUsedRatio.length + 1);
    assert.equal(history.reward.length, history.gasUsedRatio.length);
    assert.equal(history.reward[0].length, 2);
    const block = await client.getBlock();
    const fees = await client.estimateFeesPerGas();
    assert.ok(fees.maxFeePerGas >= block.baseFeePerGas);
    assert.ok((await client.getGasPrice()) >= (await client.estimateMaxPriorityFeePerGas()));
    assert.equal(typeof (await client.getBlobBaseFee()), 'bigint');
  });

  test('type 4 (EIP-7702) runs the delegate as the account', async () => {
    const { contractAddress } = await mined(await wallet.deployContract({ abi: Delegate.abi, bytecode: Delegate.bytecode }));
    const owner = createWalletClient({ chain, transport: http(), account: dave });
    const authorization = await owner.signAuthorization({ contractAddress, executor: 'self' });
    const calls = [{ to: bob.address, value: 5n, data: '0x' }, { to: counter.address, value: 0n, data: encodeFunctionData({ abi: Counter.abi, functionName: 'setNumber', args: [77n] }) }];
    const before = await client.getBalance({ address: bob.address });
    const hash = await owner.writeContract({ abi: Delegate.abi, address: dave.address, functionName: 'execute', args: [calls], authorizationList: [authorization] });
    const receipt = await mined(hash);
    assert.equal(receipt.type, 'eip7702');
    assert.equal(await counter.read.number(), 77n);
    assert.equal(await client.getBalance({ address: bob.address }), before + 5n);
    assert.equal(await client.getCode({ address: dave.address }), `0xef0100${contractAddress.slice(2)}`);
    assert.equal((await client.getDelegation({ address: dave.address })).toLowerCase(), contractAddress);
    const tx = await client.getTransaction({ hash });
    assert.equal(tx.authorizationList[0].address.toLowerCase(), contractAddress);
  });

  test('type 4 can be signed by another account and paid for by a sponsor, then cleared', async () => {
    const authorization = await wallet.signAuthorization({ account: carol, contractAddress: counter.address });
    await mined(await wallet.sendTransaction({ to: carol.address, data: '0xd09de08a', authorizationList: [authorization] }));
    assert.equal(await client.readContract({ abi: Counter.abi, address: carol.address, functionName: 'number' }), 1n);
    const clear = await wallet.signAuthorization({ account: carol, contractAddress: `0x${'0'.repeat(40)}` });
    await mined(await wallet.sendTransaction({ to: carol.address, authorizationList: [clear] }));
    assert.equal(await client.getCode({ address: carol.address }), undefined);
  });

  test('sendRawTransactionSync answers with the receipt', async () => {
    const request = await wallet.prepareTransactionRequest({ to: bob.address, value: 1n });
    const serializedTransaction = await wallet.signTransaction(request);
    const receipt = await client.sendRawTransactionSync({ serializedTransaction });
    assert.equal(receipt.status, 'success');
    assert.equal(receipt.transactionHash, keccak256(serializedTransaction));
  });

  test('fillTransaction completes a request, or is cleanly refused', async () => {
    const { result, error } = await node.call('eth_fillTransaction', { from: alice.address, to: bob.address, value: '0x1' });
    if (error) {
      assert.equal(error.code, -32601);
      return;
    }
    assert.match(result.raw, /^0x02/);
    assert.equal(BigInt(result.tx.chainId), BigInt(chainId));
    assert.equal(BigInt(result.tx.nonce), BigInt(await client.getTransactionCount({ address: alice.address })));
    assert.equal(BigInt(result.tx.gas), 21000n);
  });

  test('a transaction is found by hash, block and index; unknown ones are null', async () => {
    const receipt = await mined(await wallet.sendTransaction({ to: bob.address, value: 1n }));
    const byHash = await client.getTransaction({ hash: receipt.transactionHash });
    const byIndex = await client.getTransaction({ blockHash: receipt.blockHash, index: systemTransactions });
    const byNumber = await client.getTransaction({ blockNumber: receipt.blockNumber, index: systemTransactions });
    assert.deepEqual(byIndex, byHash);
    assert.deepEqual(byNumber, byHash);
    assert.equal(await client.getBlockTransactionCount({ blockHash: receipt.blockHash }), systemTransactions + 1);
    const unknown = await node.raw(`{"jsonrpc":"2.0","id":1,"method":"eth_getTransactionReceipt","params":["0x${'ab'.repeat(32)}"]}`);
    assert.match(unknown.text, /"result"\s*:\s*null/);
  });
});

describe('blocks', () => {
  test('header fields link and hash', async () => {
    const block = await client.getBlock();
    const parent = await client.getBlock({ blockNumber: block.number - 1n });
    assert.equal(block.parentHash, parent.hash);
    assert.ok(block.timestamp >= parent.timestamp);
    assert.deepEqual(await client.getBlock({ blockHash: block.hash, includeTransactions: false }), block);
    const full = await client.getBlock({ includeTransactions: true });
    assert.equal(full.transactions[0].blockHash, block.hash);
  });

  test('all block tags answer', async () => {
    for (const blockTag of ['earliest', 'latest', 'pending']) {
      const block = await client.getBlock({ blockTag });
      assert.ok(block, blockTag);
      assert.equal(typeof (await client.getBalance({ address: alice.address, blockTag })), 'bigint');
    }
    for (const tag of ['safe', 'finalized']) {
      const { error } = await node.call('eth_getBlockByNumber', tag, false);
      assert.ok(!error || error.code === -39001, tag);
    }
  });

  test('EIP-1898 block ids', async () => {
    const block = await client.getBlock();
    const balance = await node.rpc('eth_getBalance', alice.address, { blockHash: block.hash, requireCanonical: true });
    assert.equal(BigInt(balance), await client.getBalance({ address: alice.address, blockNumber: block.number }));
    assert.equal(await node.rpc('eth_getBalance', alice.address, { blockNumber: `0x${block.number.toString(16)}` }), balance);
  });

  test('block receipts equal the single ones', async () => {
    const block = await client.getBlock();
    const all = await node.rpc('eth_getBlockReceipts', block.hash);
    assert.equal(all.length, block.transactions.length);
    for (const [i, hash] of block.transactions.entries()) assert.deepEqual(all[i], await node.rpc('eth_getTransactionReceipt', hash));
  });
});

describe('state', () => {
  test('getProof verifies by an independent trie', async () => {
    const { number, stateRoot } = await node.rpc('eth_getBlockByNumber', 'latest', false);
    const key = (n) => `0x${n.toString(16).padStart(64, '0')}`;
    await assertProof(await node.rpc('eth_getProof', counter.address, [key(0), key(1)], number), stateRoot);
    const proof = await client.getProof({ address: counter.address, storageKeys: [key(0)] });
    assert.equal(proof.storageProof[0].value, await counter.read.number());
  });

  test('call with state, code, balance and block overrides', async () => {
    const address = `0x${'12'.repeat(20)}`;
    const slot = `0x${'0'.repeat(64)}`;
    const data = encodeFunctionData({ abi: Counter.abi, functionName: 'number' });
    const result = await client.call({ to: address, data, stateOverride: [{ address, code: Counter.runtime, stateDiff: [{ slot, value: `0x${'0'.repeat(62)}7b` }] }] });
    assert.equal(BigInt(result.data), 123n);
    const facts = await client.readContract({ ...counter, functionName: 'blockFacts', blockOverrides: { number: 999n, time: 4000000000n } });
    assert.deepEqual(facts.slice(0, 2), [999n, 4000000000n]);
    const rich = await client.call({ account: address, to: bob.address, value: parseEther('5'), stateOverride: [{ address, balance: parseEther('6') }] });
    assert.equal(rich.data, undefined);
  });

  test('simulateBlocks (eth_simulateV1) runs calls over several blocks', async () => {
    const call = (functionName, args = []) => ({ abi: Counter.abi, to: counter.address, functionName, args });
    const blocks = await client.simulateBlocks({
      blocks: [
        { calls: [call('setNumber', [500n]), call('increment')] },
        { calls: [call('number'), call('failWithReason')], blockOverrides: { time: 4000000000n } },
      ],
    });
    assert.equal(blocks.length, 2);
    assert.equal(blocks[0].calls[1].result, 501n);
    assert.equal(blocks[0].calls[0].logs.length, 1);
    assert.equal(blocks[1].calls[0].result, 501n);
    assert.equal(blocks[1].calls[1].status, 'failure');
    assert.equal(blocks[1].timestamp, 4000000000n);
    assert.notEqual(await counter.read.number(), 501n);
  });

  test('simulateCalls tells asset changes', async () => {
    const { results } = await client.simulateCalls({ account: alice.address, calls: [{ to: bob.address, value: 1n }, { to: counter.address, abi: Counter.abi, functionName: 'number' }] });
    assert.equal(results[0].status, 'success');
    assert.equal(results[1].status, 'success');
  });
});

describe('watchers over HTTP filters', () => {
  test('watchBlockNumber, watchEvent, watchContractEvent', async () => {
    const numbers = collect(2, (item, error) => client.watchBlockNumber({ onBlockNumber: (number) => item(number), onError: error }));
    const events = collect(2, (item, error) => client.watchEvent({ address: counter.address, onLogs: (logs) => item(...logs), onError: error }));
    const changed = collect(1, (item, error) => client.watchContractEvent({ ...counter, eventName: 'Changed', args: { number: 202n }, onLogs: (logs) => item(...logs), onError: error }));
    await installed();
    await mined(await counter.write.setNumber([201n]));
    await mined(await counter.write.setNumber([202n]));
    await numbers;
    assert.equal((await events).length, 2);
    assert.equal((await changed)[0].args.number, 202n);
  });

  test('watchPendingTransactions', async () => {
    const hashes = collect(1, (item, error) => client.watchPendingTransactions({ onTransactions: (list) => item(...list), onError: error }));
    await installed();
    const hash = await wallet.sendTransaction({ to: bob.address, value: 1n });
    assert.ok((await hashes).includes(hash));
  });

  test('a block filter, and an unknown filter', async () => {
    const filter = await client.createBlockFilter();
    await tester.mine({ blocks: 2 });
    assert.equal((await client.getFilterChanges({ filter })).length, 2);
    assert.equal((await client.getFilterChanges({ filter })).length, 0);
    assert.equal(await client.uninstallFilter({ filter }), true);
    assert.equal(await client.uninstallFilter({ filter }), false);
  });

  test('getFilterLogs repeats the whole range', async () => {
    const filter = await client.createContractEventFilter({ ...counter, eventName: 'Changed', fromBlock: 0n });
    const logs = await client.getFilterLogs({ filter });
    assert.ok(logs.length > 2);
    assert.deepEqual(await client.getFilterLogs({ filter }), logs);
  });
});

describe('subscriptions over WebSocket', () => {
  let socket;
  before(() => {
    socket = createPublicClient({ chain, transport: webSocket(node.ws, { reconnect: false }) });
  });
  after(async () => (await socket.transport.getRpcClient()).close());

  test('requests work over the same connection', async () => {
    assert.equal(await socket.getChainId(), chainId);
    assert.equal((await socket.getBlock()).number, await client.getBlockNumber());
  });

  test('newHeads', async () => {
    // Straight from the subscription: watchBlocks answers each head by asking for the latest block, which skips one of two.
    const heads = [];
    const both = new Promise((resolve, reject) => {
      socket.transport
        .subscribe({ params: ['newHeads'], onData: ({ result }) => heads.push(result) === 2 && resolve(), onError: reject })
        .then(() => tester.mine({ blocks: 2 }))
        .catch(reject);
    });
    await both;
    const [first, second] = heads;
    assert.equal(second.parentHash, first.hash);
    assert.equal(BigInt(second.number), BigInt(first.number) + 1n);
  });

  test('watchBlocks', async () => {
    const seen = collect(1, (item, error) => socket.watchBlocks({ onBlock: (block) => item(block), onError: error }));
    await installed();
    await tester.mine({ blocks: 1 });
    const [block] = await seen;
    assert.equal(block.hash, (await client.getBlock()).hash);
  });

  test('logs, filtered by address and topic', async () => {
    const logs = collect(1, (item, error) => socket.watchContractEvent({ ...counter, eventName: 'Changed', args: { number: 302n }, onLogs: (l) => item(...l), onError: error }));
    await installed();
    await mined(await counter.write.setNumber([301n]));
    await mined(await counter.write.setNumber([302n]));
    assert.equal((await logs)[0].args.number, 302n);
  });

  test('newPendingTransactions', async () => {
    const hashes = collect(1, (item, error) => socket.watchPendingTransactions({ onTransactions: (l) => item(...l), onError: error }));
    await installed();
    const hash = await wallet.sendTransaction({ to: bob.address, value: 1n });
    assert.ok((await hashes).includes(hash));
  });
});

describe('test client', () => {
  const stranger = `0x${'57'.repeat(20)}`;

  test('mine and increaseTime', async () => {
    const before = await client.getBlock();
    await tester.mine({ blocks: 3, interval: 10 });
    const later = await client.getBlock();
    assert.equal(later.number, before.number + 3n);
    await tester.increaseTime({ seconds: 3600 });
    await tester.mine({ blocks: 1 });
    assert.ok((await client.getBlock()).timestamp >= later.timestamp + 3600n);
  });

  test('setNextBlockTimestamp is exact', async () => {
    const timestamp = (await client.getBlock()).timestamp + 5000n;
    await tester.setNextBlockTimestamp({ timestamp });
    await tester.mine({ blocks: 1 });
    assert.equal((await client.getBlock()).timestamp, timestamp);
  });

  test('setBalance, setCode, setStorageAt, setNonce', async () => {
    await tester.setBalance({ address: stranger, value: parseEther('3') });
    assert.equal(await client.getBalance({ address: stranger }), parseEther('3'));
    await tester.setCode({ address: `0x${'58'.repeat(20)}`, bytecode: Counter.runtime });
    await tester.setStorageAt({ address: `0x${'58'.repeat(20)}`, index: 0, value: `0x${'0'.repeat(62)}2a` });
    assert.equal(await client.readContract({ address: `0x${'58'.repeat(20)}`, abi: Counter.abi, functionName: 'number' }), 42n);
    await tester.setNonce({ address: stranger, nonce: 9 });
    assert.equal(await client.getTransactionCount({ address: stranger }), 9);
  });

  test('impersonateAccount sends without a key', async () => {
    await tester.impersonateAccount({ address: stranger });
    const hash = await createWalletClient({ chain, transport: http(), account: stranger }).sendTransaction({ to: bob.address, value: 1n });
    const tx = await client.getTransaction({ hash: (await mined(hash)).transactionHash });
    assert.equal(tx.from, stranger);
    await tester.stopImpersonatingAccount({ address: stranger });
    await assert.rejects(createWalletClient({ chain, transport: http(), account: stranger }).sendTransaction({ to: bob.address, value: 1n }));
  });

  test('snapshot and revert restore state, blocks and receipts', async () => {
    const block = await client.getBlock();
    const number = await counter.read.number();
    const id = await tester.snapshot();
    const hash = await counter.write.setNumber([900n]);
    await mined(hash);
    await tester.revert({ id });
    assert.equal(await counter.read.number(), number);
    assert.equal((await client.getBlock()).hash, block.hash);
    await assert.rejects(client.getTransactionReceipt({ hash }));
    await mined(await counter.write.setNumber([901n]));
    assert.equal(await counter.read.number(), 901n);
  });

  test('setAutomine, pending state, dropTransaction and mine', async () => {
    await tester.setAutomine(false);
    const nonce = await client.getTransactionCount({ address: alice.address });
    const hash = await wallet.sendTransaction({ to: bob.address, value: 1n });
    const dropped = await wallet.sendTransaction({ to: bob.address, value: 2n, nonce: nonce + 1 });
    assert.equal(await client.getTransactionCount({ address: alice.address, blockTag: 'pending' }), nonce + 2);
    assert.equal(await client.getTransactionCount({ address: alice.address }), nonce);
    const pending = await client.getTransaction({ hash });
    assert.equal(pending.blockNumber, null);
    assert.equal(BigInt((await tester.getTxpoolStatus()).pending), 2n);
    const content = await tester.getTxpoolContent();
    assert.equal(Object.keys(Object.values(content.pending)[0]).length, 2);
    await tester.dropTransaction({ hash: dropped });
    assert.equal((await tester.getTxpoolStatus()).pending, 1);
    await tester.mine({ blocks: 1 });
    assert.equal((await client.getTransactionReceipt({ hash })).status, 'success');
    await tester.setAutomine(true);
    assert.equal(await tester.getAutomine(), true);
  });

  test('setNextBlockBaseFeePerGas, setBlockGasLimit, setCoinbase', async () => {
    await tester.setNextBlockBaseFeePerGas({ baseFeePerGas: parseGwei('9') });
    await tester.mine({ blocks: 1 });
    assert.equal((await client.getBlock()).baseFeePerGas, parseGwei('9'));
    await tester.setCoinbase({ address: carol.address });
    await tester.mine({ blocks: 1 });
    assert.equal((await client.getBlock()).miner, carol.address.toLowerCase());
  });
});

test('the batch transport sends several requests in one', async () => {
  const batched = createPublicClient({ chain, transport: http(node.url, { batch: { wait: 10 } }) });
  const [id, number, balance, code] = await Promise.all([
    batched.getChainId(), batched.getBlockNumber(), batched.getBalance({ address: alice.address }), batched.getCode({ address: counter.address }),
  ]);
  assert.equal(id, chainId);
  assert.equal(number, await client.getBlockNumber());
  assert.ok(balance > 0n);
  assert.equal(code, Counter.runtime);
});

test('signed messages and typed data verify on chain clients', async () => {
  const signature = await wallet.signMessage({ message: 'hello' });
  assert.equal(await client.verifyMessage({ address: alice.address, message: 'hello', signature }), true);
});

test('debug_traceTransaction gives struct logs, calls and state', { skip: isAnvil && 'anvil leaves out fields' }, async () => {
  const receipt = await mined(await counter.write.setNumber([11n]));
  const struct = await node.rpc('debug_traceTransaction', receipt.transactionHash, {});
  assert.equal(struct.failed, false);
  assert.equal(struct.gas, Number(receipt.gasUsed));
  assert.ok(struct.structLogs.some((s) => s.op === 'SSTORE'));
  const calls = await node.rpc('debug_traceTransaction', receipt.transactionHash, { tracer: 'callTracer', tracerConfig: { withLog: true } });
  assert.equal(calls.logs.length, 1);
  assert.equal(BigInt(calls.gasUsed), receipt.gasUsed);
  const state = await node.rpc('debug_traceTransaction', receipt.transactionHash, { tracer: 'prestateTracer', tracerConfig: { diffMode: true } });
  assert.ok(state.post[counter.address.toLowerCase()].storage);
});
