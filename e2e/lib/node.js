// SPDX-License-Identifier: Apache-2.0

// Starts a development node on free ports, and sees to it that the node never outlives the tests.

import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';

const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 10_000;
const LOG_TAIL_LINES = 40;

/** Path of the node binary: the same places, in the same order, that the Makefile builds to. */
export function findBinary(env = process.env) {
	const cache = env.XDG_CACHE_HOME || path.join(os.homedir(), '.cache');
	const target =
		env.CARGO_TARGET_DIR || env.HOLDFAST_TARGET_DIR || path.join(cache, 'holdfast', 'target');
	const checkout = fileURLToPath(new URL('../..', import.meta.url));
	const binary = path.resolve(
		checkout,
		env.HOLDFAST_NODE || path.join(target, 'release', 'holdfast-node'),
	);
	try {
		fs.accessSync(binary, fs.constants.X_OK);
	} catch {
		throw new Error(`no node binary at ${binary}: run \`make build\`, or set HOLDFAST_NODE`);
	}
	return binary;
}

/** Milliseconds between blocks. */
export function blockTime(env = process.env) {
	const ms = Number(env.HOLDFAST_E2E_BLOCK_TIME || 500);
	// Faster than a block can be made, the queue of the sealing task overflows and the node dies.
	if (!Number.isInteger(ms) || ms < 250) {
		throw new Error('HOLDFAST_E2E_BLOCK_TIME must be a whole number of at least 250 ms');
	}
	return ms;
}

/** `count` different free ports; all are held open until the last is known. */
export async function freePorts(count) {
	const servers = await Promise.all(
		Array.from({ length: count }, () => {
			const server = net.createServer();
			return new Promise((resolve, reject) => {
				server.once('error', reject);
				server.listen(0, '127.0.0.1', () => resolve(server));
			});
		}),
	);
	const ports = servers.map((server) => server.address().port);
	await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
	return ports;
}

/**
 * Arguments of a development node; without a `basePath` its chain is thrown away at the end.
 *
 * @param {{ rpcPort: number, p2pPort: number, basePath?: string }} options
 */
export function devArgs({ rpcPort, p2pPort, basePath }) {
	const { HOLDFAST_E2E_CHAIN: chain } = process.env;
	return [
		'--dev',
		// The same chain, its genesis built already.
		...(chain ? ['--chain', chain] : []),
		...(basePath ? ['--base-path', basePath] : ['--tmp']),
		...['--dev-block-time', blockTime()],
		...['--rpc-port', rpcPort],
		...['--port', p2pPort],
		// Scenarios look back at the state of every block they went through.
		...['--state-pruning', 'archive', '--blocks-pruning', 'archive'],
		'--no-prometheus',
		'--no-telemetry',
		'--no-mdns',
	].map(String);
}

/**
 * However the test runner ends, Ctrl-C and `kill -9` included, the pipe to this guard closes with it, and
 * the guard kills `child`, if there is one, and removes `data`. It does not keep the runner from ending.
 */
export function watch(child, data) {
	const script = 'cat; [ -z "$0" ] || kill -9 "$0"; rm -rf "$1"';
	const guard = spawn('sh', ['-c', script, String(child?.pid ?? ''), data], {
		stdio: ['pipe', 'ignore', 'ignore'],
		detached: true,
	});
	guard.unref();
	/** @type {net.Socket} */ (guard.stdin).unref();
	return guard;
}

/**
 * Starts a node and returns once it has produced block 1; on `port`, if one is to come back there.
 *
 * @param {{ basePath?: string, port?: number }} options
 */
export async function startNode({ basePath, port } = {}) {
	const binary = findBinary();
	const [freePort, p2pPort] = await freePorts(2);
	const rpcPort = port ?? freePort;
	const args = devArgs({ rpcPort, p2pPort, basePath });

	const dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-e2e-'));
	const data = path.join(dir, 'data');
	const log = path.join(dir, 'node.log');
	fs.mkdirSync(data);
	const logFile = fs.openSync(log, 'w');
	const child = spawn(binary, args, {
		stdio: ['ignore', logFile, logFile],
		// `--tmp` puts the chain into TMPDIR, and leaves it there when killed.
		env: { ...process.env, TMPDIR: data },
	});
	fs.closeSync(logFile);

	let end = null;
	const exited = new Promise((resolve) => {
		child.once('error', (error) => resolve((end = `did not start: ${error.message}`)));
		child.once('exit', (code, signal) => {
			resolve((end = `ended with ${signal ?? `code ${code}`}`));
		});
	});

	const guard = watch(child, data);
	child.unref();

	const node = {
		url: `ws://127.0.0.1:${rpcPort}`,
		tail: () => {
			const lines = fs.readFileSync(log, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES);
			return `${[binary, ...args].join(' ')}\n${lines.join('\n')}\n(all of it: ${log})`;
		},
		/** Ends the node and removes its files; `keepLog` leaves the log that `tail()` names. */
		stop: async ({ keepLog = false } = {}) => {
			child.ref();
			child.kill('SIGTERM');
			const late = setTimeout(() => child.kill('SIGKILL'), STOP_TIMEOUT_MS);
			await exited;
			clearTimeout(late);
			guard.kill('SIGKILL');
			fs.rmSync(keepLog ? data : dir, { recursive: true, force: true });
		},
	};

	const deadline = Date.now() + START_TIMEOUT_MS;
	while (!(await bestBlock(rpcPort))) {
		if (end === null && Date.now() < deadline) {
			await sleep(200);
			continue;
		}
		const why = end ?? `made no block in ${START_TIMEOUT_MS / 1000} s`;
		const tail = node.tail();
		await node.stop({ keepLog: true });
		throw new Error(`the node ${why}\n${tail}`);
	}
	return node;
}

/** Number of the best block, or 0 while nobody answers. */
async function bestBlock(rpcPort) {
	try {
		const response = await fetch(`http://127.0.0.1:${rpcPort}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'chain_getHeader', params: [] }),
			signal: AbortSignal.timeout(5_000),
		});
		return Number((await response.json()).result.number);
	} catch {
		return 0;
	}
}
