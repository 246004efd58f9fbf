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

	async function make(change, ...options) {
		const file = path.join(dir, 'genesis.json');
		fs.writeFileSync(file, JSON.stringify({ ...genesis, ...change }));
		const args = ['production-chain-spec', '--genesis', file, ...options];
		return run(findBinary(), args, { maxBuffer: 2 ** 28 });
	}

	it('makes the multisig of the signatories root, and endows nobody else', async () => {
		const spec = JSON.parse((await make()).stdout);
		const { patch } = spec.genesis.runtimeGenesis;
		const root = encodeAddress(createKeyMulti([one, two, three], 2), 42);
		assert.equal(spec.chainType, 'Live');
		assert.equal(spec.relay_chain ?? spec.relayChain, 'polkadot');
		assert.equal(patch.sudo.key, root);
		// The stash, and the treasury with its existential deposit.
		assert.equal(patch.balances.balances.length, 2);
		assert.ok(!JSON.stringify(patch).includes(keyring.addFromUri('//Alice').address));
	});

	it('refuses what makes no sound genesis', async () => {
		const refused = (change, pattern) => assert.rejects(make(change), pattern);
		await refused({ threshold: 4 }, /BadThreshold/);
		await refused({ endowments: [] }, /StashNotEndowed/);
		await refused({ signatories: [one, one] }, /DuplicateSignatory/);
		await refused({ surprise: 1 }, /unknown field `surprise`/);
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
		const refused = (...operators) => assert.rejects(make({ operators }), /BadOperator/);
		await refused({ ...acme, operator: 'Acme' });
		await refused({ ...acme, region: '' });
		await refused({ ...acme, client: 'x'.repeat(33) });
		await refused({ ...acme, bond: acme.bond - 1 });
		// More than is left beside the stake.
		await refused({ ...acme, bond: endowment[1] - genesis.validators[0].stake });
		await refused({ ...acme, account: one });
		await refused(acme, acme);
		await assert.rejects(make({ operators: [{ ...acme, stake: 1 }] }), /unknown field `stake`/);
	});
});
