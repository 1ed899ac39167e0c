// The contracts that every chain has from its first block, as the node under test has them.
import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { createPublicClient, createTestClient, createWalletClient, defineChain, getAddress, http, keccak256, parseEther, toHex, zeroAddress } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { compile, compileFiles } from '../../scripts/solidity.mjs';
import { run } from './command.mjs';
import { accounts, chainId, isAnvil, startNode } from './node.mjs';

const at = (number) => getAddress(`0x56${number.toString(16).padStart(38, '0')}`);
const interfaces = ['IModelRegistry', 'INodeRegistry', 'IScheduler', 'IDaInfo', 'IInference'];
const [modelAbi, nodeAbi, schedulerAbi, daAbi, inferenceAbi] = compileFiles(interfaces.map((name) => `lib/${name}.sol`), ['abi']).map((c) => c.abi);
const errors = inferenceAbi.filter((item) => item.type === 'error');
const registry = { address: at(1), abi: [...modelAbi, ...errors] };
const nodes = { address: at(2), abi: nodeAbi };
const scheduler = { address: at(6), abi: [...schedulerAbi, ...errors] };
const daInfo = { address: at(7), abi: daAbi };
const [governor, bob] = accounts.map((a) => privateKeyToAccount(a.key));
const model = keccak256('0x01');
let node;
let client;
let wallet;
let tester;

const mined = async (hash) => {
  const receipt = await client.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, 'success');
  return receipt;
};

/** The name and arguments of the error that `call` reverts with. */
const errorOf = async (call) => {
  const error = await call.then(() => assert.fail('did not revert'), (e) => e);
  const { errorName, args } = error.walk((e) => e.data?.errorName)?.data ?? assert.fail(error.message);
  return [errorName, ...(args ?? [])];
};

