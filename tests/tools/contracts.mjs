// Compiles the contracts that the tests deploy, once: results are kept in build/ under the hash of their sources.
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { build, here, packages } from './paths.mjs';

const require = createRequire(import.meta.url);

/** Reads `path` and everything it imports; import names are looked up in `folders`, first to last. */
function sources(path, folders, found = {}) {
  if (found[path]) return found;
  const file = folders.map((f) => join(f, path)).find(existsSync);
  if (!file) throw new Error(`no file for import ${path}`);
  const content = readFileSync(file, 'utf8');
  found[path] = { content };
  for (const [, target] of content.matchAll(/^\s*import\s[^;]*?["']([^"']+)["']\s*;/gm)) {
    const name = target.startsWith('.') ? join(path, '..', target) : target;
    sources(name, folders, found);
  }
  return found;
}

/** Compiles `file` of contracts/ and returns {ContractName: {abi, bytecode, runtime}} for what it defines. */
export function compile(file) {
  const input = {
    language: 'Solidity',
    sources: sources(file, [join(here, 'contracts'), packages]),
    settings: {
      optimizer: { enabled: true, runs: 200 },
      outputSelection: { '*': { '*': ['abi', 'evm.bytecode.object', 'evm.deployedBytecode.object'] } },
    },
  };
  const text = JSON.stringify(input);
  const cache = join(build, `solc-${createHash('sha256').update(text).digest('hex').slice(0, 20)}.json`);
  if (!existsSync(cache)) {
    const output = JSON.parse(require('solc').compile(text));
    const errors = (output.errors ?? []).filter((e) => e.severity === 'error');
    if (errors.length) throw new Error(errors.map((e) => e.formattedMessage).join('\n'));
    writeFileSync(`${cache}.${process.pid}`, JSON.stringify(output.contracts[file]));
    renameSync(`${cache}.${process.pid}`, cache);
  }
  const contracts = JSON.parse(readFileSync(cache, 'utf8'));
  return Object.fromEntries(
    Object.entries(contracts).map(([name, c]) => [
      name,
      { abi: c.abi, bytecode: `0x${c.evm.bytecode.object}`, runtime: `0x${c.evm.deployedBytecode.object}` },
    ]),
  );
}
