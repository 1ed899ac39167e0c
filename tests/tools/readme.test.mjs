// The README's commands about models and full nodes, as they stand there; only the port is another.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { run } from './command.mjs';
import { isAnvil, startNode } from './node.mjs';
import { root } from './paths.mjs';

/** The commands of the README's shell blocks, continued lines joined. */
const commands = [...readFileSync(join(root, 'README.md'), 'utf8').matchAll(/```sh\n([\s\S]*?)```/g)]
  .flatMap(([, block]) => block.replaceAll('\\\n', ' ').split('\n'))
  .map((line) => line.trim())
  .filter((line) => line.startsWith('build/release/bin/valence'));
const command = (start) => commands.find((line) => line.startsWith(`build/release/bin/valence ${start}`)) ?? assert.fail(`no ${start} in the README`);
let node;

const shell = (line) => run('/bin/sh', ['-c', line], { cwd: root });

describe('README', { skip: isAnvil }, () => {
  before(async () => {
    node = await startNode();
  });
  after(() => node?.stop());

  test('valence model check, quantize, run', async () => {
    assert.match((await shell(command('model check'))).stdout, /ok: this model can be used/);
    await shell(command('model quantize'));
    assert.match((await shell(command('model run'))).stdout, /volatility/);
  });

  test('valence prove, verify', async () => {
    await shell(command('model quantize'));
    await shell(command('prove'));
    assert.match((await shell(command('verify'))).stdout, /^valid/);
  });

  test('valence model push', async () => {
    await shell(command('model quantize'));
    const { stdout, stderr } = await shell(`${command('model push')} --rpc ${node.url}`);
    assert.match(`${stdout}${stderr}`, /0x[0-9a-f]{64}/);
  });

  test('valence full', async () => {
    const line = command('full').replace('http://127.0.0.1:8545', node.url).replace('--port 8546', '--port 0');
    assert.notEqual(line, command('full'));
    const [name, ...args] = line.split(/\s+/);
    const child = spawn(join(root, name), args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const output = await new Promise((done, failed) => {
      let text = '';
      const take = (chunk) => {
        text += chunk;
        if (/Full node at/.test(text)) done(text);
      };
      child.stdout.on('data', take);
      child.stderr.on('data', take);
      child.once('exit', (code) => failed(new Error(`ended with ${code}:\n${text}`)));
    });
    assert.match(output, new RegExp(node.url));
    await new Promise((done) => (child.once('exit', done), child.kill('SIGINT')));
  });

  test('valence audit', async () => {
    const posting = await startNode({ args: ['--da', 'embedded', '--da-port', '0'] });
    try {
      assert.ok(await posting.printed('Data availability: '));
      const layer = posting.output().match(/Data availability: (\S+)/)[1];
      writeFileSync(join(root, 'build/genesis.json'), JSON.stringify(await posting.rpc('valence_getGenesis')));
      await posting.rpc('evm_mine');
      for (;;) if ((await posting.rpc('valence_daStatus')).lag === '0x0') break;
      const lines = commands.filter((line) => line.startsWith('build/release/bin/valence audit'));
      const [verified, sampled] = await Promise.all(lines.map((line) => shell(line.replace('http://127.0.0.1:26658', layer))));
      assert.match(verified.stdout, /VERIFIED$/);
      assert.match(sampled.stdout, /AVAILABLE$/);
    } finally {
      await posting.stop();
    }
  });
});
