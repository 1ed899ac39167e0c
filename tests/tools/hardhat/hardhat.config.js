// A small project as a Hardhat user has it; its network is the node under test.
import hardhatEthers from '@nomicfoundation/hardhat-ethers';
import hardhatNetworkHelpers from '@nomicfoundation/hardhat-network-helpers';
import hardhatNodeTestRunner from '@nomicfoundation/hardhat-node-test-runner';
import hardhatViem from '@nomicfoundation/hardhat-viem';
import { defineConfig } from 'hardhat/config';

export default defineConfig({
  plugins: [hardhatEthers, hardhatNetworkHelpers, hardhatNodeTestRunner, hardhatViem],
  solidity: { version: process.env.SOLC_VERSION, path: process.env.SOLC_PATH },
  networks: {
    valence: { type: 'http', chainType: 'l1', url: process.env.NODE_URL },
    keyed: { type: 'http', chainType: 'l1', url: process.env.NODE_URL, accounts: [process.env.KEY] },
  },
});
