// The nodes that are compared, each with the settings it is started with.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { packages, program, root } from '../../tests/tools/paths.mjs';
import { chainId } from './workload.mjs';

const valence = process.env.VALENCE_BIN ?? join(root, 'build/release/bin/valence');
const scratch = () => mkdtempSync(join(root, 'build/bench', 'state-'));
const blockGas = '1000000000';

/**
 * name → {about, command(port) → {path, args, folder?}}. `limit` caps the number of transfers, for peers that would
 * take minutes.
 */
export const peers = {
  'valence-durable': {
    about: 'valence dev --state (write-ahead log)',
    available: () => existsSync(valence),
    command: (port, mining) => {
      const folder = scratch();
      return { path: valence, args: ['dev', '--port', port, '--chain-id', chainId, '--gas-limit', blockGas, '--state', folder, ...valenceMining(mining)], folder };
    },
  },
  'valence-sync': {
    about: 'valence dev --state --sync (write-ahead log, fsync)',
    available: () => existsSync(valence),
    command: (port, mining) => {
      const folder = scratch();
      return { path: valence, args: ['dev', '--port', port, '--chain-id', chainId, '--gas-limit', blockGas, '--state', folder, '--sync', ...valenceMining(mining)], folder };
    },
  },
  'valence-memory': {
    about: 'valence dev (in memory)',
    available: () => existsSync(valence),
    command: (port, mining) => ({ path: valence, args: ['dev', '--port', port, '--chain-id', chainId, '--gas-limit', blockGas, ...valenceMining(mining)] }),
  },
  anvil: {
    about: 'anvil 1.7.1 (in memory)',
    available: () => existsSync(program('anvil')),
    command: (port, mining) => ({
      path: program('anvil'),
      args: ['--silent', '--port', port, '--chain-id', chainId, '--gas-limit', blockGas, '--hardfork', 'prague', ...(mining === 'manual' ? ['--no-mining'] : mining === 'interval' ? ['--block-time', '1'] : [])],
    }),
  },
  hardhat: {
    about: 'Hardhat 3.18 node (EDR 0.22, in memory)',
    limit: 2000,
    available: () => existsSync(join(packages, 'hardhat')),
    command: (port, mining) => {
      const folder = scratch();
      writeFileSync(join(folder, 'package.json'), '{"type":"module"}');
      const auto = mining === 'auto';
      writeFileSync(join(folder, 'hardhat.config.js'), `export default { networks: { node: { type: 'edr-simulated', chainType: 'l1', hardfork: 'prague', chainId: ${chainId},
        blockGasLimit: ${blockGas}, transactionGasCap: ${blockGas}, mining: { auto: ${auto}, interval: ${mining === 'interval' ? 1000 : 0} } } } };`);
      return { path: process.execPath, args: [join(packages, 'hardhat/dist/src/cli.js'), 'node', '--port', port, '--network', 'node'], cwd: folder, folder };
    },
  },
};

const valenceMining = (mining) => (mining === 'manual' ? ['--no-mining'] : mining === 'interval' ? ['--block-time', '250'] : []);

const freePort = () =>
  new Promise((done) => {
    const probe = createServer();
    probe.listen(0, '127.0.0.1', () => {
      const { port } = probe.address();
      probe.close(() => done(port));
    });
  });

/** Starts `name` with `mining` ('auto', 'interval' or 'manual') and waits until it answers. */
export async function start(name, mining) {
  const port = await freePort();
  const { path, args, cwd, folder } = peers[name].command(port, mining);
  const child = spawn(path, args.map(String), { cwd, stdio: ['ignore', 'pipe', 'pipe'], env: { ...process.env, HARDHAT_DISABLE_TELEMETRY_PROMPT: 'true' } });
  let output = '';
  const keep = (chunk) => (output = (output + chunk).slice(-4000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const url = `http://127.0.0.1:${port}`;
  const rpc = async (method, ...params) => {
    const response = await fetch(url, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }) });
    const { result, error } = await response.json();
    if (error) throw Object.assign(new Error(`${name}: ${method}: ${error.message}`), error);
    return result;
  };
  const stop = () =>
    new Promise((done) => {
      const gone = () => {
        if (folder) rmSync(folder, { recursive: true, force: true });
        done();
      };
      if (child.exitCode !== null) return gone();
      child.once('exit', gone);
      child.kill('SIGINT');
      setTimeout(() => child.kill('SIGKILL'), 5000).unref();
    });
  for (const end = Date.now() + 30000; ; await new Promise((r) => setTimeout(r, 50))) {
    if (child.exitCode !== null || Date.now() > end) throw new Error(`${name} did not start:\n${output}`);
    if (await rpc('eth_chainId').then(() => true, () => false)) return { name, url, port, pid: child.pid, rpc, stop };
  }
}
