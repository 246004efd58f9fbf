// SPDX-License-Identifier: Apache-2.0

// `make network`: leaves a network running, and says how to connect and what to try, until Ctrl-C.

import { MissingBinaries } from './lib/binaries.js';
import { Network } from './lib/network.js';

let network;
let ending = false;

async function end(code, keepLogs = false) {
	if (ending) return;
	ending = true;
	await network?.stop({ keepLogs });
	process.exit(code);
}

for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => end(130));

try {
	network = new Network();
	console.log('Starting two relay validators and three collators; this takes some minutes.');
	await network.start();
} catch (error) {
	if (!ending) console.error(`Error: ${error.message}`);
	if (network && !ending) console.error(`the logs are kept in ${network.dir}`);
	await end(error instanceof MissingBinaries ? 3 : 1, true);
}
console.log(`
  Holdfast on a relay chain

  Parachain  ${network.url('alice')}  (alice)
             ${network.url('bob')}  (bob)
             ${network.url('charlie')}  (charlie)
  Relay      ${network.url('eve')}  (eve)
             ${network.url('ferdie')}  (ferdie)
  Apps       https://polkadot.js.org/apps/?rpc=${network.url('alice')}
  Logs       ${network.nodes}/NAME.log
  Try        in another terminal:
               npm --prefix e2e run first-deposit -- --ws ${network.url('alice')}
               kill -9 $(pgrep -f -- '--name charlie')   and see api.query.staking.erasRewardPoints
             An era is 48 blocks, 5 minutes; a deposit is staked with the next one.
  Stop       Ctrl-C; everything is gone then
`);
// Until a signal comes, or the last node has gone.
await network.exited;
await end(1, true);
