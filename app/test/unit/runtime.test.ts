// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { madeFor } from '../../src/lib/runtime.ts';
import { normal, isAddress, samePerson } from '../../src/lib/address.ts';
import { palletAccount } from '../../src/lib/accounts.ts';
import { outcome } from '../../src/lib/outcome.ts';

const file = new URL('../../.papi/metadata/holdfast.scale', import.meta.url);
const metadata = new Uint8Array(readFileSync(file));

/** The place of some text in the metadata. */
function find(text: string): number {
	const at = Buffer.from(metadata).indexOf(text);
	assert.ok(at > 0, text);
	return at;
}

test('a description is known by its digest', () => {
	const { specName, specVersion, digest } = madeFor(metadata);
	assert.equal(specName, 'holdfast');
	assert.ok(specVersion >= 2);
	assert.match(digest, /^[0-9a-f]{64}$/);
});

test('a description in which a call has another name is another one', () => {
	const lie = metadata.slice();
	lie[find('redeem_instantly')] = 'x'.charCodeAt(0);
	assert.notEqual(madeFor(lie).digest, madeFor(metadata).digest);
});

test('addresses are checked, and written as this chain does', () => {
	const alice = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
	assert.ok(isAddress(alice));
	assert.ok(!isAddress(alice.replace('5G', '5F')));
	assert.ok(!isAddress(''));
	// The same account as Polkadot writes it.
	assert.equal(normal('15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5'), alice);
	assert.ok(samePerson('15oF4uVJwmo4TdGW7VfQxNLavjCXviqxT9S1MgbjMNHr6Sp5', alice));
	assert.ok(!samePerson(undefined, undefined));
});

test('the accounts of pallets are those of the runtime', () => {
	// The owner of stHOLD on a development chain is the pot.
	const id = new TextEncoder().encode('hf/lpool');
	assert.equal(palletAccount(id), '5EYCAe5h7t5cCgcSNXvemfLwqTanjta3iA9uLFAvyurr8t1s');
});

test('what has happened is told in amounts', () => {
	const events = [
		{ type: 'System', value: { type: 'ExtrinsicSuccess', value: {} } },
		{ type: 'LiquidStaking', value: { type: 'Deposited', value: { assets: 10n ** 10n, shares: 5n } } },
	];
	assert.equal(outcome(events), '1 HOLD staked. You got 0.0000000005 stHOLD.');
});
