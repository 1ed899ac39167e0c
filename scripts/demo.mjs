// The main job, narrated: start a chain, upload a model, deploy a market whose fee is the model's answer, swap, and let
// full nodes verify everything.
// Run by ./run; with --once the node is stopped at the end, otherwise it is left running until Ctrl-C.
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPublicClient, createWalletClient, defineChain, formatEther, getAddress, http, keccak256, pad, parseAbi, parseEther, parseEventLogs, toHex } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';
import { compile } from './solidity.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const once = process.argv.includes('--once');
const port = Number(process.env.PORT ?? 8545);

const [REPLAY, ZK, TEE] = [1, 2, 3];
/** What the precompile reverts with (contracts/lib/IInference.sol), as far as it is shown here. */
const inferenceErrors = parseAbi(['error ModeUnsupported(uint8 mode)', 'error ModeNotAllowed(bytes32 model, uint8 mode)']);

const bold = process.stdout.isTTY && !process.env.NO_COLOR ? (text) => `\x1b[1m${text}\x1b[0m` : (text) => text;
const say = (text) => console.log(`\n${bold(text)}`);
const grouped = (number) => Number(number).toLocaleString('en');
const fact = (name, value) => console.log(`  ${name.padEnd(14)} ${value}`);
const timed = async (work) => {
  const start = performance.now();
  const result = await work();
  return [result, `${(performance.now() - start).toFixed(1)} ms`];
};

const program = process.env.VALENCE_BIN ?? join(root, 'build/release/bin/valence');

/** Starts a node and waits for the URL that it prints. */
function startNode(args) {
  const node = spawn(program, args, {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // Ctrl-C reaches this script, which then stops the node.
  });
  running.push(node);
  return new Promise((done, failed) => {
    let output = '';
    node.stdout.on('data', (chunk) => {
      output += chunk;
      const url = output.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0];
      if (url) done({ node, url, banner: output });
    });
    node.once('exit', (code) => failed(new Error(`valence ${args[0]} ended with ${code}:\n${output}`)));
  });
}

const running = [];
const stop = (node) =>
  new Promise((done) => {
    if (node.exitCode !== null) return done();
    node.removeAllListeners('exit');
    node.once('exit', done);
    node.kill('SIGINT');
  });
const stopAll = () => Promise.all(running.splice(0).map(stop));

/** Runs a command of the program to its end, and answers what it printed. */
function command(...args) {
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`valence ${args.join(' ')} failed:\n${stdout}${stderr}`);
  return stdout + stderr;
}

async function main() {
  say('1. Start a chain, with compute nodes beside the sequencer');
  const dev = ['dev', '--port', String(port), '--da', 'embedded', '--da-port', '0'];
  const [{ url, banner }, started] = await timed(() => startNode(dev));
  const layer = banner.match(/Data availability: (\S+)/)[1];
  try {
    await useChain(url, started, layer);
  } catch (error) {
    await stopAll();
    throw error;
  }
  if (once) {
    await stopAll();
    say('Done; all nodes are stopped.');
    return;
  }
  say(`The chain goes on at ${url} (chain id 1986). Ctrl-C stops it.`);
  console.log(`  Try:  node_modules/.bin/cast block --rpc-url ${url}`);
  process.once('SIGINT', () => stopAll().then(() => process.exit(0)));
  process.once('SIGTERM', () => stopAll().then(() => process.exit(0)));
}

