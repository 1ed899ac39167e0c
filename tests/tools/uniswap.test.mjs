// Uniswap v4 from its npm package: the protocol's own published bytecode is deployed, a pool initialised, funded and
// swapped through. It leans on transient storage, packed calls and 24 kB of optimised code.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { createPublicClient, createWalletClient, decodeEventLog, defineChain, encodeAbiParameters, getContract, http, keccak256, parseEther, toFunctionSelector } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { compile } from './contracts.mjs';
import { accounts, chainId, startNode } from './node.mjs';
import { packages } from './paths.mjs';

const artifact = (name) => {
  const { abi, bytecode } = JSON.parse(readFileSync(join(packages, '@uniswap/v4-core/out', `${name}.sol`, `${name}.json`), 'utf8'));
  return { abi, bytecode: bytecode.object };
};
const { Token } = compile('Token.sol');

const noHooks = `0x${'0'.repeat(40)}`;
const priceOne = 2n ** 96n;
const minPriceLimit = 4295128740n;
const maxPriceLimit = 1461446703485210103287273052203988822378723970341n;
const full = { tickLower: -600, tickUpper: 600, salt: `0x${'0'.repeat(64)}` };

const alice = privateKeyToAccount(accounts[0].key);
let node;
let client;
let wallet;
let manager;
let liquidity;
let swapper;
let tokens;
let key;
let poolId;

const deploy = async ({ abi, bytecode }, args) => {
  const hash = await wallet.deployContract({ abi, bytecode, args });
  const { contractAddress: address, status } = await client.waitForTransactionReceipt({ hash });
  assert.equal(status, 'success');
  return getContract({ address, abi, client: { public: client, wallet } });
};
const mined = async (hash) => {
  const receipt = await client.waitForTransactionReceipt({ hash });
  assert.equal(receipt.status, 'success');
  return receipt;
};
const balances = async (owner) => Promise.all(tokens.map((t) => t.read.balanceOf([owner])));
const eventOf = (receipt, name) =>
  receipt.logs
    .filter((log) => log.address === manager.address)
    .map((log) => decodeEventLog({ abi: manager.abi, data: log.data, topics: log.topics }))
    .find((event) => event.eventName === name).args;

before(async () => {
  node = await startNode();
  const chain = defineChain({ id: chainId, name: 'Valence', nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 }, rpcUrls: { default: { http: [node.url] } } });
  client = createPublicClient({ chain, transport: http(), pollingInterval: 20, cacheTime: 0 });
  wallet = createWalletClient({ chain, transport: http(), account: alice });
});
after(() => node?.stop());

test('the pool manager and its routers deploy', async () => {
  manager = await deploy(artifact('PoolManager'), [alice.address]);
  liquidity = await deploy(artifact('PoolModifyLiquidityTest'), [manager.address]);
  swapper = await deploy(artifact('PoolSwapTest'), [manager.address]);
  assert.equal(await manager.read.owner(), alice.address);
});

test('two tokens are made and approved', async () => {
  tokens = [await deploy(Token, ['First', 'ONE', parseEther('1000000')]), await deploy(Token, ['Second', 'TWO', parseEther('1000000')])];
  tokens.sort((a, b) => (BigInt(a.address) < BigInt(b.address) ? -1 : 1));
  for (const token of tokens) {
    for (const spender of [liquidity, swapper]) await mined(await token.write.approve([spender.address, 2n ** 256n - 1n]));
  }
  key = { currency0: tokens[0].address, currency1: tokens[1].address, fee: 3000, tickSpacing: 60, hooks: noHooks };
  const fields = ['address', 'address', 'uint24', 'int24', 'address'].map((type) => ({ type }));
  poolId = keccak256(encodeAbiParameters(fields, Object.values(key)));
});

test('a pool is initialised at price one, once', async () => {
  const event = eventOf(await mined(await manager.write.initialize([key, priceOne])), 'Initialize');
  assert.equal(event.id, poolId);
  assert.equal(event.tick, 0);
  await assert.rejects(manager.simulate.initialize([key, priceOne]), new RegExp(toFunctionSelector('PoolAlreadyInitialized()')));
});

test('liquidity is added and taken from the provider', async () => {
  const before = await balances(alice.address);
  const receipt = await mined(await liquidity.write.modifyLiquidity([key, { ...full, liquidityDelta: parseEther('10000') }, '0x']));
  const event = eventOf(receipt, 'ModifyLiquidity');
  assert.equal(event.liquidityDelta, parseEther('10000'));
  const after = await balances(alice.address);
  const held = await balances(manager.address);
  assert.deepEqual(held, before.map((b, i) => b - after[i]));
  assert.equal(held[0], held[1]);
});

const settings = { takeClaims: false, settleUsingBurn: false };

test('an exact-input swap pays what the constant product says', async () => {
  const before = await balances(alice.address);
  const amount = parseEther('1');
  const params = { zeroForOne: true, amountSpecified: -amount, sqrtPriceLimitX96: minPriceLimit };
  const { result } = await swapper.simulate.swap([key, params, settings, '0x'], { account: alice });
  const receipt = await mined(await swapper.write.swap([key, params, settings, '0x']));
  const event = eventOf(receipt, 'Swap');
  assert.equal(event.id, poolId);
  assert.equal(event.sender.toLowerCase(), swapper.address);
  assert.equal(event.fee, 3000);
  assert.equal(event.amount0, -amount);
  assert.ok(event.sqrtPriceX96 < priceOne);

  const after = await balances(alice.address);
  assert.equal(after[0] - before[0], -amount);
  assert.equal(after[1] - before[1], event.amount1);
  assert.equal(BigInt.asUintN(256, result), (BigInt.asUintN(128, event.amount0) << 128n) | BigInt.asUintN(128, event.amount1));

  // At price one with liquidity L, an input x after its fee buys L·x / (L + x).
  const input = (amount * 997000n) / 1000000n;
  const expected = (parseEther('10000') * input) / (parseEther('10000') + input);
  const error = expected - event.amount1;
  assert.ok(error >= -2n && error <= 2n, `off by ${error}`);
});

test('an exact-output swap the other way, and a price limit', async () => {
  const amount = parseEther('2');
  const before = await balances(alice.address);
  const params = { zeroForOne: false, amountSpecified: amount, sqrtPriceLimitX96: maxPriceLimit };
  const event = eventOf(await mined(await swapper.write.swap([key, params, settings, '0x'])), 'Swap');
  const after = await balances(alice.address);
  assert.equal(after[0] - before[0], amount);
  assert.equal(after[1] - before[1], event.amount1);
  assert.ok(event.amount1 < 0n);
  await assert.rejects(swapper.simulate.swap([key, { ...params, sqrtPriceLimitX96: minPriceLimit }, settings, '0x'], { account: alice }), /PriceLimitAlreadyExceeded|reverted/);
});

test('the pool holds what it owes: all liquidity comes out again, fees included', async () => {
  await mined(await liquidity.write.modifyLiquidity([key, { ...full, liquidityDelta: -parseEther('10000') }, '0x']));
  for (const rest of await balances(manager.address)) assert.ok(rest < 10n, `${rest} left`);
});