describe('system contracts', { skip: isAnvil }, () => {
  before(async () => {
    node = await startNode();
    const chain = defineChain({ id: chainId, name: 'Valence', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [node.url] } } });
    const transport = http(node.url);
    client = createPublicClient({ chain, transport, pollingInterval: 20 });
    wallet = createWalletClient({ account: bob, chain, transport });
    tester = createTestClient({ chain, transport, mode: 'anvil' });
  });
  after(() => node?.stop());

  test('are there from block 0, behind proxies of the governance key', async () => {
    const adminSlot = '0xb53127684a568b3173ae13b9f8a6016e243e63b6e8ee1178d6a717850b5d6103';
    const implementationSlot = '0x360894a13ba1a3210667c828492db98dca3e2076cc3735a920a3ca505d382bbc';
    for (const number of [1, 2, 6, 7]) {
      const address = at(number);
      const slot = (name) => client.getStorageAt({ address, slot: name, blockNumber: 0n });
      assert.equal(BigInt(await slot(adminSlot)), BigInt(governor.address));
      assert.equal(BigInt(await slot(implementationSlot)), BigInt(at(0x1000 + number)));
      assert.notEqual(await client.getCode({ address: at(0x1000 + number), blockNumber: 0n }), undefined);
    }
  });

  test('the registry is empty, and says so', async () => {
    assert.equal(await client.readContract({ ...registry, functionName: 'modelCount' }), 0n);
    assert.deepEqual(await errorOf(client.readContract({ ...registry, functionName: 'resolve', args: ['fee'] })), ['UnknownName', 'fee']);
    assert.deepEqual(await errorOf(client.simulateContract({ ...registry, account: bob, functionName: 'open', args: [model] })), ['UnknownModelId', model]);
  });

  test('what is no verifying key is refused by the precompile, by name', async () => {
    const call = { ...registry, account: bob, functionName: 'register', args: ['0x1234', 'fee', '', 0x42, 0] };
    const [name] = await errorOf(client.simulateContract(call));
    assert.equal(name, 'InvalidModel');
  });

  test('a compute node registers itself', async () => {
    await mined(await wallet.writeContract({ ...nodes, functionName: 'register', args: [bob.address, 'https://node.example', 0x42, 0, '0x'] }));
    assert.equal(await client.readContract({ ...nodes, functionName: 'operatorFor', args: [bob.address, 6] }), bob.address);
    assert.equal(await client.readContract({ ...nodes, functionName: 'operatorFor', args: [bob.address, 2] }), zeroAddress);
    const signature = await governor.signMessage({ message: 'not this' });
    const stolen = { ...nodes, account: bob, functionName: 'register', args: [governor.address, '', 0x42, 0, signature] };
    assert.deepEqual(await errorOf(client.simulateContract(stolen)), ['BadPossessionProof', governor.address]);
    const digest = await client.readContract({ ...nodes, functionName: 'possessionDigest', args: [bob.address] });
    const proof = await governor.sign({ hash: digest });
    await mined(await wallet.writeContract({ ...stolen, args: [governor.address, '', 0x42, 0, proof] }));
  });

  test('a request for a model that is not there says which, in viem and in cast', async () => {
    const args = [model, 1, [1n], 100_000n, 1_000_000n];
    assert.deepEqual(await errorOf(client.simulateContract({ ...scheduler, account: bob, functionName: 'request', args, value: parseEther('1') })), ['UnknownModel', model]);
    const call = ['call', scheduler.address, 'requestPrice(bytes32,uint8,uint256,uint64)', model, '1', '1', '0', '--rpc-url', node.url];
    const failed = await run('cast', call).then(() => assert.fail('did not fail'), (error) => error);
    assert.match(failed.stderr, new RegExp(`${model.slice(2)}`));
  });

  test('a schedule is paid for, and refunded when it is cancelled', async () => {
    const head = await client.getBlockNumber();
    const args = [bob.address, '0x', 5n, head + 1000n, 50_000n];
    // Calls that name no gas price see a base fee of 0, so that this is the price at one wei for each unit of gas.
    const gas = await client.readContract({ ...scheduler, functionName: 'schedulePrice', args: [5n, head + 1000n, 50_000n] });
    const { baseFeePerGas } = await client.getBlock();
    const price = gas * ((baseFeePerGas * 125n) / 100n + 1n);
    await mined(await wallet.writeContract({ ...scheduler, functionName: 'schedule', args, value: price * 2n }));
    assert.deepEqual(await client.readContract({ ...scheduler, functionName: 'queued' }), [0n, 1n]);
    await mined(await wallet.writeContract({ ...scheduler, functionName: 'cancel', args: [1n] }));
    assert.equal(await client.readContract({ ...scheduler, functionName: 'credits', args: [bob.address] }), price * 2n);
    await mined(await wallet.writeContract({ ...scheduler, functionName: 'withdraw', args: [bob.address] }));
    assert.equal(await client.getBalance({ address: scheduler.address }), 0n);
  });

  test('only the system delivers and writes', async () => {
    const set = { ...daInfo, account: bob, functionName: 'set', args: [1n << 40n, model, 1n << 40n] };
    const abi = [...daAbi, { type: 'error', name: 'OnlySystem', inputs: [{ name: 'sender', type: 'address' }] }];
    assert.deepEqual(await errorOf(client.simulateContract({ ...set, abi })), ['OnlySystem', bob.address]);
    const deliver = { ...scheduler, abi: [...scheduler.abi, ...abi], account: governor, functionName: 'deliver', args: [1n] };
    assert.deepEqual(await errorOf(client.simulateContract(deliver)), ['OnlySystem', governor.address]);
  });

  test('governance upgrades, nobody else', async () => {
    const { abi } = compileFiles(['system/SystemProxy.sol'], ['abi'])[0];
    const upgrade = [{ type: 'function', name: 'upgradeToAndCall', stateMutability: 'payable', inputs: [{ name: 'to', type: 'address' }, { name: 'data', type: 'bytes' }], outputs: [] }, ...abi];
    const token = compile('examples/ExampleToken.sol');
    const { contractAddress } = await mined(await wallet.deployContract({ ...token, args: ['Next', 'N'] }));
    const call = { address: daInfo.address, abi: upgrade, functionName: 'upgradeToAndCall', args: [contractAddress, '0x'] };
    await assert.rejects(client.simulateContract({ ...call, account: bob }));
    const snapshot = await tester.snapshot();
    await mined(await wallet.writeContract({ ...call, account: governor }));
    assert.equal(await client.readContract({ address: daInfo.address, abi: token.abi, functionName: 'decimals' }), 18);
    await tester.revert({ id: snapshot });
    assert.equal(typeof (await client.readContract({ ...daInfo, functionName: 'height' })), 'bigint');
  });

  test('the example market deploys and reports a missing model as the precompile does', async () => {
    const token = compile('examples/ExampleToken.sol');
    const market = compile('examples/InferenceAmm.sol');
    const tokens = [];
    for (const name of ['A', 'B']) {
      tokens.push((await mined(await wallet.deployContract({ ...token, args: [name, name] }))).contractAddress);
    }
    const args = [...tokens, model, 1, 500n, 10_000n, 3n * 10n ** 17n, 3600n, new Array(32).fill(0n)];
    const { contractAddress } = await mined(await wallet.deployContract({ ...market, args }));
    const call = { address: contractAddress, abi: [...market.abi, ...errors], functionName: 'currentFee' };
    assert.deepEqual(await errorOf(client.readContract(call)), ['UnknownModel', model]);
    assert.equal((await client.readContract({ ...call, functionName: 'window' })).length, 32);
    assert.equal(toHex(await client.readContract({ ...call, functionName: 'mode' })), '0x1');
  });
});
