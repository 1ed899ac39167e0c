#!/usr/bin/env node
// solc.js behind the command line of a native solc, as far as forge and Hardhat use it: they look for a
// compiler program and there is none in the package registry.
const solc = require('solc');

const args = process.argv.slice(2);
if (args.includes('--version')) {
  process.stdout.write(`solc, the solidity compiler commandline interface\nVersion: ${solc.version().replace('.Emscripten.clang', '.Linux.g++')}\n`);
} else if (args.includes('--standard-json')) {
  const fs = require('fs');
  // As the native one, it reads imports that were not handed over, by their path from the working folder.
  const read = (path) => {
    try {
      return { contents: fs.readFileSync(path, 'utf8') };
    } catch (error) {
      return { error: error.message };
    }
  };
  process.stdout.write(solc.compile(fs.readFileSync(0, 'utf8'), { import: read }));
} else {
  process.stderr.write('only --version and --standard-json are offered\n');
  process.exit(1);
}
