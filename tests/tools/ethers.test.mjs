// ethers v6 against a running node: deploy, events, subscriptions, typed transactions, errors, replacement and nonce gaps.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { ContractFactory, Interface, JsonRpcProvider, NonceManager, Wallet, WebSocketProvider, ethers, parseUnits } from 'ethers';
import { compile } from './contracts.mjs';
import { accounts, chainId, isAnvil, startNode, systemTransactions } from './node.mjs';

const { Counter, Delegate, Token } = { ...compile('Counter.sol'), ...compile('Delegate.sol'), ...compile('Token.sol') };
const [, bob, carol] = accounts;
let node;
let provider;
let alice;
let counter;

const rejected = (promise) => promise.then(() => assert.fail('it succeeded'), (e) => e);
const within = (promise, ms = 10000) => {
  let late;
  return Promise.race([promise, new Promise((_, reject) => (late = setTimeout(() => reject(new Error('nothing came')), ms)))]).finally(() => clearTimeout(late));
};
const status = async () => {
  const { pending, queued } = await node.rpc('txpool_status');
  return [Number(pending), Number(queued)];
};

before(async () => {
  node = await startNode();
  provider = new JsonRpcProvider(node.url, undefined, { polling: true, pollingInterval: 50, cacheTimeout: -1 });
  alice = new Wallet(accounts[0].key, provider);
  counter = await new ContractFactory(Counter.abi, Counter.bytecode, alice).deploy(1, { value: 5 });
  await counter.waitForDeployment();
});
after(async () => {
  provider?.destroy();
  await node?.stop();
});

describe('contracts', () => {
  test('deploy, read, write, parse the event', async () => {
    assert.equal(await provider.getCode(counter), Counter.runtime);
    const receipt = await (await counter.setNumber(9)).wait();
    assert.equal(receipt.status, 1);
    assert.equal(await counter.number(), 9n);
    assert.equal(receipt.logs[0].fragment.name, 'Changed');
    assert.deepEqual([...receipt.logs[0].args], [alice.address, 9n, 'set']);
    assert.equal(await counter.increment.staticCall(), 10n);
    assert.ok((await counter.increment.estimateGas()) > 21000n);
  });

  test('queryFilter finds past events, and a listener gets new ones', async () => {
    const seen = within(new Promise((resolve) => counter.once(counter.filters.Changed(null, 12), ({ args }) => resolve(args.number))));
    await (await counter.setNumber(11)).wait();
    await (await counter.setNumber(12)).wait();
    assert.equal(await seen, 12n);
    const past = await counter.queryFilter(counter.filters.Changed(null, [11, 12]), 0, 'latest');
    assert.deepEqual(past.map((e) => e.args.number), [11n, 12n]);
  });

  test('block listeners of the polling provider', async () => {
    const number = within(new Promise((resolve) => provider.once('block', resolve)));
    // The first poll only learns where the chain stands.
    await new Promise((r) => setTimeout(r, 200));
    await node.rpc('evm_mine');
    assert.ok((await number) > 0);
  });

  test('a signer of the node itself (eth_sendTransaction, personal accounts)', async () => {
    const signer = await provider.getSigner(bob.address);
    const receipt = await (await signer.sendTransaction({ to: carol.address, value: 3n })).wait();
    assert.equal(receipt.status, 1);
    const signature = await signer.signMessage('hello');
    assert.equal(ethers.verifyMessage('hello', signature), bob.address);
    const typed = [{ name: 'Valence', chainId }, { Note: [{ name: 'text', type: 'string' }] }, { text: 'hi' }];
    assert.equal(ethers.verifyTypedData(...typed, await signer.signTypedData(...typed)), bob.address);
  });
});

describe('WebSocketProvider', () => {
  let socket;
  before(() => {
    socket = new WebSocketProvider(node.ws);
  });
  after(() => socket.destroy());

  test('answers requests and subscribes to blocks', async () => {
    assert.equal((await socket.getNetwork()).chainId, BigInt(chainId));
    const heard = new Promise((resolve) => socket.once('block', resolve));
    await socket.getBlockNumber();
    await node.rpc('evm_mine');
    assert.equal(await within(heard), await provider.getBlockNumber());
  });

  test('subscribes to logs and pending transactions', async () => {
    const logs = new Promise((resolve) => socket.on({ address: counter.target, topics: [] }, resolve));
    const pending = new Promise((resolve) => socket.on('pending', resolve));
    await socket.getBlockNumber();
    await new Promise((r) => setTimeout(r, 200));
    const tx = await counter.setNumber(21);
    assert.equal((await within(logs)).transactionHash, tx.hash);
    assert.equal(await within(pending), tx.hash);
    await socket.removeAllListeners();
    await socket.getBlockNumber();
  });
});