async function useChain(url, started, layer) {
  const transport = http(url);
  const bare = createPublicClient({ transport });
  const chain = defineChain({
    id: await bare.getChainId(),
    name: 'Valence',
    nativeCurrency: { name: 'Ether', symbol: 'ETH', decimals: 18 },
    rpcUrls: { default: { http: [url] } },
  });
  const reader = createPublicClient({ chain, transport, pollingInterval: 5 });
  // The first of the accounts that every development chain funds.
  const key = '0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80';
  const account = privateKeyToAccount(key);
  const wallet = createWalletClient({ account, chain, transport });
  const mined = async (hash) => {
    const receipt = await reader.waitForTransactionReceipt({ hash: await hash });
    if (receipt.status !== 'success') throw new Error(`transaction ${receipt.transactionHash} reverted`);
    return receipt;
  };
  // With a wallet's headroom: a market that counts seconds uses more gas a second after the estimate.
  const send = async (contract, functionName, args) => {
    const call = { ...contract, functionName, args, account };
    const gas = ((await reader.estimateContractGas(call)) * 5n) / 4n;
    return mined(wallet.writeContract({ ...call, gas }));
  };
  fact('node', `${url}, chain id ${chain.id}, up in ${started}`);
  fact('account', `${account.address} with ${grouped(formatEther(await reader.getBalance(account)))} ETH`);

  say('2. Upload a model: a volatility forecaster, trained on 25,000 days of real prices (models/volatility-mlp)');
  const [pushed, pushTime] = await timed(() =>
    command('model', 'push', join(root, 'models/volatility-mlp/model.onnx'), '--samples', join(root, 'models/volatility-mlp/test_data_set_0'), '--name', 'volatility', '--rpc', url, '--private-key', key),
  );
  const model = pushed.match(/0x[0-9a-f]{64}/)[0];
  const quote = await reader.request({ method: 'valence_quote', params: [model, 'REPLAY'] });
  fact('model id', model);
  fact('registered', `quantised, uploaded, registered and opened in ${pushTime}`);
  fact('an answer', `costs ${grouped(quote.gas)} gas, of which ${grouped(quote.computeGas)} go to whoever computes it`);

  say('3. Deploy a market whose fee is that model’s answer: contracts/examples/InferenceAmm.sol');
  const token = compile('examples/ExampleToken.sol');
  const amm = compile('examples/InferenceAmm.sol');
  const deploy = async (contract, args) => {
    const receipt = await mined(wallet.deployContract({ ...contract, args }));
    return { address: receipt.contractAddress, abi: contract.abi };
  };
  const gold = await deploy(token, ['Gold', 'GLD']);
  const dollar = await deploy(token, ['Dollar', 'USD']);
  // A calm month elsewhere: returns of half a percent, up and down.
  const calm = Array.from({ length: 32 }, (_, i) => (i % 2 ? -5_000_000_000_000_000n : 5_000_000_000_000_000n));
  // Fees from 0.05 % to 3 %, a third of the forecast between; a return each second.
  const market = await deploy(amm, [gold.address, dollar.address, model, REPLAY, 500n, 30_000n, parseEther('0.33'), 1n, calm]);
  for (const one of [gold, dollar]) {
    await send(one, 'mint', [account.address, parseEther('1000000')]);
    await send(one, 'approve', [market.address, parseEther('1000000')]);
  }
  await send(market, 'mint', [parseEther('1000'), parseEther('100000'), 0n]);
  fact('market', `${getAddress(market.address)} with 1,000 GLD and 100,000 USD`);

  say('4. Swap: the market asks the model inside the transaction');
  const swap = async (amount, mode = REPLAY) => {
    const [receipt, took] = await timed(() => send(market, 'swap', [true, parseEther(amount), 0n, mode]));
    const [event] = parseEventLogs({ abi: amm.abi, eventName: 'Swap', logs: receipt.logs });
    const outcomes = await reader.request({ method: 'valence_getTransactionOutcomes', params: [receipt.transactionHash] });
    return { receipt, took, event: event.args, outcomes };
  };
  const first = await swap('10');
  const [outcome] = first.outcomes;
  fact('forecast', `${(Number(formatEther(first.event.volatility)) * 100).toFixed(3)} % volatility, so a fee of ${Number(first.event.fee) / 1e4} %`);
  fact('received', `${formatEther(first.event.amountOut)} USD for 10 GLD`);
  fact('block', `${first.receipt.blockNumber}, ${grouped(first.receipt.gasUsed)} gas, signed to receipt in ${first.took}`);
  fact('job', outcome.job);
  fact('mode', `${outcome.mode}: trusting ${outcome.trust}; ${Number(outcome.evidence.bytes)} bytes of evidence`);
  fact('computed by', outcome.payee);
  const why = await reader.request({ method: 'valence_job', params: [outcome.job] });
  if (why) fact('balancer', why);

  say('5. The price moves, and so does the fee');
  for (const amount of ['100', '150', '150']) {
    await new Promise((done) => setTimeout(done, 1100)); // The market takes a return a second.
    const { event } = await swap(amount);
    fact(`${amount} GLD`, `forecast ${(Number(formatEther(event.volatility)) * 100).toFixed(3)} %, fee ${Number(event.fee) / 1e4} %`);
  }

  say('6. A swap whose fee is proved: the answer comes with a proof that every node checks, without the model’s weights');
  const proved = await swap('10', ZK);
  const [bound] = proved.outcomes;
  if (bound.mode !== 'ZK' || bound.evidence.kind !== 'proof') throw new Error('the swap’s forecast came without a proof');
  const [check] = await reader.request({ method: 'valence_verifyProofs', params: [toHex(proved.receipt.blockNumber)] });
  if (!check.valid) throw new Error(`the block’s proof does not hold: ${check.error}`);
  fact('forecast', `${(Number(formatEther(proved.event.volatility)) * 100).toFixed(3)} % volatility, so a fee of ${Number(proved.event.fee) / 1e4} %`);
  fact('block', `${proved.receipt.blockNumber}, ${grouped(proved.receipt.gasUsed)} gas, signed to receipt in ${proved.took}`);
  fact('mode', `${bound.mode}: trusting ${bound.trust}`);
  fact('proof', `${grouped(check.proofBytes)} bytes in the block, bound to chain, job and payee; verified in ${(check.microseconds / 1000).toFixed(1)} ms`);
  fact('proved by', bound.payee);

  say('7. What goes wrong says why');
  const attempt = async (name, functionName, args) => {
    try {
      await reader.simulateContract({ ...market, abi: [...amm.abi, ...inferenceErrors], account, functionName, args });
    } catch (error) {
      const data = error.walk((e) => e.data?.errorName)?.data;
      fact(name, data ? `reverts with ${data.errorName}(${data.args.join(', ')})` : error.shortMessage);
    }
  };
  await attempt('too little', 'swap', [true, parseEther('1'), parseEther('1000000')]);
  await attempt('mode TEE', 'swap', [true, parseEther('1'), 0n, TEE]);

  say('8. Three full nodes follow, and verify every answer: by running the model, or by its proof');
  const nodes = await Promise.all([1, 2, 3].map(() => startNode(['full', '--join', url, '--port', '0'])));
  const head = await reader.getBlock();
  const [roots, synced] = await timed(() =>
    Promise.all(
      nodes.map(async ({ url: at }) => {
        const full = createPublicClient({ chain, transport: http(at), pollingInterval: 5 });
        for (;;) {
          const block = await full.getBlock();
          if (block.number >= head.number) return (await full.getBlock({ blockNumber: head.number })).stateRoot;
          await new Promise((done) => setTimeout(done, 20));
        }
      }),
    ),
  );
  fact('state root', head.stateRoot);
  roots.forEach((root, i) => fact(`full node ${i + 1}`, root === head.stateRoot ? `the same, at ${nodes[i].url}` : root));
  for (const [i, { url: at }] of nodes.entries()) {
    const full = createPublicClient({ chain, transport: http(at) });
    const [again] = await full.request({ method: 'valence_verifyProofs', params: [toHex(proved.receipt.blockNumber)] });
    if (!again?.valid) throw new Error(`full node ${i + 1} does not have the block’s proof`);
    fact(`proof on ${i + 1}`, `holds, checked in ${(again.microseconds / 1000).toFixed(1)} ms`);
  }
  fact('synced', `${head.number} blocks each in ${synced}`);
  if (roots.some((root) => root !== head.stateRoot)) throw new Error('a full node came to another state');

  say('9. A proof of it, against the block’s state root');
  const proof = await reader.getProof({ address: market.address, storageKeys: [pad('0x0')], blockNumber: head.number });
  fact('root node', `hashes to ${keccak256(proof.accountProof[0])}`);
  if (keccak256(proof.accountProof[0]) !== head.stateRoot) throw new Error('the proof does not start at the state root');

  say('10. Every block is on data availability: from there alone, a new node and an auditor come to the same');
  const last = await reader.getBlock();
  const [, posted] = await timed(async () => {
    for (;;) {
      const safe = await reader.getBlock({ blockTag: 'safe' });
      if (safe.number >= last.number) return;
      await new Promise((done) => setTimeout(done, 20));
    }
  });
  fact('layer', `${layer}, in celestia-node’s API; all ${last.number} blocks there after ${posted}`);
  const place = await reader.request({ method: 'valence_getBlockDaProof', params: [toHex(proved.receipt.blockNumber)] });
  const [piece] = place.pieces;
  fact('proved swap', `in the layer’s block ${Number(piece.height)}, commitment ${piece.commitment}`);
  fact('inclusion', `proved against data root ${piece.dataRoot}`);
  const { bytes, plainBytes } = await reader.request({ method: 'valence_daStatus' });
  fact('posted', `${grouped(bytes)} bytes, of ${grouped(plainBytes)} before compression`);
  const folder = mkdtempSync(join(tmpdir(), 'valence-demo-'));
  try {
    const genesis = join(folder, 'genesis.json');
    writeFileSync(genesis, JSON.stringify(await reader.request({ method: 'valence_getGenesis' })));
    const derived = await startNode(['full', '--da', layer, '--genesis', genesis, '--port', '0']);
    const full = createPublicClient({ chain, transport: http(derived.url), pollingInterval: 5 });
    const [root, derivedIn] = await timed(async () => {
      for (;;) {
        const block = await full.getBlock();
        if (block.number >= last.number) return (await full.getBlock({ blockNumber: last.number })).stateRoot;
        await new Promise((done) => setTimeout(done, 20));
      }
    });
    fact('full node', `derived to the ${root === last.stateRoot ? 'same' : 'WRONG'} state root in ${derivedIn}`);
    if (root !== last.stateRoot) throw new Error('a node derived another state');
    // Before the layer goes: it would complain.
    await stop(derived.node);
    // On the terminal itself, which shows how far it is.
    for (const how of [['--sample'], []]) {
      console.log(`  ${['valence audit --da', layer, '--genesis genesis.json', ...how].join(' ')}`);
      const { status } = spawnSync(program, ['audit', '--da', layer, '--genesis', genesis, ...how], { stdio: 'inherit' });
      if (status !== 0) throw new Error('the audit found something');
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

main().catch((error) => {
  console.error(`\nrun: ${error.shortMessage ?? error.message}`);
  process.exit(1);
});
