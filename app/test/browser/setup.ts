// SPDX-License-Identifier: Apache-2.0

// Once before all tests: the genesis of the development chain, with which a node starts faster.

import { mochaGlobalSetup, mochaGlobalTeardown } from '../../../e2e/lib/setup.js';

export default async function setup() {
	// Eras of 12 seconds, so that a slash lands within a minute.
	process.env.HOLDFAST_E2E_BLOCK_TIME ??= '250';
	await mochaGlobalSetup();
	return mochaGlobalTeardown;
}
