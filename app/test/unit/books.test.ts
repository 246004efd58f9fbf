// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import { bannerOf, type Situation } from '../../src/lib/banner.ts';
import { beforeReports, blocksLeft, lapsesIn, lateBy, underwriterValue, waterfall } from '../../src/lib/books.ts';
import { BlockClock, duration } from '../../src/lib/time.ts';

const HOLD = 10n ** 10n;
const fund = {
	underwriting: 300n * HOLD,
	locked: 0n,
	bonds: 100n * HOLD,
	reserve: 1_000n * HOLD,
	limit: 500_000_000,
	allowance: 0n,
	reported: 0n,
};

const nobodyLeft = { withheld: 0n };

test('a loss is paid in order, each as far as it goes', () => {
	const at = (loss: bigint) => waterfall({ ...fund, reported: loss * HOLD }, nobodyLeft);
	const hold = (...amounts: bigint[]) => amounts.map((amount) => amount * HOLD);
	const parts = (loss: bigint) => {
		const { operator, underwriters, reserve, holders } = at(loss);
		return [operator, underwriters, reserve, holders];
	};
	assert.deepEqual(parts(50n), hold(50n, 0n, 0n, 0n));
	assert.deepEqual(parts(250n), hold(100n, 150n, 0n, 0n));
	assert.deepEqual(parts(900n), hold(100n, 300n, 500n, 0n));
	assert.deepEqual(parts(1_000n), hold(100n, 300n, 500n, 100n));
});

test('of an era for which the reserve has paid, it pays what is left of its limit', () => {
	const late = { ...fund, reported: 1_000n * HOLD, allowance: 20n * HOLD, allowance_era: 5, first_due: 5 };
	assert.equal(waterfall(late, nobodyLeft).reserve, 20n * HOLD);
	assert.equal(waterfall({ ...late, first_due: 6 }, nobodyLeft).reserve, 500n * HOLD);
});

test('what was withheld from those who left pays before the holders, and only what nobody else pays', () => {
	const at = (loss: bigint) => waterfall({ ...fund, reported: loss * HOLD }, { withheld: 60n * HOLD });
	assert.equal(at(900n).withheld, 0n);
	assert.deepEqual([at(950n).withheld, at(950n).holders], [50n * HOLD, 0n]);
	assert.deepEqual([at(1_000n).withheld, at(1_000n).holders], [60n * HOLD, 40n * HOLD]);
});

test('shares are worth what the pool has, rounded down', () => {
	assert.equal(beforeReports(10n, 99n, 99n), 10n);
	assert.equal(beforeReports(3n, 9n, 19n), 1n);
	assert.equal(beforeReports(5n, 0n, 0n), 5n);
});

test('premium that is not released is not the underwriter’s yet', () => {
	const books = { underwriting: 1_100n, shares: 1_000n, stream: { amount: 100n, start: 0, end: 10 } };
	assert.equal(underwriterValue(books, 1_000n, 10), 1_099n);
	assert.equal(underwriterValue(books, 1_000n, 5), 1_049n);
	assert.equal(underwriterValue({ ...books, shares: 0n }, 0n, 5), 0n);
});

test('an era is late when it is longer than the one before it', () => {
	const pool = { era_start: 100, era_length: 48 };
	assert.equal(lateBy(pool, 148), 0);
	assert.equal(lateBy(pool, 151), 0);
	assert.equal(lateBy(pool, 152), 4);
	assert.equal(lateBy({ ...pool, era_length: 0 }, 9_999), 0);
	assert.equal(blocksLeft(pool, 140), 8);
	assert.equal(blocksLeft(pool, 160), 0);
	assert.equal(blocksLeft({ ...pool, era_length: 0 }, 140), undefined);
});

test('a request lapses later if nobody could leave', () => {
	assert.equal(lapsesIn(10, 2, undefined), 12);
	assert.equal(lapsesIn(10, 2, { from: 11, until: 15 }), 18);
	assert.equal(lapsesIn(10, 2, { from: 12, until: 15 }), 12);
	assert.equal(lapsesIn(10, 2, { from: 5, until: 9 }), 12);
});

