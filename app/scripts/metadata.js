#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0

// Writes what the runtime says of itself into .papi/metadata, from which the types and codecs of the page
// are generated; with --check, only compares. The node is that of HOLDFAST_NODE, which it starts, or one
// that runs:
//   node scripts/metadata.js [--check] [--url http://127.0.0.1:9944]

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { startNode } from '../../e2e/lib/node.js';
import { mochaGlobalSetup, mochaGlobalTeardown } from '../../e2e/lib/setup.js';

const FILE = fileURLToPath(new URL('../.papi/metadata/holdfast.scale', import.meta.url));
// The version that the client of the page asks for.
const VERSION = 16;

/** The description of the runtime, as the node gives it. */
async function readMetadata(url) {
	const input = Buffer.alloc(4);
	input.writeUInt32LE(VERSION);
	const response = await fetch(url.replace(/^ws/, 'http'), {
		method: 'POST',
		headers: { 'content-type': 'application/json' },
		body: JSON.stringify({
			jsonrpc: '2.0',
			id: 1,
			method: 'state_call',
			params: ['Metadata_metadata_at_version', `0x${input.toString('hex')}`],
		}),
	});
	const { result, error } = await response.json();
	if (error) throw new Error(error.message);
	const bytes = Buffer.from(result.slice(2), 'hex');
	// An option of a list of bytes: a byte, and the length in four, of which two bits say so.
	const length = bytes.readUInt32LE(1) >> 2;
	const metadata = bytes.subarray(5);
	if (bytes[0] !== 1 || (bytes[1] & 3) !== 2 || metadata.length !== length) {
		throw new Error('the node answers in a form that this script does not know');
	}
	return metadata;
}

/** The same of a node that lives for that only. Its genesis comes first: building it has no limit of time. */
async function ofOwnNode() {
	await mochaGlobalSetup();
	try {
		const node = await startNode();
		return await readMetadata(node.url).finally(() => node.stop());
	} finally {
		mochaGlobalTeardown();
	}
}

const { values } = parseArgs({ options: { check: { type: 'boolean' }, url: { type: 'string' } } });
const metadata = values.url ? await readMetadata(values.url) : await ofOwnNode();
const same = fs.existsSync(FILE) && metadata.equals(fs.readFileSync(FILE));

if (same) {
	console.log('The committed description of the runtime is that of the node.');
} else if (values.check) {
	console.error(
		'The runtime is another one than the page is made for. Run `make app-metadata`, and commit what changed.',
	);
	process.exitCode = 1;
} else {
	fs.writeFileSync(FILE, metadata);
	execFileSync('npx', ['papi', 'generate'], { cwd: fileURLToPath(new URL('..', import.meta.url)), stdio: 'inherit' });
	console.log('Written: app/.papi/metadata/holdfast.scale, and what is generated from it.');
}
