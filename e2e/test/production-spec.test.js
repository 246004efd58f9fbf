// SPDX-License-Identifier: Apache-2.0

// The chain spec of a production chain: made by the node from a file with the accounts concerned.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Keyring } from '@polkadot/keyring';
import { TypeRegistry } from '@polkadot/types';
import {
	blake2AsU8a,
	createKeyMulti,
	decodeAddress,
	encodeAddress,
	xxhashAsU8a,
} from '@polkadot/util-crypto';
import { HOLD, plain, text } from '../lib/chain.js';
import { findBinary } from '../lib/node.js';
import { clusterOf } from '../lib/registry.js';

// An operator as the registry stores it.
const OPERATOR = {
	profile: '(Bytes, Bytes, Bytes, Bytes)',
	attested: '(bool, bool, bool, bool)',
	identity: 'Option<u64>',
	bond: 'u128',
	release: 'Option<(u128, u32)>',
	suspendedUntil: 'Option<u32>',
	leaving: 'bool',
	validators: 'Vec<AccountId>',
	added: 'Vec<AccountId>',
};

const BOOT_NODE =
	'/dns/one.example.org/tcp/30333/p2p/12D3KooWQCkBm1BYtkHpocxCwMgR8yjitEeHGx8spzcDLGt2gkBm';

const ANY_PORTS = ['--rpc-port', '0', '--port', '0', '--no-prometheus'];

const run = promisify(execFile);

