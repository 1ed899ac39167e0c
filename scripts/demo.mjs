// The main job, narrated: start a chain, deploy a contract, use it, and check what the chain says with its own proof.
// Run by ./run; with --once the node is stopped at the end, otherwise it is left running until Ctrl-C.
import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createPublicClient, createWalletClient, defineChain, formatEther, http, keccak256, pad, parseEther } from 'viem';
import { privateKeyToAccount } from 'viem/accounts';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const once = process.argv.includes('--once');
const port = Number(process.env.PORT ?? 8545);

const say = (text) => console.log(`\n\x1b[1m${text}\x1b[0m`);
const fact = (name, value) => console.log(`  ${name.padEnd(14)} ${value}`);
const timed = async (work) => {
  const start = performance.now();
  const result = await work();
  return [result, `${(performance.now() - start).toFixed(1)} ms`];
};

/** Compiles one Solidity file of contracts/ and returns the abi and bytecode of the contract of the same name. */
function compile(file) {
  const solc = createRequire(import.meta.url)('solc');
  const source = readFileSync(join(root, 'contracts', file), 'utf8');
  const name = file.match(/(\w+)\.sol$/)[1];
  const input = {
    language: 'Solidity',
    sources: { [file]: { content: source } },
    settings: { optimizer: { enabled: true }, outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object'] } } },
  };
  const output = JSON.parse(solc.compile(JSON.stringify(input)));
  const contract = output.contracts?.[file]?.[name];
  if (!contract) throw new Error(output.errors.map((e) => e.formattedMessage).join('\n'));
  return { abi: contract.abi, bytecode: `0x${contract.evm.bytecode.object}` };
}

/** Starts the node and waits for the URL that it prints. */
function startNode() {
  const node = spawn(join(root, 'build/release/bin/valence'), ['dev', '--port', String(port)], {
    stdio: ['ignore', 'pipe', 'inherit'],
    detached: true, // Ctrl-C reaches this script, which then stops the node.
  });
  return new Promise((done, failed) => {
    let output = '';
    node.stdout.on('data', (chunk) => {
      output += chunk;
      const url = output.match(/http:\/\/127\.0\.0\.1:\d+/)?.[0];
      if (url) done({ node, url, banner: output });
    });
    node.once('exit', (code) => failed(new Error(`valence dev ended with ${code}:\n${output}`)));
  });
}

async function main() {
  say('1. Start a chain');
  const [{ node, url }, started] = await timed(startNode);
  const stop = () =>
    new Promise((done) => {
      node.removeAllListeners('exit');
      node.once('exit', done);
      node.kill('SIGINT');
    });
  try {
    await useChain(url, started);
  } catch (error) {
    await stop();
    throw error;
  }
  if (once) {
    await stop();
    say('Done; the node is stopped.');
    return;
  }
  say(`The node goes on at ${url} (chain id 1986). Ctrl-C stops it.`);
  console.log(`  Try:  node_modules/.bin/cast block --rpc-url ${url}`);
  process.once('SIGINT', () => stop().then(() => process.exit(0)));
  process.once('SIGTERM', () => stop().then(() => process.exit(0)));
}

async function useChain(url, started) {
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
  const account = privateKeyToAccount('0xac0974bec39a17e36ba4a6b4d238ff944bacb478cbed5efcae784d7bf4f2ff80');
  const wallet = createWalletClient({ account, chain, transport });
  fact('node', `${url}, chain id ${chain.id}, up in ${started}`);
  fact('account', `${account.address} with ${formatEther(await reader.getBalance(account))} ETH`);

  say('2. Deploy a market: contracts/examples/SwapPool.sol');
  const pool = compile('examples/SwapPool.sol');
  const [deployment, deployed] = await timed(async () => {
    const hash = await wallet.deployContract({ ...pool, args: [1_000_000n, 3000n], value: parseEther('100') });
    return reader.waitForTransactionReceipt({ hash });
  });
  const address = deployment.contractAddress;
  fact('contract', address);
  fact('block', `${deployment.blockNumber}, ${deployment.gasUsed} gas, signed to receipt in ${deployed}`);

  say('3. Swap 1 ETH');
  const contract = { address, abi: pool.abi };
  const quote = await reader.readContract({ ...contract, functionName: 'quote', args: [parseEther('1')] });
  const [receipt, swapped] = await timed(async () => {
    const hash = await wallet.writeContract({ ...contract, functionName: 'swap', args: [quote], value: parseEther('1') });
    return reader.waitForTransactionReceipt({ hash });
  });
  const [event] = await reader.getContractEvents({ ...contract, eventName: 'Swap', blockHash: receipt.blockHash });
  fact('quoted', `${quote} points at a fee of ${Number(event.args.fee) / 1e4} %`);
  fact('received', `${event.args.pointsOut} points (event Swap)`);
  fact('block', `${receipt.blockNumber}, ${receipt.gasUsed} gas, signed to receipt in ${swapped}`);

  say('4. What goes wrong says why');
  try {
    await reader.simulateContract({ ...contract, account, functionName: 'swap', args: [quote], value: parseEther('1') });
  } catch (error) {
    const { errorName, args } = error.walk((e) => e.data?.errorName).data;
    fact('same again', `reverts with ${errorName}(${args.join(', ')})`);
  }

  say('5. A proof of it, against the block’s state root');
  const block = await reader.getBlock();
  const proof = await reader.getProof({ address, storageKeys: [pad('0x0')] });
  fact('state root', block.stateRoot);
  fact('root node', `hashes to ${keccak256(proof.accountProof[0])}`);
  fact('etherReserve', `${formatEther(proof.storageProof[0].value)} ETH, in ${proof.storageProof[0].proof.length} trie nodes`);
  if (keccak256(proof.accountProof[0]) !== block.stateRoot) throw new Error('the proof does not start at the state root');
}

main().catch((error) => {
  console.error(`\nrun: ${error.shortMessage ?? error.message}`);
  process.exit(1);
});
