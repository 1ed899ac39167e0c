// The verifier as WebAssembly: it accepts what `valence verify` accepts and refuses the rest for the same reason, in Node
// and in a browser.
import assert from 'node:assert/strict';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { basename, join } from 'node:path';
import { after, before, test as plainTest } from 'node:test';
import { browsing } from './browser.mjs';
import { run } from './command.mjs';
import { isAnvil } from './node.mjs';
import { root, scratch } from './paths.mjs';

const valence = process.env.VALENCE_BIN ?? join(root, 'build/release/bin/valence');
const web = join(root, 'build/web');
const page = ['index.html', 'verifier.mjs', 'verifier.wasm'];
/** Needs no node, but our program. */
const test = (name, body) => plainTest(name, { skip: isAnvil }, body);

let folder;
let Verifier;
let wasm;

/** A proof of a model of ours and its key, as paths. */
async function prove(name, ...args) {
  const samples = join(root, 'models', name, 'test_data_set_0');
  const files = { key: join(folder, `${name}.vkey`), proof: join(folder, `${name}.proof`) };
  const model = join(folder, `${name}.vmodel`);
  await run(valence, ['model', 'quantize', join(root, 'models', name, 'model.onnx'), '--samples', samples, '-o', model]);
  await run(valence, ['prove', model, '--input', samples, '--out', files.proof, '--key', files.key, ...args]);
  return files;
}

/** What `valence verify` says: nothing when it accepts, otherwise why not. */
async function nativeRefusal(proof, key) {
  const path = join(folder, 'changed.proof');
  writeFileSync(path, proof);
  return run(valence, ['verify', path, '--model', key]).then(() => undefined, (error) => error.stderr);
}

let mlp;
let lenet;
before(async () => {
  if (isAnvil) return;
  await run(join(root, 'scripts/build-web'), []);
  folder = scratch('web');
  ({ Verifier } = await import(join(web, 'verifier.mjs')));
  wasm = readFileSync(join(web, 'verifier.wasm'));
  mlp = await prove('volatility-mlp', '--context', '0x1986');
  lenet = await prove('lenet5');
});
// A browser's processes write for a moment after it has ended.
after(() => folder && rmSync(folder, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 }));

test('accepts proofs and tells what they show', async () => {
  for (const files of [mlp, lenet]) {
    const verifier = await Verifier.load(wasm);
    const { model } = verifier.takeKey(readFileSync(files.key));
    const answer = verifier.verify(readFileSync(files.proof));
    assert.equal(answer.valid, true, answer.reason);
    assert.equal(answer.model, model);
    const { stdout } = await run(valence, ['verify', files.proof, '--model', files.key]);
    assert.ok(stdout.includes(model));
    for (const [what, [tensor]] of [['gives', answer.outputs], ['on input', answer.inputs]]) {
      const [, printed] = stdout.match(new RegExp(`${what}\\s+${tensor.name} \\[[^\\]]*\\] (.*)`));
      assert.deepEqual(tensor.values, printed.split(' … ')[0].split(' ').map(Number));
    }
  }
  const verifier = await Verifier.load(wasm);
  verifier.takeKey(readFileSync(mlp.key));
  assert.equal(verifier.verify(readFileSync(mlp.proof)).context, '0x1986');
});

test('refuses what was changed, for the reason that the native verifier gives', async () => {
  const verifier = await Verifier.load(wasm);
  verifier.takeKey(readFileSync(mlp.key));
  const proof = readFileSync(mlp.proof);
  const places = [0, 7, 8, 41, 60, 90, ...Array.from({ length: 12 }, (_, i) => Math.floor(((i + 1) * proof.length) / 13)), proof.length - 1];
  const changed = [proof.subarray(0, proof.length - 1), Buffer.concat([proof, Buffer.alloc(1)]), Buffer.alloc(0)];
  for (const place of places) {
    const other = Buffer.from(proof);
    other[place] ^= 1;
    changed.push(other);
  }
  for (const [i, bytes] of changed.entries()) {
    const answer = verifier.verify(bytes);
    assert.equal(answer.valid, false, `change ${i}`);
    const native = await nativeRefusal(bytes, mlp.key);
    assert.ok(native?.includes(answer.reason), `change ${i}: ${answer.reason}, natively ${native}`);
  }
  assert.equal(verifier.verify(proof).valid, true, 'refusals leave nothing behind');
  assert.match(verifier.verify(readFileSync(lenet.proof)).reason, /model/);
});

test('refuses what is no key', async () => {
  const verifier = await Verifier.load(wasm);
  const key = readFileSync(mlp.key);
  for (const bytes of [Buffer.alloc(0), key.subarray(0, 100), readFileSync(mlp.proof)])
    assert.throws(() => verifier.takeKey(bytes), Error);
  assert.match(verifier.verify(readFileSync(mlp.proof)).reason, /key/);
});

/** Serves the page and these files on loopback while `use` runs with its URL. */
async function serving(files, use) {
  const types = { html: 'text/html', mjs: 'text/javascript', wasm: 'application/wasm' };
  const known = new Map([...page.map((name) => join(web, name)), ...files].map((path) => [`/${basename(path)}`, path]));
  const server = createServer((request, response) => {
    const path = known.get(new URL(request.url, 'http://localhost').pathname);
    if (!path) return response.writeHead(404).end();
    response.writeHead(200, { 'content-type': types[path.split('.').pop()] ?? 'application/octet-stream' }).end(readFileSync(path));
  });
  await new Promise((ready) => server.listen(0, '127.0.0.1', ready));
  try {
    return await use(`http://127.0.0.1:${server.address().port}/index.html`);
  } finally {
    server.close();
    server.closeAllConnections();
  }
}

/** The verdict, and what the page says with it, by name. */
async function shown(open, url, files) {
  const query = new URLSearchParams({ key: basename(files.key), proof: basename(files.proof) });
  const page = await open(`${url}?${query}`);
  const verdict = await page.until("document.getElementById('verdict')?.className");
  const facts = await page.evaluate("[...document.querySelectorAll('dt')].map((dt) => [dt.textContent, dt.nextElementSibling.textContent])");
  return { verdict, facts: Object.fromEntries(facts) };
}

test('a browser says the same', async () => {
  const mangled = { key: lenet.key, proof: join(folder, 'mangled.proof') };
  const bytes = readFileSync(lenet.proof);
  bytes[bytes.length >> 1] ^= 1;
  writeFileSync(mangled.proof, bytes);
  const { model } = (await Verifier.load(wasm)).takeKey(readFileSync(lenet.key));
  await serving([lenet.key, lenet.proof, mangled.proof], (url) => browsing(folder, async (open) => {
    const right = await shown(open, url, lenet);
    assert.equal(right.verdict, 'valid');
    assert.equal(right.facts.model, model);
    assert.ok(right.facts['on input'] && right.facts.gives);
    console.error(`LeNet-5 in Chromium: ${right.facts.time}; module ${wasm.length} bytes`);
    const wrong = await shown(open, url, mangled);
    assert.equal(wrong.verdict, 'refused');
    assert.ok((await nativeRefusal(bytes, lenet.key)).includes(wrong.facts.because), wrong.facts.because);
    const missing = await shown(open, url, { ...lenet, proof: 'missing.proof' });
    assert.equal(missing.verdict, 'failed');
    assert.match(missing.facts.because, /missing\.proof cannot be fetched: 404/);
  }));
});
