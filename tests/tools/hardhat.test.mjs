// Hardhat 3: a project's own tests, compiled and run by Hardhat, with the node under test as their network.
import assert from 'node:assert/strict';
import { cpSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { run } from './command.mjs';
import { accounts, startNode } from './node.mjs';
import { here, packages, scratch } from './paths.mjs';

const solc = join(packages, 'solc');
const { version } = createRequire(import.meta.url)(join(solc, 'package.json'));
let node;
let project;

const hardhat = (args, env = {}) =>
  run(process.execPath, [join(packages, 'hardhat/dist/src/cli.js'), ...args], {
    cwd: project,
    env: {
      NODE_URL: node.url,
      KEY: accounts[3].key,
      SOLC_VERSION: version,
      SOLC_PATH: join(solc, 'soljson.js'),
      HARDHAT_DISABLE_TELEMETRY_PROMPT: 'true',
      // Set for test processes by the runner of this file; Hardhat's own runner must not inherit it.
      NODE_TEST_CONTEXT: undefined,
      ...env,
    },
  });

before(async () => {
  node = await startNode();
  project = scratch('hardhat');
  cpSync(join(here, 'hardhat'), project, { recursive: true });
});
after(async () => {
  await node?.stop();
  if (project) rmSync(project, { recursive: true, force: true });
});

test('hardhat build compiles the project', async () => {
  await hardhat(['build']);
});

for (const [library, passes] of [['viem', 3], ['ethers', 6]]) {
  test(`the project's ${library} tests pass on the node`, async () => {
    const { stdout } = await hardhat(['test', 'nodejs', '--no-compile', `test/tally.${library}.js`]);
    assert.match(stdout, new RegExp(`${passes} passing`));
    assert.doesNotMatch(stdout, /failing/);
  });
}

test('with a private key in the configuration Hardhat signs locally', async () => {
  const { stdout } = await hardhat(['test', 'nodejs', '--no-compile', 'test/tally.viem.js'], { NETWORK: 'keyed' });
  assert.match(stdout, /3 passing/);
  assert.ok(BigInt(await node.rpc('eth_getTransactionCount', accounts[3].address, 'latest')) > 0n);
});
