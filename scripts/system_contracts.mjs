// Compiles contracts/system with the pinned solc and writes the runtime code as a C++ header:
//   node scripts/system_contracts.mjs build/release/valence/chain/system_contracts_code.hpp [FOLDER OF THE PACKAGE solc]
// The same sources give the same bytes on every machine: the compiler and its settings are fixed here, and no metadata
// (which would carry a hash of the comments) is appended. Run by CMake when a source has changed.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const contracts = ['SystemProxy', 'ModelRegistry', 'NodeRegistry', 'Scheduler', 'DaInfo'];

/** Reads `path` of contracts/ and all it imports. */
function sources(path, found = {}) {
  if (found[path]) return found;
  const content = readFileSync(join(root, 'contracts', path), 'utf8');
  found[path] = { content };
  for (const [, target] of content.matchAll(/^\s*import\s[^;]*?["']([^"']+)["']\s*;/gm)) {
    sources(posix.join(path, '..', target), found);
  }
  return found;
}

/** The runtime code of each contract, as hex digits. */
function compile(solc) {
  const all = {};
  for (const name of contracts) sources(`system/${name}.sol`, all);
  const input = {
    language: 'Solidity',
    sources: all,
    settings: {
      evmVersion: 'osaka',
      optimizer: { enabled: true, runs: 200 },
      metadata: { bytecodeHash: 'none', appendCBOR: false },
      outputSelection: {},
    },
  };
  for (const name of contracts) input.settings.outputSelection[`system/${name}.sol`] = { [name]: ['evm.deployedBytecode'] };
  const output = JSON.parse(createRequire(import.meta.url)(solc).compile(JSON.stringify(input)));
  const errors = (output.errors ?? []).filter((e) => e.severity !== 'info');
  if (errors.length) throw new Error(errors.map((e) => e.formattedMessage).join('\n'));
  return contracts.map((name) => {
    const { object, immutableReferences, linkReferences } = output.contracts[`system/${name}.sol`][name].evm.deployedBytecode;
    // Genesis runs no constructor and links nothing.
    for (const references of [immutableReferences, linkReferences]) {
      if (references && Object.keys(references).length) throw new Error(`${name} has immutables or unlinked libraries`);
    }
    return [name, object];
  });
}

function header(codes) {
  const arrays = codes.map(([name, code]) => {
    const bytes = code.match(/../g).map((byte) => `0x${byte}`);
    const lines = [];
    for (let i = 0; i < bytes.length; i += 20) lines.push(`    ${bytes.slice(i, i + 20).join(', ')},`);
    return `inline constexpr std::uint8_t k${name}Code[] = {\n${lines.join('\n')}\n};\n`;
  });
  return `// Made by scripts/system_contracts.mjs from contracts/system.
#pragma once

#include <cstdint>

namespace valence::chain {

${arrays.join('\n')}
}  // namespace valence::chain
`;
}

const [path, solc = 'solc'] = process.argv.slice(2);
if (!path) throw new Error('usage: system_contracts.mjs HEADER [FOLDER OF THE PACKAGE solc]');
const text = header(compile(solc));
mkdirSync(dirname(path), { recursive: true });
// An equal file keeps its time, so that nothing is built again.
if (!existsSync(path) || readFileSync(path, 'utf8') !== text) writeFileSync(path, text);
