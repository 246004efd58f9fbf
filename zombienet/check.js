// SPDX-License-Identifier: Apache-2.0

// Ends with code 3, and a line that says what to download, where the relay chain's programs are missing.
// `node check.js relay` asks for nothing else; without that, the node must have been built, too.

import { findBinary } from '../e2e/lib/node.js';
import { findRelay, MissingBinaries } from './lib/binaries.js';

try {
	findRelay();
	if (process.argv[2] !== 'relay') findBinary();
} catch (error) {
	console.error(`Error: ${error.message}`);
	process.exitCode = error instanceof MissingBinaries ? 3 : 1;
}