test('the time of a block is measured, and not known before', () => {
	const clock = new BlockClock();
	assert.equal(clock.blockTime, undefined);
	clock.saw(10, 0);
	clock.saw(11, 6_000);
	assert.equal(clock.blockTime, undefined);
	clock.saw(12, 12_000);
	assert.equal(clock.blockTime, 6_000);
	// Asleep for ten blocks.
	clock.saw(22, 72_000);
	assert.equal(clock.blockTime, 6_000);
	// The chain begins anew.
	clock.saw(1, 80_000);
	assert.equal(clock.blockTime, undefined);
});

test('durations have two units at most', () => {
	assert.equal(duration(0), 'less than 1 s');
	assert.equal(duration(90_000), '1 min 30 s');
	assert.equal(duration(3_600_000), '1 h');
	assert.equal(duration(90_061_000), '1 d 1 h');
	assert.equal(duration(-5_000), 'less than 1 s');
});

const calm: Situation = {
	status: 'ready',
	url: 'wss://node.example.org',
	problem: '',
	block: 7,
	newer: false,
	otherVersion: false,
	figures: { era: 12, late: 0, fund, pool: nobodyLeft, claims: [] },
	blockTime: 6_000,
	walletMissing: false,
};

test('nothing is said when nothing is the case', () => {
	assert.equal(bannerOf(calm), undefined);
});

test('the worst comes first', () => {
	const paid = { operator: HOLD, underwriters: 0n, leavers: 0n, reserve: HOLD };
	const claim = { open: 0n, lost: 5n * HOLD, applied_in: 12, paid };
	const all: Situation = {
		...calm,
		status: 'lost',
		problem: 'This is Other, not Holdfast.',
		newer: true,
		otherVersion: true,
		closed: { asset: 1, worth: HOLD },
		figures: {
			era: 12,
			late: 10,
			fund: { ...fund, reported: 1_000n * HOLD },
			pool: nobodyLeft,
			claims: [
				{ ...claim, state: { type: 'Applied' } },
				{ ...claim, applied_in: 14, state: { type: 'Open' } },
			],
		},
		leavingCosts: 2n * HOLD,
		rates: { before: HOLD, after: HOLD - 1n },
		walletMissing: true,
	};
	const said: string[] = [];
	let now = all;
	const fixes: Partial<Situation>[] = [
		{ status: 'wrong' },
		{ status: 'ready' },
		{ newer: false },
		{ closed: undefined },
		{ figures: { ...all.figures!, fund } },
		{ figures: { ...all.figures!, fund, late: 0 } },
		{ figures: { ...all.figures!, fund, late: 0, claims: [] } },
		{ walletMissing: false },
	];
	for (const fix of fixes) {
		said.push(bannerOf(now)!.text);
		now = { ...now, ...fix };
	}
	assert.equal(bannerOf(now), undefined);
	assert.deepEqual(said, [
		'The connection to wss://node.example.org is lost. What you see is of block 7. Trying again.',
		'This is Other, not Holdfast.',
		'The chain was upgraded after this page was made. Reading works; sending is off until you reload.',
		'These shares are closed. Claim what is left: 1 HOLD.',
		'A slash is reported: up to 1,000 HOLD in era 14. As things stand: operator 100 HOLD, underwriters 300 HOLD, reserve 500 HOLD, holders 100 HOLD. Leaving at once now costs 2 HOLD that you would keep if it is paid or cancelled.',
		'Era 12 is late by 1 min. Redemptions and rewards wait; nothing is lost.',
		'Era 12: 5 HOLD slashed, 2 HOLD paid in the same block. 1 stHOLD: 1 → 0.9999999999 HOLD.',
		'No wallet found in this browser. You can read everything.',
	]);
});

test('those who left are named where something was withheld from them', () => {
	const reported = { ...calm.figures!, fund: { ...fund, reported: 1_000n * HOLD }, pool: { withheld: 60n * HOLD } };
	assert.match(
		bannerOf({ ...calm, figures: reported })!.text,
		/reserve 500 HOLD, those who left 60 HOLD, holders 40 HOLD\.$/,
	);
});
