// SPDX-License-Identifier: Apache-2.0

// Once before all tests: the genesis of the development chain, with which a node starts faster.

import { mochaGlobalSetup, mochaGlobalTeardown } from '../../../e2e/lib/setup.js';

export default async function setup() {
	// Eras of 24 seconds. Where a browser has little of the machine, the client loses track of a transaction when
	// blocks are faster.
	process.env.HOLDFAST_E2E_BLOCK_TIME ??= '500';
	await mochaGlobalSetup();
	return mochaGlobalTeardown;
}
