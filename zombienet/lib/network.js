// SPDX-License-Identifier: Apache-2.0

// A relay chain with this parachain on it. Everything runs in one process group, which ends with whoever
// started it, however that ends.

import { execFile, spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { findBinary, freePorts, watch } from '../../e2e/lib/node.js';
import { findRelay } from './binaries.js';

const PARA_ID = 2000;
const RELAY = ['eve', 'ferdie'];
const COLLATORS = ['alice', 'bob', 'charlie'];
const START_TIMEOUT_MS = 1_800_000;
const STOP_TIMEOUT_MS = 20_000;
const LOG_TAIL_LINES = 20;

const here = (name) => fileURLToPath(new URL(`../${name}`, import.meta.url));
const run = promisify(execFile);

export class Network {
	/** One that is not started yet; `spec` is a raw chain spec, or the built-in local chain. */
	constructor({ spec } = {}) {
		this.relay = findRelay();
		this.node = findBinary();
		this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-network-'));
		this.nodes = path.join(this.dir, 'nodes');
		this.spec = spec ?? path.join(this.dir, 'holdfast.json');
		this.makeSpec = spec === undefined;
		this.files = { head: path.join(this.dir, 'head'), wasm: path.join(this.dir, 'wasm') };
		this.joined = new Map();
		this.guards = [watch(null, this.dir)];
	}

	/** Starts all nodes and returns when each of them answers and knows the right chain. */
	async start() {
		const { spec, files } = this;
		const ports = await freePorts(RELAY.length + COLLATORS.length);
		this.ports = new Map([...RELAY, ...COLLATORS].map((name, i) => [name, ports[i]]));
		if (this.makeSpec) {
			const args = ['--chain', 'local', '--raw', '--output', spec];
			await run(this.node, ['export-chain-spec', ...args]);
		}
		for (const [part, file] of Object.entries(files)) {
			await run(this.node, [`export-genesis-${part}`, '--chain', spec, file]);
		}
		const relayPort = String(this.ports.get(RELAY[0]));
		this.collatorArgs = [
			'--no-hardware-benchmarks',
			// The audit looks back at every block.
			...['--state-pruning', 'archive', '--blocks-pruning', 'archive'],
			...['--relay-chain-rpc-urls', `ws://127.0.0.1:${relayPort}`],
		];
		const portOf = ([name, port]) => [`${name.toUpperCase()}_PORT`, String(port)];
		this.env = {
			...process.env,
			HOLDFAST_NODE: this.node,
			HOLDFAST_RELAY_PORT: relayPort,
		};
		const log = fs.openSync(path.join(this.dir, 'zombienet.log'), 'w');
		this.child = spawn(
			here('node_modules/.bin/zombienet'),
			[
				'-p',
				'native',
				'-l',
				'text',
				'-c',
				'3',
				'-d',
				this.nodes,
				'-f',
				'spawn',
				here('network.toml'),
			],
			{
				stdio: ['ignore', log, log],
				detached: true,
				env: {
					...this.env,
					...Object.fromEntries([...this.ports].map(portOf)),
					RELAY: this.relay,
					PARA_ID: String(PARA_ID),
					SPEC: spec,
					HEAD: files.head,
					WASM: files.wasm,
					COLLATOR: here('collator.sh'),
					COLLATOR_ARGS: this.collatorArgs.join(' '),
				},
			},
		);
		fs.closeSync(log);
		this.exited = new Promise((resolve) => {
			this.child.once('error', (error) => resolve((this.end = error.message)));
			this.child.once('exit', (code, signal) =>
				resolve((this.end = signal ?? `code ${code}`)),
			);
		});
		this.child.unref();
		// The whole group, since zombienet starts the nodes in it.
		this.guards.push(watch({ pid: -this.child.pid }, this.dir));
		await this.#wait('not all nodes were started', () =>
			fs.existsSync(path.join(this.nodes, 'zombie.json')),
		);
		await this.#wait('a node does not answer', () => this.#check());
		return this;
	}

	/** The address at which a node answers. */
	url(name) {
		return `ws://127.0.0.1:${this.ports.get(name)}`;
	}

	logOf(name) {
		return path.join(this.nodes, `${name}.log`);
	}

	/** Whether every node answers. Throws if another chain does. */
	async #check() {
		const genesis = [];
		for (const name of this.ports.keys()) {
			const hash = await ask(this.ports.get(name), 'chain_getBlockHash', [0]);
			if (!hash) return false;
			genesis.push(hash);
		}
		const [relay, paras] = [genesis.slice(0, RELAY.length), genesis.slice(RELAY.length)];
		const one = (hashes) => new Set(hashes).size === 1;
		if (!one(relay) || !one(paras) || relay[0] === paras[0]) {
			throw new Error(`other chains answer at the ports: ${genesis.join(', ')}`);
		}
		return true;
	}

	async #wait(what, done) {
		const deadline = Date.now() + START_TIMEOUT_MS;
		while (!(await done())) {
			if (this.end)
				throw new Error(`${what}, zombienet ended with ${this.end}\n${this.tail()}`);
			if (Date.now() > deadline) throw new Error(`${what} in time\n${this.tail()}`);
			await sleep(1_000);
		}
	}

	/** The end of each log, with the path of the whole. */
	tail() {
		const logs = fs.existsSync(this.nodes) ? fs.readdirSync(this.nodes) : [];
		return [
			path.join(this.dir, 'zombienet.log'),
			...logs
				.filter((name) => name.endsWith('.log'))
				.map((name) => path.join(this.nodes, name)),
		]
			.filter((log) => fs.existsSync(log))
			.map((log) => {
				const lines = fs.readFileSync(log, 'utf8').trimEnd().split('\n');
				return `==> ${log}\n${lines.slice(-LOG_TAIL_LINES).join('\n')}`;
			})
			.join('\n\n');
	}

	/** The process of a node, and its command line. */
	async #process(name) {
		const own = this.joined.get(name);
		if (own) return own;
		const group = String(this.child.pid);
		const { stdout } = await run('ps', ['-A', '-o', 'pid=,pgid=']);
		for (const line of stdout.trim().split('\n')) {
			const [pid, pgid] = line.trim().split(/\s+/);
			if (pgid !== group) continue;
			let argv;
			try {
				argv = fs.readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').slice(0, -1);
			} catch {
				continue;
			}
			// Not the shell that waits to start it.
			const isNode = [this.relay, this.node].includes(argv[0]);
			const named = argv[argv.indexOf('--name') + 1];
			if (isNode && named === name) return { pid: Number(pid), argv };
		}
		throw new Error(`${name} does not run`);
	}

	/** Ends a node at once, as a power cut would. Returns what starts it again. */
	async kill(name) {
		const { pid, argv } = await this.#process(name);
		process.kill(pid, 'SIGKILL');
		this.joined.delete(name);
		while (isAlive(pid)) await sleep(50);
		return argv;
	}

	/** Starts a node with the command line that `kill` returned. */
	async restart(name, argv) {
		const log = fs.openSync(this.logOf(name), 'a');
		const child = spawn(argv[0], argv.slice(1), { stdio: ['ignore', log, log], env: this.env });
		fs.closeSync(log);
		let ended = false;
		child.once('exit', () => (ended = true));
		child.unref();
		this.joined.set(name, { pid: child.pid, argv });
		this.guards.push(watch(child, this.dir));
		await this.#wait(`${name} does not answer`, () => {
			if (ended) throw new Error(`${name} has ended, see ${this.logOf(name)}`);
			return ask(this.ports.get(name), 'chain_getBlockHash', [0]);
		});
	}

	/** Starts one more collator, which nobody has given any keys. */
	async join(name) {
		const [rpcPort, p2pPort, relayPort] = await freePorts(3);
		this.ports.set(name, rpcPort);
		const port = this.ports.get(COLLATORS[0]);
		const [peer] = await ask(port, 'system_localListenAddresses', []);
		await this.restart(name, [
			this.node,
			...['--name', name, '--collator', '--chain', this.spec],
			...['--base-path', path.join(this.nodes, name)],
			...['--rpc-port', String(rpcPort), '--port', String(p2pPort)],
			...['--no-prometheus', '--no-mdns', '--unsafe-force-node-key-generation'],
			...['--bootnodes', peer],
			...this.collatorArgs,
			'--',
			...['--chain', path.join(this.nodes, 'rococo-local.json'), '--no-prometheus'],
			...['--base-path', path.join(this.nodes, name, 'relay'), '--port', String(relayPort)],
		]);
	}

	/** Ends all nodes and removes their files, but for the logs if these are to be kept. */
	async stop({ keepLogs = false } = {}) {
		this.guards.forEach((guard) => guard.kill('SIGKILL'));
		const running = [...this.joined.values()].map(({ pid }) => pid);
		if (this.child?.pid) running.push(-this.child.pid);
		const signal = (name) => running.filter(isAlive).forEach((pid) => kill(pid, name));
		signal('SIGTERM');
		const deadline = Date.now() + STOP_TIMEOUT_MS;
		while (running.some(isAlive) && Date.now() < deadline) await sleep(100);
		signal('SIGKILL');
		while (running.some(isAlive)) await sleep(100);
		if (!keepLogs) return fs.rmSync(this.dir, { recursive: true, force: true });
		const isLog = (name) => name.endsWith('.log');
		for (const directory of [this.nodes, this.dir].filter((one) => fs.existsSync(one))) {
			for (const name of fs.readdirSync(directory)) {
				const file = path.join(directory, name);
				if (!isLog(name) && file !== this.nodes) fs.rmSync(file, { recursive: true });
			}
		}
	}
}

/** Whether a process, or one of a group, runs. */
function isAlive(pid) {
	return kill(pid, 0);
}

function kill(pid, signal) {
	try {
		return process.kill(pid, signal);
	} catch {
		return false;
	}
}

/** The answer of the node at a port, or nothing while none answers. */
export async function ask(port, method, params) {
	try {
		const response = await fetch(`http://127.0.0.1:${port}`, {
			method: 'POST',
			headers: { 'content-type': 'application/json' },
			body: JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }),
			signal: AbortSignal.timeout(10_000),
		});
		return (await response.json()).result;
	} catch {
		return undefined;
	}
}
