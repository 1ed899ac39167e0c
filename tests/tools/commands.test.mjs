// What the program says when it is asked wrongly: in words, naming what to change, and with which exit status. And what
// its help and its listings look like.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { parseAbiItem, toFunctionSelector } from 'viem';
import { run } from './command.mjs';
import { accounts, isAnvil, nodeProgram, startNode } from './node.mjs';
import { root, scratch } from './paths.mjs';

const model = join(root, 'models/volatility-mlp/model.onnx');
const samples = join(root, 'models/volatility-mlp/test_data_set_0');
const registry = '0x5600000000000000000000000000000000000001';

const valence = (args, options) => run(nodeProgram(), args, options);

/** What a command that must fail says on standard error; with this exit status. */
async function refusal(args, { status = 1, ...options } = {}) {
  const { code, stderr } = await valence(args, options).then(
    () => assert.fail(`valence ${args.join(' ')} succeeded`),
    (error) => error,
  );
  assert.equal(code, status, `valence ${args.join(' ')}: ${stderr}`);
  return stderr;
}

/** Every command with its subcommands, as lists of words, from the help itself. */
async function allCommands(words = []) {
  const { stdout } = await valence([...words, '--help']);
  const list = stdout.split(/^Subcommands:$/m)[1]?.split('\n\n')[0] ?? '';
  const names = [...list.matchAll(/^ {2}([a-z-]+)/gm)].map(([, name]) => name);
  const deeper = await Promise.all(names.map((name) => allCommands([...words, name])));
  return [words, ...deeper.flat()];
}

