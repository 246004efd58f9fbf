// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import { isKnown, judge, readEndpoint, readNetworks } from '../../src/lib/networks.ts';

const GENESIS = `0x${'ab'.repeat(32)}`;
const OTHER = `0x${'cd'.repeat(32)}`;
const networks = readNetworks([
	{ name: 'Holdfast', genesis: GENESIS, endpoints: ['wss://node.example.org/'] },
	{ name: 'Development', genesis: null, endpoints: ['ws://127.0.0.1:9944'] },
]);
const madeFor = { specName: 'holdfast' };
const answer = { chain: 'Holdfast', genesis: GENESIS, specName: 'holdfast', decimals: 10, symbol: 'HOLD' };

test('an endpoint has one form, and no other protocols', () => {
	assert.equal(readEndpoint(' WSS://Node.Example.org/ '), 'wss://node.example.org');
	assert.equal(readEndpoint('ws://localhost:9944'), 'ws://localhost:9944');
	for (const bad of [
		'ws://node.example.org',
		'ws://127.0.0.1.example.org:9944',
		'https://node.example.org',
		'javascript:alert(1)',
		'wss://me:secret@node.example.org',
		'node.example.org',
		'',
	]) {
		assert.throws(() => readEndpoint(bad), bad);
	}
});

test('only what is listed or was agreed to is known', () => {
	assert.ok(isKnown('wss://node.example.org', networks, {}));
	assert.ok(!isKnown('wss://node.example.org.evil.example', networks, {}));
	assert.ok(!isKnown('ws://127.0.0.1:9955', networks, {}));
	assert.ok(isKnown('ws://127.0.0.1:9955', networks, { 'ws://127.0.0.1:9955': OTHER }));
});

test('a list that is wrong is refused', () => {
	for (const bad of [
		[],
		{},
		[{ name: 'x', genesis: '0x1', endpoints: ['wss://a.example'] }],
		[{ name: 'x', genesis: null, endpoints: [] }],
	]) {
		assert.throws(() => readNetworks(bad));
	}
});

test('the genesis of a listed network is demanded', () => {
	const at = 'wss://node.example.org';
	assert.deepEqual(judge(at, answer, madeFor, networks, {}), { ok: true, network: 'Holdfast', listed: true });
	const verdict = judge(at, { ...answer, genesis: OTHER }, madeFor, networks, {});
	assert.equal(verdict.ok, false);
});

test('where no genesis is listed, any will do, and it is not a listed network', () => {
	const verdict = judge('ws://127.0.0.1:9944', { ...answer, genesis: OTHER }, madeFor, networks, {});
	assert.deepEqual(verdict, { ok: true, network: 'Development', listed: false });
});

test('an endpoint that was agreed to keeps its genesis', () => {
	const at = 'wss://mine.example.org';
	const accepted = { [at]: OTHER };
	assert.equal(judge(at, { ...answer, genesis: OTHER }, madeFor, networks, accepted).ok, true);
	assert.equal(judge(at, answer, madeFor, networks, accepted).ok, false);
});

test('another chain is named', () => {
	const verdict = judge(
		'wss://mine.example.org',
		{ ...answer, chain: 'Other', specName: 'other' },
		madeFor,
		networks,
		{},
	);
	assert.deepEqual(verdict, { ok: false, why: 'This is Other, not Holdfast.' });
	for (const wrong of [{ decimals: 12 }, { symbol: 'DOT' }, { decimals: undefined }]) {
		assert.equal(judge('wss://mine.example.org', { ...answer, ...wrong }, madeFor, networks, {}).ok, false);
	}
});
