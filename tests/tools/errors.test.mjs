// Bad input: what the node answers is what a geth user expects. Each row: what is sent, then geth's code and message.
// Anvil words many of these differently; where it stands in for the node under test only the refusal is checked.
import assert from 'node:assert/strict';
import { createConnection } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { concatHex, encodeFunctionData, keccak256, parseGwei, parseSignature, serializeTransaction, toHex, toRlp, trim } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { compile } from './contracts.mjs';
import { accounts, chainId, isAnvil, startNode } from './node.mjs';

const { Counter } = compile('Counter.sol');
const alice = privateKeyToAccount(accounts[0].key);
const bob = privateKeyToAccount(accounts[1].key);
const nobody = privateKeyToAccount(`0x${'0d'.repeat(32)}`);
const unknownHash = `0x${'ab'.repeat(32)}`;
let node;
let counter;

const transfer = { type: 'eip1559', chainId, to: bob.address, value: 1n, gas: 21000n, maxFeePerGas: parseGwei('10'), maxPriorityFeePerGas: parseGwei('1') };
const sign = (fields, account = alice) => account.signTransaction({ ...transfer, nonce: 0, ...fields });
const nextNonce = async () => Number(await node.rpc('eth_getTransactionCount', alice.address, 'latest'));
const sendRaw = async (raw) => node.call('eth_sendRawTransaction', await raw);

async function overBlockLimit() {
  const { gasLimit } = await node.rpc('eth_getBlockByNumber', 'latest', false);
  // A fee of one wei keeps the total under geth's cap of one ether, which is checked first.
  return sign({ nonce: 1, gas: BigInt(gasLimit) + 1n, maxFeePerGas: 1n, maxPriorityFeePerGas: 1n });
}

/** viem refuses to sign this one, so it is put together by hand. */
async function tipAboveFeeCap() {
  const fields = [toHex(chainId), '0x01', toHex(parseGwei('11')), toHex(parseGwei('10')), toHex(21000), bob.address, '0x', '0x', []];
  const { r, s, yParity } = parseSignature(await alice.sign({ hash: keccak256(concatHex(['0x02', toRlp(fields)])) }));
  return concatHex(['0x02', toRlp([...fields, yParity ? '0x01' : '0x', trim(r), trim(s)])]);
}

/** Checks an error against geth's: exact code, message by pattern. `t` is the running test. */
function assertError(t, answer, code, message) {
  if (isAnvil) {
    if (!answer?.error) t.skip('anvil accepts it');
    return;
  }
  assert.ok(answer?.error, `it is refused; the answer was ${JSON.stringify(answer)?.slice(0, 300)}`);
  assert.ok([code].flat().includes(answer.error.code), `code ${answer.error.code}: ${answer.error.message}`);
  assert.match(answer.error.message, message);
}

before(async () => {
  node = await startNode();
  const hash = await node.rpc('eth_sendRawTransaction', await sign({ to: undefined, value: 0n, gas: 1500000n, data: concatHex([Counter.bytecode, toHex(1n, { size: 32 })]) }));
  for (let i = 0; i < 100 && !counter; i++) counter = (await node.rpc('eth_getTransactionReceipt', hash))?.contractAddress;
  assert.ok(counter);
});
after(() => node?.stop());

