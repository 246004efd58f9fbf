// SPDX-License-Identifier: Apache-2.0

// What can be told without a relay chain.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, describe, it } from 'node:test';
import { fileURLToPath } from 'node:url';
import { findRelay, MissingBinaries } from '../lib/binaries.js';
import { withSection } from '../lib/upgrade.js';

const NAMES = ['polkadot', 'polkadot-prepare-worker', 'polkadot-execute-worker'];

describe('the programs of the relay chain', () => {
	let dir;

	before(() => {
		dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-relay-'));
	});

	after(() => fs.rmSync(dir, { recursive: true }));

	const install = (...names) =>
		names.forEach((name) => fs.writeFileSync(path.join(dir, name), '', { mode: 0o755 }));

	it('that are missing are named, with what to download, and nothing is started', () => {
		for (const script of ['check.js', 'network.js']) {
			const { status, stdout, stderr } = spawnSync(
				process.execPath,
				[fileURLToPath(new URL(`../${script}`, import.meta.url))],
				{ env: { PATH: dir, HOLDFAST_NODE: process.execPath }, encoding: 'utf8' },
			);
			assert.equal(status, 3, stderr);
			assert.equal(stdout, '');
			assert.equal(stderr.trim().split('\n').length, 1, stderr);
			assert.match(
				stderr,
				/^Error: no polkadot, .*polkadot-stable2609.*github.com.*HOLDFAST_RELAY_BIN/,
			);
		}
	});

	it('must be all there, in one directory', () => {
		install('polkadot', 'polkadot-prepare-worker');
		assert.throws(
			() => findRelay({ PATH: dir }),
			(error) => {
				assert.ok(error instanceof MissingBinaries);
				assert.match(error.message, /^no polkadot-execute-worker in /);
				return true;
			},
		);
	});

	it('are found on PATH, and in a directory that is given', () => {
		install(...NAMES);
		const program = path.join(dir, 'polkadot');
		assert.equal(findRelay({ PATH: `/nonexistent:${dir}` }), program);
		assert.equal(findRelay({ PATH: '', HOLDFAST_RELAY_BIN: dir }), program);
		// Whoever names a directory means that one.
		assert.throws(
			() => findRelay({ PATH: dir, HOLDFAST_RELAY_BIN: '/nonexistent' }),
			MissingBinaries,
		);
	});
});

describe('a runtime with one more section', () => {
	const wasm = Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]);

	it('is a Wasm that does the same', async () => {
		const module = await WebAssembly.compile(withSection(wasm));
		const [section] = WebAssembly.Module.customSections(module, 'holdfast-rehearsal');
		assert.equal(section.byteLength, 0);
	});

	it('is a frame more where it is compressed', () => {
		const compressed = Buffer.from('52bc537646db8e0528b52ffd', 'hex');
		const longer = withSection(compressed);
		assert.deepEqual(longer.subarray(0, compressed.length), compressed);
		const frame = longer.subarray(compressed.length);
		assert.equal(frame.readUInt32LE(0), 0xfd2fb528);
		// The size of the content, and that of its only block, which is not compressed.
		assert.equal(frame[5], frame.length - 9);
		assert.equal(frame.readUIntLE(6, 3), ((frame.length - 9) << 3) | 1);
	});
});