describe('the production chain spec', () => {
	const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });
	const [one, two, three, stash] = ['//One', '//Two', '//Three', '//Stash'].map(
		(uri) => keyring.addFromUri(uri).address,
	);
	/** @type {[string, number]} */
	const endowment = [stash, Number(20_000n * HOLD)];
	const genesis = {
		name: 'Holdfast',
		id: 'holdfast',
		relayChain: 'polkadot',
		paraId: 3333,
		bootNodes: [BOOT_NODE],
		telemetry: [['wss://telemetry.polkadot.io/submit/', 0]],
		ss58Format: 42,
		token: { symbol: 'HOLD', decimals: 10 },
		signatories: [three, one, two],
		threshold: 2,
		validators: [{ stash, aura: stash, stake: Number(10_000n * HOLD) }],
		endowments: [endowment],
	};
	// Its own validator's stash, with a bond beside the stake.
	const acme = {
		account: stash,
		operator: 'acme',
		region: 'eu-north',
		provider: 'own-racks',
		client: 'holdfast-node',
		bond: Number(1_000n * HOLD),
		validators: [stash],
	};
	let dir;

	before(() => {
		dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-spec-'));
	});

	after(() => {
		fs.rmSync(dir, { recursive: true });
	});

	const node = (...args) => run(findBinary(), args, { maxBuffer: 2 ** 28 });

	async function make(change, ...options) {
		const file = path.join(dir, 'genesis.json');
		fs.writeFileSync(file, JSON.stringify({ ...genesis, ...change }));
		// The node of the tests has eras of minutes.
		return node('production-chain-spec', '--rehearsal', '--genesis', file, ...options);
	}

	/** Asserts that nothing is made of a changed genesis, that one line says why, and no file is left. */
	async function refused(change, why, ...options) {
		const output = path.join(dir, 'refused.json');
		await assert.rejects(make(change, '--output', output, ...options), ({ code, stderr }) => {
			assert.equal(code, 1);
			assert.match(stderr, /^Error: .*\n$/, 'one line');
			assert.match(stderr, why);
			return true;
		});
		assert.deepEqual(fs.readdirSync(dir), ['genesis.json']);
	}

	it('makes the multisig of the signatories root, and endows nobody else', async () => {
		const spec = JSON.parse((await make()).stdout);
		const { patch } = spec.genesis.runtimeGenesis;
		const root = encodeAddress(createKeyMulti([one, two, three], 2), 42);
		assert.equal(spec.chainType, 'Local', 'a rehearsal');
		assert.equal(spec.relay_chain, 'polkadot');
		assert.equal(patch.sudo.key, root);
		// The stash, and the treasury with its existential deposit.
		assert.equal(patch.balances.balances.length, 2);
		assert.ok(!JSON.stringify(patch).includes(keyring.addFromUri('//Alice').address));
	});

	it('has the para id, boot nodes, telemetry, address format and token of the file', async () => {
		const spec = JSON.parse((await make()).stdout);
		assert.equal(spec.para_id, 3333);
		assert.equal(spec.genesis.runtimeGenesis.patch.parachainInfo.parachainId, 3333);
		assert.deepEqual(spec.bootNodes, [BOOT_NODE]);
		assert.deepEqual(spec.telemetryEndpoints, [
			['/dns/telemetry.polkadot.io/tcp/443/x-parity-wss/%2Fsubmit%2F', 0],
		]);
		const properties = { ss58Format: 42, tokenDecimals: 10, tokenSymbol: 'HOLD' };
		assert.deepEqual(spec.properties, properties);
		const { top } = JSON.parse((await make({}, '--raw')).stdout).genesis.raw;
		const key = ['ParachainInfo', 'ParachainId'].map((name) => xxhashAsU8a(name, 128));
		assert.equal(top[`0x${Buffer.concat(key).toString('hex')}`], '0x050d0000');
	});

	it('refuses what makes no sound genesis', async () => {
		await refused({ threshold: 4 }, /the threshold 4 is not between 2 and .*, 3$/m);
		await refused({ endowments: [] }, new RegExp(`validator ${stash} is not endowed`));
		await refused({ endowments: [...genesis.endowments, [stash, 1e12]] }, /is endowed twice/);
		await refused({ signatories: [one, one] }, new RegExp(`signatory ${one} is named twice`));
		await refused({ surprise: 1 }, /unknown field `surprise`/);
		await refused({ paraId: undefined }, /missing field `paraId`/);
		await refused({ paraId: 1000 }, /para id 1000 .* from 2000 on/);
		await refused({ ss58Format: 7 }, /format 7, but the runtime was built with 42/);
		const token = { symbol: 'HLD', decimals: 10 };
		await refused({ token }, /token HLD with 10 decimals, but .* HOLD and 10/);
		await refused({ bootNodes: ['/dns/one.example.org/tcp/30333'] }, /peer id/i);
		await refused({ telemetry: [['nosuch', 0]] }, /telemetry takes URLs/);
		await refused({ id: '../holdfast' }, /the id '..\/holdfast'/);
	});

	it('is refused to a node with eras of minutes, unless it is a rehearsal', async () => {
		const file = path.join(dir, 'genesis.json');
		fs.writeFileSync(file, JSON.stringify(genesis));
		const args = ['production-chain-spec', '--genesis', file];
		await assert.rejects(node(...args), ({ code, stdout, stderr }) => {
			assert.equal(code, 1);
			assert.equal(stdout, '');
			assert.match(stderr, /^Error: .* eras last minutes: .*make production.*--rehearsal\n$/);
			return true;
		});
	});

	it('appears whole or not at all', async () => {
		const output = path.join(dir, 'nosuch', 'spec.json');
		await assert.rejects(make({}, '--output', output), /Error: cannot write .*nosuch/);
		const garbage = path.join(dir, 'genesis.json');
		fs.writeFileSync(garbage, '{ "name": ');
		const args = ['production-chain-spec', '--rehearsal', '--genesis', garbage];
		await assert.rejects(node(...args), /Error: .*genesis.json is not a genesis/);
		assert.deepEqual(fs.readdirSync(dir), ['genesis.json']);
	});

	it('begins as the runtime itself would begin', async () => {
		const [plain, raw] = ['plain.json', 'raw.json'].map((name) => path.join(dir, name));
		await make({ operators: [acme] }, '--output', plain);
		const { stderr } = await make({ operators: [acme] }, '--output', raw, '--raw');
		// Here the Wasm builds the genesis, from the same configuration.
		const { stdout } = await node('build-spec', '--chain', plain, '--raw');
		const genesisOf = (json) => JSON.parse(json).genesis.raw;
		assert.deepEqual(genesisOf(fs.readFileSync(raw, 'utf8')), genesisOf(stdout));

		const head = (await node('export-genesis-head', '--chain', raw)).stdout;
		assert.match(stderr, new RegExp(`^genesis head ${head}$`, 'm'));
		const wasm = (await node('export-genesis-wasm', '--chain', raw)).stdout;
		const hash = Buffer.from(blake2AsU8a(wasm, 256)).toString('hex');
		assert.match(stderr, new RegExp(`^blake2-256 of the runtime 0x${hash}$`, 'm'));
		fs.rmSync(plain);
		fs.rmSync(raw);
	});

	it('puts its operators into the registry, attested', async () => {
		const { stdout } = await make({ operators: [acme] }, '--raw');
		const { top } = JSON.parse(stdout).genesis.raw;
		const prefix = ['OperatorRegistry', 'Operators'].map((name) => xxhashAsU8a(name, 128));
		const id = decodeAddress(stash);
		const hex = (...parts) => `0x${Buffer.concat(parts).toString('hex')}`;
		const operators = Object.keys(top).filter((key) => key.startsWith(hex(...prefix)));
		const key = hex(...prefix, blake2AsU8a(id, 128), id);
		assert.deepEqual(operators, [key]);
		const registry = new TypeRegistry();
		const properties = registry.createTypeUnsafe('ChainProperties', [{ ss58Format: 42 }]);
		registry.setChainProperties(/** @type {any} */ (properties));
		const { profile, ...rest } = plain(registry.createType(JSON.stringify(OPERATOR), top[key]));
		assert.deepEqual(profile.map(text), ['acme', 'eu-north', 'own-racks', 'holdfast-node']);
		assert.deepEqual(rest, {
			attested: [true, true, true, true],
			identity: clusterOf('acme'),
			bond: 1_000n * HOLD,
			release: null,
			suspendedUntil: null,
			leaving: false,
			validators: [stash],
			added: [],
		});
		const without = JSON.parse((await make({}, '--raw')).stdout).genesis.raw.top;
		assert.ok(!Object.keys(without).some((one) => one.startsWith(hex(...prefix))));
	});

	it('refuses operators that make no sense', async () => {
		const bad = (...operators) => {
			const { account } = operators[0];
			return refused({ operators }, new RegExp(`operator ${account} must be named once`));
		};
		await bad({ ...acme, operator: 'Acme' });
		await bad({ ...acme, region: '' });
		await bad({ ...acme, client: 'x'.repeat(33) });
		await bad({ ...acme, bond: acme.bond - 1 });
		// More than is left beside the stake.
		await bad({ ...acme, bond: genesis.endowments[0][1] - genesis.validators[0].stake });
		await bad({ ...acme, account: one });
		await bad(acme, acme);
		await refused({ operators: [{ ...acme, stake: 1 }] }, /unknown field `stake`/);
	});
});