describe('requests', () => {
  const rows = [
    ['not JSON', '{"jsonrpc":', -32700, /parse error/],
    ['a number', '1', -32600, /invalid request/],
    ['an empty object', '{}', -32600, /invalid request/],
    ['no method', '{"jsonrpc":"2.0","id":1}', -32600, /invalid request/],
    ['a method that is no string', '{"jsonrpc":"2.0","id":1,"method":5}', -32600, /invalid request|parse error/],
    ['another version', '{"jsonrpc":"1.0","id":1,"method":"eth_chainId","params":[]}', -32600, /invalid request/],
    ['an empty batch', '[]', -32600, /empty batch/],
    ['an unknown method', '{"jsonrpc":"2.0","id":1,"method":"eth_noSuchThing","params":[]}', -32601, /the method eth_noSuchThing does not exist\/is not available/],
    ['an unknown namespace', '{"jsonrpc":"2.0","id":1,"method":"nosuch","params":[]}', -32601, /the method nosuch does not exist\/is not available/],
    ['a missing parameter', '{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":[]}', -32602, /missing value for required argument 0/],
    ['params that are no array', '{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":"0x"}', -32602, /non-array args|invalid argument/],
    ['too many parameters', '{"jsonrpc":"2.0","id":1,"method":"eth_chainId","params":[1]}', -32602, /too many arguments, want at most 0/],
    ['a short address', '{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["0x1234","latest"]}', -32602, /invalid argument 0: .*(hex string has length 4, want 40)/],
    ['an address without 0x', `{"jsonrpc":"2.0","id":1,"method":"eth_getBalance","params":["${'12'.repeat(20)}","latest"]}`, -32602, /invalid argument 0: .*hex string without 0x prefix/],
    ['a quantity with a leading zero', '{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["0x01",false]}', -32602, /invalid argument 0: .*hex number with leading zero digits/],
    ['a hash for a number', `{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["${unknownHash}",false]}`, -32602, /invalid argument 0/],
    ['odd hex', '{"jsonrpc":"2.0","id":1,"method":"eth_sendRawTransaction","params":["0x123"]}', -32602, /invalid argument 0: .*odd length/],
    ['a boolean that is none', '{"jsonrpc":"2.0","id":1,"method":"eth_getBlockByNumber","params":["latest","yes"]}', -32602, /invalid argument 1/],
  ];
  for (const [name, body, code, message] of rows) {
    test(name, async (t) => {
      assertError(t, (await node.raw(body)).json, code, message);
    });
  }

  test('the id comes back as it was, of any type', async () => {
    for (const id of ['1', '"a"', '1.5', 'null', '9007199254740993']) {
      const { text } = await node.raw(`{"jsonrpc":"2.0","id":${id},"method":"net_version","params":[]}`);
      if (isAnvil && (id === '1.5' || id === 'null')) continue;
      assert.ok(text.replaceAll(' ', '').includes(`"id":${id}`), text);
    }
  });

  test('a notification in a batch gets no answer; bad elements get their own error', { skip: isAnvil && 'anvil refuses the batch' }, async (t) => {
    const { json } = await node.raw('[{"jsonrpc":"2.0","method":"net_version","params":[]},1,{"jsonrpc":"2.0","id":7,"method":"net_version","params":[]}]');
    assert.equal(json.length, 2);
    assertError(t, json.find((a) => a.error), -32600, /invalid request/);
    assert.equal(json.find((a) => a.id === 7).result, String(chainId));
  });

  test('a batch of 1,000 is answered in order, a larger one refused whole', { skip: isAnvil && 'anvil has no batch limit' }, async (t) => {
    const batch = (n) => JSON.stringify(Array.from({ length: n }, (_, id) => ({ jsonrpc: '2.0', id, method: 'eth_chainId', params: [] })));
    const { json } = await node.raw(batch(1000));
    assert.deepEqual(json.map((a) => a.id), Array.from({ length: 1000 }, (_, i) => i));
    const refused = (await node.raw(batch(1001))).json;
    assertError(t, Array.isArray(refused) ? refused[0] : refused, -32600, /batch too large/);
  });

  test('JSON nested 100,000 deep is a parse error, and the node lives on', async (t) => {
    const body = `{"jsonrpc":"2.0","id":1,"method":"eth_call","params":${'['.repeat(100000)}${']'.repeat(100000)}}`;
    assertError(t, (await node.raw(body)).json, -32700, /parse error/);
    assert.equal(await node.rpc('net_version'), String(chainId));
  });

  test('a body over 5 MiB is 413', { skip: isAnvil && 'anvil takes any size' }, async () => {
    const body = `{"jsonrpc":"2.0","id":1,"method":"eth_call","params":["${'0'.repeat(6 << 20)}"]}`;
    const answer = await node.raw(body).catch((e) => e);
    // The node may close the connection before it has read everything: the client then sees a reset.
    if (answer.status) assert.equal(answer.status, 413);
    assert.equal(await node.rpc('net_version'), String(chainId));
  });

  test('other content types and HTTP methods are refused', { skip: isAnvil && 'anvil answers otherwise' }, async () => {
    const typed = await node.raw('{"jsonrpc":"2.0","id":1,"method":"net_version"}', { 'content-type': 'text/plain' });
    assert.equal(typed.status, 415);
    assert.equal((await fetch(node.url, { method: 'PUT' })).status, 405);
    assert.equal((await fetch(node.url, { method: 'DELETE' })).status, 405);
  });

  test('CORS preflight is answered for browser wallets', async () => {
    const response = await fetch(node.url, {
      method: 'OPTIONS',
      headers: { origin: 'http://example.org', 'access-control-request-method': 'POST', 'access-control-request-headers': 'content-type' },
    });
    assert.ok(response.status === 200 || response.status === 204, String(response.status));
    assert.ok(['*', 'http://example.org'].includes(response.headers.get('access-control-allow-origin')));
  });

  test('garbage instead of HTTP closes that connection only', async () => {
    const { hostname, port } = new URL(node.url);
    await new Promise((done) => {
      const socket = createConnection(Number(port), hostname, () => socket.write(Buffer.from([0, 255, 1, 2, 13, 10, 13, 10, 7, 7])));
      socket.on('data', () => socket.end());
      socket.on('error', done);
      socket.on('close', done);
      setTimeout(() => socket.destroy(), 2000);
    });
    assert.equal(await node.rpc('net_version'), String(chainId));
  });
});

