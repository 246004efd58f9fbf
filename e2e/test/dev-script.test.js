// SPDX-License-Identifier: Apache-2.0

// The node of `make dev`: where it says that it listens, and that it remembers every block.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { Chain } from '../lib/chain.js';
import { findBinary, freePorts, watch } from '../lib/node.js';
import { holdOf } from '../lib/pool.js';

const START_TIMEOUT_MS = 120_000;
// As fast as a node can be, since what is looked for takes more blocks than a default node remembers.
const BLOCK_TIME_MS = 250;
const FORGOTTEN = 256;

describe('the node of `make dev`', () => {
	let data, node, guard, said, exited, chain;

	before(async () => {
		data = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-e2e-'));
		const script = fileURLToPath(new URL('../../scripts/dev.sh', import.meta.url));
		const [rpcPort, p2pPort] = await freePorts(2);
		const { HOLDFAST_E2E_CHAIN: genesis } = process.env;
		const args = [
			...(genesis ? ['--chain', genesis] : []),
			...['--base-path', data, '--dev-block-time', BLOCK_TIME_MS],
			...['--rpc-port', rpcPort, '--port', p2pPort, '--no-prometheus'],
		];
		node = spawn(script, args.map(String), {
			stdio: ['ignore', 'ignore', 'pipe'],
			env: { ...process.env, HOLDFAST_NODE: findBinary() },
		});
		guard = watch(node, data);
		exited = new Promise((resolve) => node.once('exit', resolve));
		said = '';
		const url = await new Promise((resolve, reject) => {
			const fail = (why) => reject(new Error(`the node ${why}:\n${said}`));
			const late = setTimeout(
				() => fail('said nothing of where it listens'),
				START_TIMEOUT_MS,
			);
			node.stderr.on('data', (text) => {
				said += text;
				const [, found] = /Connect +(ws:\S+)/.exec(said) ?? [];
				if (!found) return;
				clearTimeout(late);
				resolve(found);
			});
			exited.then((code) => fail(`ended with ${code}`));
		});
		assert.equal(url, `ws://127.0.0.1:${rpcPort}`);
		chain = await Chain.connect(url);
	});

	after(async () => {
		await chain?.disconnect();
		node?.kill('SIGTERM');
		await exited;
		guard?.kill('SIGKILL');
		fs.rmSync(data, { recursive: true, force: true });
	});

	it('says how to make a first deposit there', () => {
		assert.match(said, /first-deposit -- --ws ws:\/\/127\.0\.0\.1:\d+$/m);
	});

	it('remembers the state of every block', async () => {
		const { address } = chain.account('//Alice');
		const first = await chain.waitForBlock(1);
		const then = await holdOf(first.at, address);
		await chain.waitForBlock(FORGOTTEN + 20);
		const again = await chain.at(first.hash);
		assert.equal(await holdOf(again, address), then);
	});
});
