#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0

// Writes the finalized state of a running node into a file, as a raw chain spec.
//   scripts/fetch-state.js ws://127.0.0.1:9944 FILE

const { rename, writeFile } = require('node:fs/promises');
const { argv, exit, stderr } = require('node:process');

const [, , url, file] = argv;
if (!url || !file) fail('usage: scripts/fetch-state.js URL FILE', 2);

/** A page of keys; also what is asked for in one request. */
const PAGE = 1_000;
let requests = 0;

/**
 * Says why, and ends.
 *
 * @param {string} why
 * @returns {never}
 */
function fail(why, code = 1) {
	stderr.write(`Error: ${why}\n`);
	exit(code);
}

async function ask(method, ...params) {
	requests += 1;
	const body = JSON.stringify({ jsonrpc: '2.0', id: requests, method, params });
	const headers = { 'Content-Type': 'application/json' };
	// A node answers HTTP on the port of its web sockets.
	const response = await fetch(url.replace(/^ws/, 'http'), {
		method: 'POST',
		headers,
		body,
	}).catch((error) => fail(`${url} does not answer: ${error.cause?.message ?? error.message}`));
	const answer = await response
		.json()
		.catch(() => fail(`${url} answers something else than JSON`));
	if (answer.error) fail(`${method}: ${answer.error.message}`);
	return answer.result;
}

async function main() {
	const at = await ask('chain_getFinalizedHead');
	const { number } = await ask('chain_getHeader', at);
	const name = await ask('system_chain');

	const top = {};
	let count = 0;
	for (let after = null; ; ) {
		const keys = await ask('state_getKeysPaged', '0x', PAGE, after, at);
		if (keys.length > 0) {
			const [{ changes }] = await ask('state_queryStorageAt', keys, at);
			for (const [key, value] of changes) if (value !== null) top[key] = value;
			count += keys.length;
			after = keys.at(-1);
		}
		if (stderr.isTTY) stderr.write(`\r${count} items`);
		if (keys.length < PAGE) break;
	}
	if (Object.keys(top).some((key) => key.startsWith('0x3a6368696c645f73746f726167653a')))
		fail('the state has child tries, which are not fetched: use `holdfast-node export-state`');

	const spec = {
		name,
		id: 'fetched-state',
		chainType: 'Local',
		bootNodes: [],
		telemetryEndpoints: null,
		protocolId: null,
		properties: null,
		relay_chain: 'rococo-local',
		para_id: 2000,
		codeSubstitutes: {},
		genesis: { raw: { top, childrenDefault: {} } },
	};
	// A file is written whole or not at all.
	await writeFile(`${file}.part`, JSON.stringify(spec));
	await rename(`${file}.part`, file);
	stderr.write(
		`${stderr.isTTY ? '\r' : ''}${count} items of ${name} in block ${parseInt(number, 16)}\n`,
	);
}

main().catch((error) => fail(error.message));
