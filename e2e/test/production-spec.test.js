// The chain spec of a production chain: made by the node from a file with the accounts concerned.

import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Keyring } from '@polkadot/keyring';
import { createKeyMulti, encodeAddress } from '@polkadot/util-crypto';
import { HOLD } from '../lib/chain.js';
import { findBinary } from '../lib/node.js';

const run = promisify(execFile);

describe('the production chain spec', () => {
	const keyring = new Keyring({ type: 'sr25519', ss58Format: 42 });
	const [one, two, three, stash] = ['//One', '//Two', '//Three', '//Stash'].map(
		(uri) => keyring.addFromUri(uri).address,
	);
	const genesis = {
		name: 'Holdfast',
		id: 'holdfast',
		relayChain: 'polkadot',
		signatories: [three, one, two],
		threshold: 2,
		validators: [{ stash, aura: stash, stake: Number(10_000n * HOLD) }],
		endowments: [[stash, Number(20_000n * HOLD)]],
	};
	let dir;

	before(() => {
		dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-spec-'));
	});

	after(() => {
		fs.rmSync(dir, { recursive: true });
	});

	async function make(change) {
		const file = path.join(dir, 'genesis.json');
		fs.writeFileSync(file, JSON.stringify({ ...genesis, ...change }));
		const args = ['production-chain-spec', '--genesis', file];
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
});