describe('raw transactions', () => {
  const rows = [
    ['no bytes', () => '0x', -32000, /typed transaction too short/],
    ['an unknown type', () => '0x7fc0', -32000, /transaction type not supported/],
    ['a list that is cut off', () => '0xf8ff01', -32000, /^rlp: /],
    ['a typed transaction cut off', async () => (await sign({})).slice(0, -20), -32000, /^rlp: /],
    ['bytes after the transaction', async () => `${await sign({ nonce: 1 })}00`, -32000, /^rlp: /],
    ['an integer with a leading zero', () => '0xe00080825208940000000000000000000000000000000000000000808025018080', -32000, /^rlp: /],
    ['another chain id', () => sign({ nonce: 1, chainId: chainId + 1 }), -32000, new RegExp(`invalid sender: invalid chain id for signer: have ${chainId + 1} want ${chainId}`)],
    ['another chain id, type 0', () => sign({ nonce: 1, type: 'legacy', gasPrice: parseGwei('10'), maxFeePerGas: undefined, maxPriorityFeePerGas: undefined, chainId: chainId + 1 }), -32000, /invalid sender: invalid chain id for signer/],
    ['a nonce already used', () => sign({ nonce: 0, value: 2n }), -32000, /nonce too low: next nonce 1, tx nonce 0/],
    ['more value than the balance', () => sign({ nonce: 0 }, nobody), -32000, /insufficient funds for gas \* price \+ value: balance 0, tx cost 210000000000001, overshot 210000000000001/],
    ['gas over the block limit', () => overBlockLimit(), -32000, /exceeds block gas limit|transaction gas limit too high/],
    ['gas under the intrinsic cost', () => sign({ nonce: 1, gas: 20999n }), -32000, /intrinsic gas too low/],
    ['gas under the calldata floor (EIP-7623)', () => sign({ nonce: 1, gas: 22000n, data: `0x${'ff'.repeat(60)}` }), -32000, /intrinsic gas too low|insufficient gas for floor data gas cost/],
    ['a tip above the fee cap', () => tipAboveFeeCap(), -32000, /max priority fee per gas higher than max fee per gas/],
    ['init code over 49,152 bytes (EIP-3860)', () => sign({ nonce: 1, to: undefined, gas: 5000000n, data: `0x${'00'.repeat(49153)}` }), -32000, /max initcode size exceeded/],
    ['over 128 KiB', () => sign({ nonce: 1, gas: 10000000n, data: `0x${'01'.repeat(131073)}` }), -32000, /oversized data/],
    ['a signature s of zero', async () => serializeTransaction({ ...transfer, nonce: 1 }, { r: toHex(1n, { size: 32 }), s: toHex(0n, { size: 32 }), yParity: 0 }), -32000, /invalid sender: invalid transaction v, r, s values|invalid transaction v, r, s values/],
    ['a signature with high s', async () => serializeTransaction({ ...transfer, nonce: 1 }, { r: toHex(1n, { size: 32 }), s: toHex(0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364140n, { size: 32 }), yParity: 0 }), -32000, /invalid transaction v, r, s values/],
    ['a blob transaction', () => `0x03${'f8'}${'ff'}`, -32000, /./],
    ['an empty authorization list (EIP-7702)', async () => serializeTransaction({ ...transfer, type: 'eip7702', nonce: 1, authorizationList: [] }, { r: toHex(1n, { size: 32 }), s: toHex(1n, { size: 32 }), yParity: 0 }), -32000, /./],
  ];
  for (const [name, raw, code, message] of rows) {
    test(name, async (t) => assertError(t, await sendRaw(raw()), code, message));
  }

  test('the same transaction twice: already known', async (t) => {
    await node.rpc('evm_setAutomine', false);
    const raw = await sign({ nonce: await nextNonce() });
    assert.match(await node.rpc('eth_sendRawTransaction', raw), /^0x/);
    assertError(t, await sendRaw(raw), -32000, /already known/);
  });

  test('a replacement that pays less than 10 % more: underpriced', async (t) => {
    const nonce = await nextNonce();
    assertError(t, await sendRaw(sign({ nonce, value: 3n, maxFeePerGas: parseGwei('10.5'), maxPriorityFeePerGas: parseGwei('1.05') })), -32000, /replacement transaction underpriced/);
    const hash = await node.rpc('eth_sendRawTransaction', await sign({ nonce, value: 4n, maxFeePerGas: parseGwei('11'), maxPriorityFeePerGas: parseGwei('1.1') }));
    await node.rpc('evm_mine');
    await node.rpc('evm_setAutomine', true);
    assert.equal((await node.rpc('eth_getTransactionReceipt', hash)).status, '0x1');
  });
});

