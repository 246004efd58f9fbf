// SPDX-License-Identifier: Apache-2.0

// Once before all tests: builds the genesis of the development chain, for which a node compiles the
// runtime three times. Nodes that get it start in a third of the time.

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { findBinary } from './node.js';

// What a test says of a failure goes from one process to another as JSON.
Object.assign(BigInt.prototype, {
	toJSON() {
		return this.toString();
	},
});

let dir;

export async function mochaGlobalSetup() {
	const args = ['build-spec', '--chain', 'dev', '--raw'];
	const { stdout } = await promisify(execFile)(findBinary(), args, { maxBuffer: 2 ** 28 });
	dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-e2e-'));
	process.env.HOLDFAST_E2E_CHAIN = path.join(dir, 'chain.json');
	fs.writeFileSync(process.env.HOLDFAST_E2E_CHAIN, stdout);
}

export function mochaGlobalTeardown() {
	if (dir) fs.rmSync(dir, { recursive: true });
}