describe('the parts of a genesis', () => {
	let dir;

	before(() => {
		dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-genesis-'));
	});

	after(() => {
		fs.rmSync(dir, { recursive: true });
	});

	const node = (...args) => run(findBinary(), args, { maxBuffer: 2 ** 28 });

	it('of a built-in chain have the para id that was asked for', async () => {
		for (const [chain, paraId] of [
			['dev', 2000],
			['local', 2000],
			['local', 4444],
		]) {
			const chosen = paraId === 2000 ? [] : ['--para-id', String(paraId)];
			const { stdout } = await node('export-chain-spec', '--chain', chain, ...chosen);
			const spec = JSON.parse(stdout);
			assert.equal(spec.para_id, paraId);
			assert.equal(spec.genesis.runtimeGenesis.patch.parachainInfo.parachainId, paraId);
		}
	});

	it('are exported in seconds, and are those of the chain that a node starts', async () => {
		const spec = path.join(dir, 'local.json');
		const began = Date.now();
		await node('export-chain-spec', '--chain', 'local', '--raw', '--output', spec);
		const [head, file] = await Promise.all([
			node('export-genesis-head', '--chain', 'local'),
			node('export-genesis-head', '--chain', spec),
		]);
		// A compilation of the Wasm takes a minute on a busy machine.
		assert.ok(Date.now() - began < 30_000, `${Date.now() - began} ms`);
		assert.equal(head.stdout, file.stdout);
		// A header of block 0: its parent is nothing, and it has no digest.
		assert.match(head.stdout, /^0x0{64}00[0-9a-f]{128}00$/);
		const wasm = path.join(dir, 'wasm');
		const { stderr } = await node('export-genesis-wasm', '--chain', 'local', '--raw', wasm);
		const hash = Buffer.from(blake2AsU8a(fs.readFileSync(wasm), 256)).toString('hex');
		assert.match(stderr, new RegExp(`^holdfast \\d+, \\d+ bytes, blake2-256 0x${hash}\n$`));
	});

	it('of the spec of another chain are refused', async () => {
		const file = path.join(dir, 'other.json');
		const { stdout } = await node('export-chain-spec', '--chain', 'local', '--raw');
		const spec = JSON.parse(stdout);
		const output = path.join(dir, 'head');
		const refused = async (pattern) => {
			fs.writeFileSync(file, JSON.stringify(spec));
			for (const args of [
				['export-genesis-head', '--chain', file, output],
				['export-chain-spec', '--chain', file, '--output', output],
				['--chain', file, '--tmp', ...ANY_PORTS, '--', ...ANY_PORTS],
			]) {
				await assert.rejects(node(...args), ({ code, stderr }) => {
					assert.equal(code, 1);
					assert.match(stderr, /^Error: .*\n$/, 'one line');
					assert.match(stderr, pattern);
					return true;
				});
			}
			assert.ok(!fs.existsSync(output));
		};
		spec.para_id = 2001;
		await refused(/says para id 2001, but its genesis has 2000/);
		spec.para_id = 2000;
		spec.genesis.raw.top['0x3a636f6465'] = '0x0061736d01000000';
		await refused(/not a spec of this chain: the runtime does not carry its version/);
		delete spec.genesis;
		await refused(/is not a chain spec: missing field `genesis`/);
	});
});