describe('calls', () => {
  const call = (name, args) => ({ to: counter, data: encodeFunctionData({ abi: Counter.abi, functionName: name, args }) });
  const rows = [
    ['a revert reason', 'eth_call', () => [call('failWithReason'), 'latest'], 3, /^execution reverted: no luck today$/],
    ['a custom error', 'eth_call', () => [call('setNumber', [5000n]), 'latest'], 3, /^execution reverted$/],
    ['a panic', 'eth_call', () => [call('failWithPanic', [0n]), 'latest'], 3, /^execution reverted: division or modulo by zero$/],
    ['a revert without data', 'eth_call', () => [call('failSilently'), 'latest'], [3, -32000], /^execution reverted$/],
    ['an invalid opcode', 'eth_call', () => [call('failWithInvalidOpcode'), 'latest'], -32000, /^invalid opcode: INVALID$/],
    ['gas that runs out', 'eth_call', () => [{ ...call('loopForever'), gas: '0x186a0' }, 'latest'], -32000, /out of gas/],
    ['value beyond the balance', 'eth_call', () => [{ from: nobody.address, to: counter, value: '0x1' }, 'latest'], -32000, /insufficient funds for (gas \* price \+ value|transfer)/],
    ['a fee cap under the base fee', 'eth_call', () => [{ ...call('number'), from: alice.address, maxFeePerGas: '0x1' }, 'latest'], -32000, /max fee per gas less than block base fee/],
    ['both gasPrice and maxFeePerGas', 'eth_call', () => [{ ...call('number'), gasPrice: '0x1', maxFeePerGas: '0x1' }, 'latest'], -32000, /both gasPrice and \(maxFeePerGas or maxPriorityFeePerGas\) specified/],
    ['data and input that differ', 'eth_fillTransaction', () => [{ from: alice.address, to: counter, data: '0x01', input: '0x02' }], -32000, /both "data" and "input" are set and not equal/],
    ['an estimate of a revert', 'eth_estimateGas', () => [call('failWithReason')], 3, /^execution reverted: no luck today$/],
    ['an estimate beyond the allowance', 'eth_estimateGas', () => [{ ...call('increment'), gas: '0x5208' }], -32000, /gas required exceeds allowance \(21000\)|intrinsic gas too low/],
    ['a block in the future', 'eth_call', () => [call('number'), '0xffffff'], -32000, /header not found|block not found/],
    ['an unknown block hash', 'eth_getBalance', () => [alice.address, { blockHash: unknownHash }], -32000, /header for hash not found|header not found|block .*not found/],
    ['logs from later to earlier', 'eth_getLogs', () => [{ fromBlock: '0x1', toBlock: '0x0' }], -32602, /invalid block range/],
    ['logs by hash and range', 'eth_getLogs', () => [{ blockHash: unknownHash, fromBlock: '0x0' }], -32602, /cannot specify both BlockHash and FromBlock\/ToBlock/],
    ['logs of an unknown block', 'eth_getLogs', () => [{ blockHash: unknownHash }], -32000, /unknown block/],
    ['changes of an unknown filter', 'eth_getFilterChanges', () => ['0x1234567890abcdef1234567890abcdef'], -32000, /filter not found/],
    ['a sender whose key the node lacks', 'eth_sendTransaction', () => [{ from: nobody.address, to: bob.address, value: '0x1' }], -32000, /unknown account/],
    ['a trace of an unknown transaction', 'debug_traceTransaction', () => [unknownHash], -32000, /transaction not found/],
    ['an unknown tracer', 'debug_traceCall', () => [call('number'), 'latest', { tracer: 'noSuchTracer' }], -32000, /./],
    ['too many blocks of fee history', 'eth_feeHistory', () => ['0x1', 'latest', [50, 10]], -32000, /invalid reward percentile/],
  ];
  for (const [name, method, params, code, message] of rows) {
    test(name, async (t) => {
      assertError(t, await node.call(method, ...params()), code, message);
    });
  }

  const absent = [
    ['eth_getTransactionByHash', [unknownHash]], ['eth_getTransactionReceipt', [unknownHash]], ['eth_getBlockByHash', [unknownHash, false]],
    ['eth_getBlockByNumber', ['0xffffff', false]], ['eth_getBlockReceipts', ['0xffffff']], ['eth_getTransactionByBlockNumberAndIndex', ['0x1', '0x63']],
    ['eth_getUncleByBlockHashAndIndex', [unknownHash, '0x0']],
  ];
  for (const [method, params] of absent) {
    test(`${method} of what is not there is null, not missing`, { skip: isAnvil && /Receipts|Uncle/.test(method) && 'anvil errs' }, async () => {
      const { text } = await node.raw(JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }));
      assert.match(text, /"result"\s*:\s*null/);
    });
  }
});