describe('typed transactions', () => {
  test('type 0, 1 and 2 are mined as what they are', async () => {
    const gasPrice = parseUnits('3', 'gwei');
    const accessList = [{ address: counter.target, storageKeys: [ethers.ZeroHash] }];
    for (const [type, fields] of [[0, { gasPrice }], [1, { gasPrice, accessList }], [2, { accessList }]]) {
      const tx = await alice.sendTransaction({ type, to: counter.target, data: '0xd09de08a', ...fields });
      const receipt = await tx.wait();
      assert.equal(receipt.type, type);
      assert.equal((await provider.getTransaction(tx.hash)).type, type);
    }
  });

  test('type 4 delegates and executes', async () => {
    const delegate = await (await new ContractFactory(Delegate.abi, Delegate.bytecode, alice).deploy()).waitForDeployment();
    const owner = new Wallet(carol.key, provider);
    const authorization = await owner.authorize({ address: delegate.target, chainId, nonce: await owner.getNonce() });
    const data = new Interface(Delegate.abi).encodeFunctionData('execute', [[[bob.address, 4n, '0x']]]);
    const receipt = await (await alice.sendTransaction({ type: 4, to: owner.address, data, authorizationList: [authorization] })).wait();
    assert.equal(receipt.type, 4);
    assert.equal(await provider.getCode(owner.address), `0xef0100${delegate.target.slice(2).toLowerCase()}`);
    const [event] = receipt.logs.map((log) => new Interface(Delegate.abi).parseLog(log));
    assert.deepEqual([...event.args], [owner.address, alice.address, 1n]);
    const tx = await provider.getTransaction(receipt.hash);
    assert.equal(tx.authorizationList[0].address, delegate.target);
  });

  test('getFeeData and the block carry EIP-1559 fees', async () => {
    const fees = await provider.getFeeData();
    assert.ok(fees.maxFeePerGas > 0n && fees.maxPriorityFeePerGas >= 0n && fees.gasPrice > 0n);
    assert.ok((await provider.getBlock('latest')).baseFeePerGas > 0n);
  });

  test('the block hash is the hash of the header fields', async () => {
    const b = await node.rpc('eth_getBlockByNumber', 'latest', false);
    const q = (v) => (BigInt(v) === 0n ? '0x' : ethers.toBeHex(BigInt(v)));
    const fields = [
      b.parentHash, b.sha3Uncles, b.miner, b.stateRoot, b.transactionsRoot, b.receiptsRoot, b.logsBloom, q(b.difficulty), q(b.number), q(b.gasLimit),
      q(b.gasUsed), q(b.timestamp), b.extraData, b.mixHash, b.nonce, q(b.baseFeePerGas), b.withdrawalsRoot, q(b.blobGasUsed), q(b.excessBlobGas), b.parentBeaconBlockRoot,
    ];
    if (b.requestsHash) fields.push(b.requestsHash);
    assert.equal(ethers.keccak256(ethers.encodeRlp(fields)), b.hash);
  });
});

describe('errors', () => {
  test('CALL_EXCEPTION with a reason', async () => {
    const error = await rejected(counter.failWithReason());
    assert.equal(error.code, 'CALL_EXCEPTION');
    assert.equal(error.reason, 'no luck today');
  });

  test('CALL_EXCEPTION with a custom error', async () => {
    assert.equal(counter.interface.parseError((await rejected(counter.setNumber(1001))).data).name, 'TooLarge');
    const error = await rejected(counter.setNumber.staticCall(1001));
    assert.equal(error.code, 'CALL_EXCEPTION');
    assert.equal(error.revert.name, 'TooLarge');
    assert.deepEqual([...error.revert.args], [1001n, 1000n]);
  });

  test('CALL_EXCEPTION with a panic', async () => {
    const error = await rejected(counter.failWithPanic(0));
    assert.equal(error.revert.name, 'Panic');
    assert.equal(Number(error.revert.args[0]), 18);
  });

  test('a mined revert rejects wait()', async () => {
    const tx = await counter.setNumber(1001, { gasLimit: 100000 });
    const error = await rejected(tx.wait());
    assert.equal(error.code, 'CALL_EXCEPTION');
    assert.equal(error.receipt.status, 0);
  });

  test('INSUFFICIENT_FUNDS', async () => {
    const poor = new Wallet(ethers.id('poor'), provider);
    assert.equal((await rejected(poor.sendTransaction({ to: bob.address, value: 1n, gasLimit: 21000 }))).code, 'INSUFFICIENT_FUNDS');
  });

  test('NONCE_EXPIRED', async () => {
    assert.equal((await rejected(alice.sendTransaction({ to: bob.address, nonce: 0, gasLimit: 21000 }))).code, 'NONCE_EXPIRED');
  });
});