describe('commands', { skip: isAnvil }, () => {
  let folder;
  before(() => {
    folder = scratch('commands');
  });
  after(() => folder && rmSync(folder, { recursive: true, force: true }));

  test('help fits the terminal, of every command', async () => {
    const commands = await allCommands();
    assert.ok(commands.length > 20, `${commands.length} commands`);
    for (const words of commands)
      for (const columns of [80, 120]) {
        const { stdout } = await valence([...words, '--help'], { env: { COLUMNS: String(columns) } });
        const long = stdout.split('\n').filter((line) => [...line].length > columns);
        assert.deepEqual(long, [], `valence ${words.join(' ')} --help at ${columns}`);
        assert.doesNotMatch(stdout, /\n\n\n/);
      }
  });

  test('a wrong command line is an error of its own, with the help to read', async () => {
    const wrong = (args) => refusal(args, { status: 2 });
    assert.match(await wrong(['comptue']), /^error: there is no command valence comptue\n`valence --help` says more/);
    assert.match(await wrong(['comptue', '--help']), /there is no command valence comptue/);
    assert.match(await wrong(['model', 'psh']), /there is no command valence model psh\n`valence model --help`/);
    assert.match(await wrong([]), /a command is missing/);
    assert.match(await wrong(['dev', '--port', 'http']), /--port = http is no number, or too large\n`valence dev --help`/);
    assert.match(await wrong(['dev', 'now']), /now is not expected/);
    assert.match(await wrong(['model', 'check', model, '--range', '5:1']), /--range 5:1: write LOW:HIGH/);
    assert.match(await wrong(['model', 'check', model, '--dim', 'batch']), /--dim batch: write NAME=SIZE/);
    assert.match(await wrong(['model', 'check', model, '--max-error', '-1']), /^.{0,120}\n/);
  });

  test('files and values are named, and why they do not do', async () => {
    const missing = join(folder, 'missing');
    assert.match(await refusal(['dev', '--genesis', missing]), new RegExp(`^error: ${missing} cannot be read: No such file`));
    assert.match(await refusal(['dev', '--state', model]), /^error: .*model\.onnx cannot be made: /);
    assert.match(await refusal(['dev', '--block-time', '5m']), /^error: --block-time 5m: write/);
    assert.match(await refusal(['model', 'quantize', model, '-o', join(missing, 'x')]), /cannot be written: No such file/);
    assert.match(await refusal(['beacon-key', model]), /cannot be made: File exists/);
    assert.match(await refusal(['snapshot', 'export', '--data', missing, join(folder, 'x')]), /holds no chain/);
  });

  test('a file of another kind is called what it is', async () => {
    const [file, proof, key] = ['x.vmodel', 'x.proof', 'x.vkey'].map((name) => join(folder, name));
    await valence(['model', 'quantize', model, '--samples', samples, '-o', file]);
    await valence(['prove', file, '--out', proof, '--key', key]);
    assert.match(await refusal(['model', 'check', file]), /is a \.vmodel file already: `valence model info`/);
    assert.match(await refusal(['model', 'run', model]), /is no \.vmodel file; `valence model quantize` makes one/);
    assert.match(await refusal(['model', 'info', key]), /is no \.vmodel file/);
    assert.match(await refusal(['verify', proof, '--model', key, '--context', '0x01']), /^not valid: the proof is bound to no context$/);
    assert.equal((await refusal(['prove', join(root, 'README.md')])).match(/error:/g).length, 1);
  });

  test('samples of another shape, and names that the model does not have, are refused', async () => {
    const checked = async (...args) => (await valence(['model', 'check', model, ...args]).then(() => assert.fail('it succeeded'), (error) => error)).stdout;
    assert.match(await checked('--samples', join(root, 'models/lenet5/test_data_set_0')), /the inputs do not fit the model: .*f32\[\d+, 1, 32, 32\]/);
    assert.match(await checked('--samples', join(folder, 'none.csv')), /there is no such file/);
    assert.match(await checked('--dim', 'bach=2'), /no open dimension is called 'bach' \(there is: 'batch'\)/);
  });

  test('one folder serves one node', async () => {
    const state = join(folder, 'zwölf Blöcke');
    const node = await startNode({ args: ['--state', state] });
    try {
      assert.match(await refusal(['dev', '--port', '0', '--state', state]), /another valence is using this folder/);
      assert.match(await refusal(['dev', '--port', new URL(node.url).port]), /Address already in use: .*; --port chooses another port/);
      assert.match(await refusal(['full', '--join', node.url, '--port', new URL(node.url).port]), /--port chooses another port/);
    } finally {
      await node.stop();
    }
  });

  test('a genesis of another chain is refused at once', async () => {
    const node = await startNode();
    try {
      const genesis = join(folder, 'genesis.json');
      writeFileSync(genesis, (await valence(['genesis', '--chain-id', '7'])).stdout);
      assert.match(await refusal(['full', '--join', node.url, '--genesis', genesis, '--port', '0']), /is of another chain: its genesis is 0x[0-9a-f]{64}, the one given 0x/);
    } finally {
      await node.stop();
    }
  });

  test('an audit of blocks that are not there is no success', async () => {
    const node = await startNode({ args: ['--da', 'embedded', '--da-port', '0'] });
    try {
      assert.ok(await node.printed('Data availability: '));
      const [, layer] = node.output().match(/Data availability: (\S+)/);
      const genesis = join(folder, 'layer-genesis.json');
      writeFileSync(genesis, JSON.stringify(await node.rpc('valence_getGenesis')));
      assert.match(await refusal(['audit', '--da', layer, '--genesis', genesis]), /^error: nothing of this chain/);
      await node.rpc('evm_mine');
      while ((await node.rpc('valence_daStatus')).lag !== '0x0');
      await valence(['audit', '--da', layer, '--genesis', genesis]);
      assert.match(await refusal(['audit', '--da', layer, '--genesis', genesis, '--from', '99']), /--from 99: the chain's newest block on the layer is 1/);
    } finally {
      await node.stop();
    }
  });

  test('push says how the model is called, and what it left as it was', async () => {
    const node = await startNode();
    try {
      const push = (...args) => valence(['model', 'push', ...args, '--rpc', node.url, '--private-key', accounts[0].key]);
      const idOf = (text) => text.match(/0x[0-9a-f]{64}/)[0];
      const first = await push(model, '--samples', samples, '--modes', 'zk', '--name', 'one');
      const id = idOf(first.stdout);
      assert.match(first.stdout, new RegExp(`${id} 2 "\\[\\$\\(yes 0 `), 'in a mode that the model allows');
      const [, bind] = first.stdout.match(/^ {2}valence (model bind .*)$/m);
      const bound = await run('/bin/sh', ['-c', `${nodeProgram()} ${bind} --out '${join(folder, 'bound')}'`]);
      assert.equal(idOf(bound.stdout), id, 'the library is of the same model');
      const call = first.stdout.match(/^ {2}cast (call .*)$/m)[1];
      const { stdout } = await run('/bin/sh', ['-c', `${join(root, 'node_modules/.bin/cast')} ${call}`]);
      assert.match(stdout, /^\[\d+/);

      const again = await push(model, '--samples', samples, '--modes', 'replay', '--royalty', '100', '--name', 'two');
      assert.match(again.stdout, /registered +before/);
      assert.match(again.stdout, /name +two, added in block/);
      assert.match(again.stderr, /warning: .*without effect: --modes, --royalty\./);
      const others = await valence(['model', 'push', model, '--samples', samples, '--name', 'three', '--rpc', node.url, '--private-key', accounts[1].key]);
      assert.match(others.stderr, /without effect: --name\./);

      const never = await push(model, '--range', '0:3', '--modes', 'tee');
      assert.match(never.stdout, /modes +none that this network has/);
      assert.doesNotMatch(never.stdout, /Call it/);
      assert.match(await refusal(['model', 'push', model, '--rpc', node.url, '--private-key', '0x1234']), /it is no private key: 32 bytes/);
    } finally {
      await node.stop();
    }
  });

  test('the log names our contracts and our errors', async () => {
    const node = await startNode();
    try {
      const data = `${toFunctionSelector('open(bytes32)')}${'11'.repeat(32)}`;
      await node.rpc('eth_sendTransaction', { from: accounts[0].address, to: registry, data, gas: '0x100000' });
      assert.ok(await node.printed('UnknownModelId('));
      assert.match(node.output(), /set on DaInfo/);
      assert.match(node.output(), /open on ModelRegistry .*reverted: UnknownModelId\(0x(11){32}\)/);
    } finally {
      await node.stop();
    }
  });
});

test('docs/contracts.md has the errors as they are', { skip: isAnvil }, () => {
  const table = readFileSync(join(root, 'docs/contracts.md'), 'utf8');
  const documented = [...table.matchAll(/^\| `(?:Inference\.)?([A-Z]\w+\([^)]*\))` \| `([0-9a-f]{8})`/gm)];
  for (const [, error, selector] of documented) assert.equal(toFunctionSelector(parseAbiItem(`function ${error}`)), `0x${selector}`, error);
  const declared = readFileSync(join(root, 'contracts/lib/IInference.sol'), 'utf8').matchAll(/^ {4}error (\w+\([^)]*\));/gm);
  const names = new Set(documented.map(([, error]) => error));
  for (const [, error] of declared) assert.ok(names.has(error), `${error} is not documented`);
});
