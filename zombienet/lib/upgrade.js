// SPDX-License-Identifier: Apache-2.0

// The runtime to upgrade to.

import { execFile } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
// How a compressed runtime begins; zstd follows.
const COMPRESSED = [0x52, 0xbc, 0x53, 0x76, 0x46, 0xdb, 0x8e, 0x05];
const SECTION = 'holdfast-rehearsal';

/** The chain spec of the last release, whose binary this is: the chain begins with its runtime. */
export async function oldSpec(oldNode, file) {
	await run(oldNode, ['export-chain-spec', '--chain', 'local', '--raw', '--output', file]);
	return file;
}

/** The runtime of a node. */
export async function runtimeOf(node, directory) {
	const file = path.join(directory, 'next.wasm');
	await run(node, ['export-genesis-wasm', '--chain', 'local', '--raw', file]);
	return fs.readFileSync(file);
}

/**
 * The same runtime in other bytes: it carries one more section, which nobody reads. Its code is new to the
 * relay chain, but it migrates nothing.
 */
export function withSection(code) {
	const name = Buffer.from(SECTION);
	const section = Buffer.from([0, name.length + 1, name.length, ...name]);
	if (!COMPRESSED.every((byte, i) => code[i] === byte)) return Buffer.concat([code, section]);
	// A second frame of zstd, of one block that is not compressed: frames follow each other.
	const block = (section.length << 3) | 1;
	const header = [0x28, 0xb5, 0x2f, 0xfd, 0x20, section.length];
	return Buffer.concat([code, Buffer.from([...header, block & 255, block >> 8, 0]), section]);
}