describe('the pool', () => {
  const fee = (gwei) => ({ maxFeePerGas: parseUnits(String(gwei), 'gwei'), maxPriorityFeePerGas: parseUnits(String(gwei), 'gwei') });
  before(() => node.rpc('evm_setAutomine', false));
  after(() => node.rpc('evm_setAutomine', true));

  test('a fee bump of 10 % replaces, a smaller one is REPLACEMENT_UNDERPRICED', async () => {
    const nonce = await alice.getNonce();
    const first = await alice.sendTransaction({ to: bob.address, value: 1n, nonce, gasLimit: 21000, ...fee(10) });
    const error = await rejected(alice.sendTransaction({ to: bob.address, value: 2n, nonce, gasLimit: 21000, ...fee(10) }));
    assert.equal(error.code, 'REPLACEMENT_UNDERPRICED');
    const second = await alice.sendTransaction({ to: bob.address, value: 3n, nonce, gasLimit: 21000, ...fee(20) });
    assert.deepEqual(await status(), [1, 0]);
    await node.rpc('evm_mine');
    assert.equal((await provider.getTransactionReceipt(second.hash)).status, 1);
    assert.equal(await provider.getTransaction(first.hash), null);
  });

  test('what comes after a nonce gap waits until the gap closes', async () => {
    const nonce = await alice.getNonce();
    const late = await alice.sendTransaction({ to: bob.address, nonce: nonce + 1, gasLimit: 21000, ...fee(10) });
    assert.deepEqual(await status(), [0, 1]);
    await node.rpc('evm_mine');
    assert.equal(await provider.getTransactionReceipt(late.hash), null);
    await alice.sendTransaction({ to: bob.address, nonce, gasLimit: 21000, ...fee(10) });
    assert.deepEqual(await status(), [2, 0]);
    await node.rpc('evm_mine');
    const receipt = await provider.getTransactionReceipt(late.hash);
    assert.equal(receipt.index, systemTransactions + 1);
    assert.deepEqual(await status(), [0, 0]);
  });

  test('a block orders senders by tip and keeps each sender in nonce order', { skip: isAnvil && 'anvil orders by fee cap' }, async () => {
    const [b, c] = [new NonceManager(new Wallet(bob.key, provider)), new NonceManager(new Wallet(carol.key, provider))];
    const cheap = await b.sendTransaction({ to: alice.address, gasLimit: 21000, maxFeePerGas: parseUnits('50', 'gwei'), maxPriorityFeePerGas: 1n });
    const dear = await c.sendTransaction({ to: alice.address, gasLimit: 21000, maxFeePerGas: parseUnits('50', 'gwei'), maxPriorityFeePerGas: parseUnits('5', 'gwei') });
    const after = await c.sendTransaction({ to: alice.address, gasLimit: 21000, maxFeePerGas: parseUnits('50', 'gwei'), maxPriorityFeePerGas: parseUnits('1', 'gwei') });
    await node.rpc('evm_mine');
    const block = await provider.getBlock('latest');
    assert.deepEqual(block.transactions.slice(systemTransactions), [dear.hash, after.hash, cheap.hash]);
    let total = 0n;
    for (const hash of block.transactions) total += (await provider.getTransactionReceipt(hash)).gasUsed;
    assert.equal(block.gasUsed, total);
  });
});

test('ten tokens deployed at once through a NonceManager arrive in order', async () => {
  const signer = new NonceManager(alice);
  const factory = new ContractFactory(Token.abi, Token.bytecode, signer);
  const tokens = await Promise.all(Array.from({ length: 10 }, (_, i) => factory.deploy(`Token ${i}`, `T${i}`, 1000 + i)));
  await Promise.all(tokens.map((t) => t.waitForDeployment()));
  assert.equal(new Set(tokens.map((t) => t.target)).size, 10);
  for (const token of tokens) assert.ok((await token.totalSupply()) >= 1000n);
});
