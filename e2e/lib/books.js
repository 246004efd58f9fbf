// SPDX-License-Identifier: Apache-2.0

// The pool's books, kept a second time: from the events of each block, with arithmetic of their
// own. They begin as the chain's and must be the chain's after every block.

/** @import { Fund } from './fund.js' */
/** @import { Pool, QueuedBatch } from './types.js' */

import assert from 'node:assert/strict';
import { max, min, up } from './amounts.js';
import { SLASH_DELAY } from './fund.js';
import {
	assetsFor,
	bearWith,
	bearWithout,
	feeOn,
	instantQuote,
	exchangeRate,
	onStream,
	prepaid,
	settlementsAhead,
	sharesFor,
	totalAssets,
	uncoveredOf,
} from './pool.js';

const OURS = ['liquidStaking', 'insuranceFund'];

// In one era an eighth of the holders' assets is released at most; a reward is expected again up to
// a thousandth of them.
const RELEASED_AT_MOST = 8n;
const EXPECTED_AT_MOST = 1_000n;

// What follows the settlement in the work of an era, and what users do after it.
const PLANNED = 'NominationsPlanned';
const AFTER_SETTLEMENT = [
	PLANNED,
	'BatchClosed',
	'RateUpdated',
	'BatchFunded',
	'LeftoverPaid',
	'Nominated',
	'Chilled',
	'Bonded',
	'Unbonded',
	'Rebonded',
	'EraWorkCompleted',
	'Deposited',
	'RedemptionRequested',
	'InstantlyRedeemed',
];

export class Books {
	/**
	 * From the books and the queue that the chain has at the end of a block, and those of the fund.
	 *
	 * @param {Pool} pool
	 * @param {QueuedBatch[]} queue
	 * @param {Fund} fund
	 */
	constructor(pool, queue, fund) {
		this.fund = fund;
		this.pool = structuredClone(pool);
		this.queue = structuredClone(queue);
	}

	/**
	 * Books all that happened in block `number`. `open` are the chain's open slashes of the pool's
	 * stashes before it, `settled` tells whether the block settled an era, `phase` where the era
	 * work stands after it: users come after it in every block. `era` is the active one, and `unswept` what
	 * lies in the reward account for them.
	 */
	follow({ number, events, parameters, open, settled, phase, era, unswept }) {
		this.block = { number, parameters, open, era, unswept };
		this.pool.phase = phase;
		this.settlement = settled;
		const ours = events
			.map(({ name, data }) => [...name.split('.'), data])
			.filter(([pallet, name]) => OURS.includes(pallet) || name === PLANNED)
			.map(([pallet, name, data]) => ({ pallet, name, data }));
		const started = ours.findIndex(({ name }) => name === 'EraWorkStarted');
		const collected = ours.find(({ name }) => name === 'RewardsCollected')?.data.assets ?? 0n;
		const fee = ours.find(({ name }) => name === 'FeeTaken')?.data ?? null;
		const premium = ours.find(({ name }) => name === 'PremiumPaid')?.data.assets ?? 0n;
		ours.forEach(({ pallet, name, data }, position) => {
			// One after the other: what the fund covers depends on what it had until then.
			if (pallet === 'insuranceFund') return this.fund.book(name, data);
			// A settlement without rewards has no event of its own.
			const due = name === 'RewardsCollected' || AFTER_SETTLEMENT.includes(name);
			if (this.settlement && due && position > started) this.#settle(collected, fee, premium);
			this.#book(name, data);
		});
		if (this.settlement) this.#settle(collected, fee, premium);
	}

	/** Asserts that the chain's books and queue are these. */
	check({ bonded, unbonding, ...pool }, queue, where) {
		const { pool: mine } = this;
		assert.deepEqual(queue, this.queue, where);
		assert.equal(bonded + unbonding, mine.bonded + mine.unbonding, `stake in ${where}`);
		// None can be told from events: where the era work stands, from which part of the stake a
		// slash was taken, and which part of the reports the holders had when these were read last.
		const told = { scan: pool.scan, phase: pool.phase, stashes: pool.stashes };
		// Nor whether funds wait for the reports, or the cover for the rest of them, and what governance has set.
		const { fundsWait, reportsChanged, parameters } = pool;
		Object.assign(told, { fundsWait, reportsChanged, parameters });
		const { unpaidEra, holdersShareOfReports, worstPart, waitedFor } = pool;
		Object.assign(told, { unpaidEra, holdersShareOfReports, worstPart, waitedFor });
		const { bonded: _, unbonding: __, ...expected } = { ...mine, ...told };
		assert.deepEqual(pool, expected, where);
		const within = holdersShareOfReports <= pool.reported;
		assert.ok(within, `the holders' part of the reports in ${where}`);
		Object.assign(mine, { bonded, unbonding, holdersShareOfReports, worstPart, waitedFor });
	}

	#book(name, data) {
		const where = `${name} in block ${this.block.number}`;
		const handler = Books.#handlers[name];
		assert.ok(handler, `no scenario expects ${where}: ${JSON.stringify(data, text)}`);
		handler.call(this, data, where);
	}

	/**
	 * What each event changes in the books.
	 *
	 * @type {Record<string, (this: Books, data: any, where: string) => void>}
	 */
	static #handlers = {
		Deposited({ assets, shares }, where) {
			const { pool } = this;
			const { number, era, unswept } = this.block;
			const ahead = settlementsAhead(pool, era);
			assert.equal(shares, sharesFor(pool, number, assets, ahead, unswept), where);
			pool.deposited += assets;
			pool.enteredIn = era;
			this.#enter(assets, shares, ahead, unswept);
		},

		RedemptionRequested({ batch, shares }, where) {
			assert.equal(batch, this.pool.openBatch, where);
			this.pool.openShares += shares;
		},

		InstantlyRedeemed({ shares, assets, fee, withheld }, where) {
			const { pool } = this;
			const { number, parameters } = this.block;
			const lost = uncoveredOf(pool, this.fund.state);
			const quote = instantQuote(pool, number, shares, parameters, lost);
			assert.equal(assets, quote.net - quote.fee, where);
			assert.equal(fee, quote.fee, where);
			assert.equal(withheld, quote.gross - quote.net, where);
			const before = this.#price();
			pool.idle -= assets;
			pool.pendingRewards += fee;
			pool.withheld += withheld;
			Object.assign(pool, bearWithout(pool, shares));
			this.#leave(shares);
			this.#keepDust(before);
		},

		EraWorkStarted({ era }) {
			const { pool } = this;
			const number = BigInt(this.block.number);
			if (pool.era !== null) pool.eraLength = (number - pool.eraStart) / (era - pool.era);
			pool.era = era;
			pool.eraStart = number;
		},

		BatchFunded(data, where) {
			this.#fund(data, where);
		},

		LeftoverPaid({ assets }) {
			this.pool.idle -= assets;
			this.pool.leftover -= assets;
		},

		[PLANNED]() {
			// The plan reckons with all that has come in.
			this.pool.deposited = 0n;
		},

		Bonded({ assets }) {
			this.pool.idle -= assets;
			this.pool.bonded += assets;
		},

		Unbonded({ assets }) {
			this.pool.bonded -= assets;
			this.pool.unbonding += assets;
		},

		Rebonded({ assets }) {
			this.pool.unbonding -= assets;
			this.pool.bonded += assets;
		},

		Withdrawn({ assets }) {
			this.pool.unbonding -= assets;
			this.pool.idle += assets;
		},

		ReportsChanged({ reported, released }, where) {
			assert.equal(released, this.#report(reported), where);
		},

		RateUpdated(data, where) {
			const { pool } = this;
			const { number } = this.block;
			assert.deepEqual(
				data,
				{
					era: pool.era,
					rate: exchangeRate(pool, number),
					totalAssets: totalAssets(pool, number),
					shares: pool.shares,
				},
				where,
			);
		},

		Slashed(data, where) {
			this.#lose(data, where);
		},

		BatchClosed(data, where) {
			assert.deepEqual(data, this.closed, where);
		},

		// Booked with the settlement.
		RewardsCollected() {},
		FeeTaken() {},
		PremiumPaid() {},

		// Move nothing in the books.
		EraWorkCompleted() {},
		PlanSkipped() {},
		Nominated() {},
		Chilled() {},
		Claimed() {},
		ParametersSet() {},
		ReportMerged() {},
	};

	#settle(collected, feeTaken, premiumPaid) {
		this.settlement = false;
		const { pool } = this;
		const { number, parameters } = this.block;
		const where = `the settlement in block ${number}`;
		const all = feeOn(collected, parameters);
		const left = collected - all.fund - all.treasury;
		// What the fund does not need of its part stays with the holders.
		const due = this.fund.dues(collected, all.fund, left);
		if (due.premium + due.fee === 0n) this.fund.due = null;
		assert.equal(premiumPaid, due.premium, `the premium in ${where}`);
		const fee = { fund: due.fee, treasury: all.treasury };
		const reward = collected - due.premium - fee.fund - fee.treasury;
		const elapsed = pool.settledEra === null ? 1n : pool.era - pool.settledEra;
		const eras = max(elapsed, 1n);

		const holders = totalAssets(pool, number);
		const most = holders / RELEASED_AT_MOST + 1n;
		const waiting = pool.pendingRewards + reward;
		// Whether the settlement of `era` brings rewards to somebody within two eras of his entry.
		const reaches = (era) => pool.enteredIn !== null && era <= pool.enteredIn + 1n;
		const paidFor = reaches(pool.era) ? pool.prepaidNext : waiting;
		const released = min(waiting, paidFor, most);
		const unreleased = onStream(pool, number);
		const end = BigInt(number) + max(pool.eraLength * eras, 1n);
		pool.idle += reward;
		pool.stream = {
			amount: unreleased + released,
			start: BigInt(number),
			end: unreleased > 0n ? max(end, pool.stream.end) : end,
		};
		pool.pendingRewards = waiting - released;
		pool.pendingEras = max(pool.pendingEras - 1n, eras - 1n, 1n);
		const again = min(reward / eras, holders / EXPECTED_AT_MOST);
		const next = min(pool.pendingRewards / pool.pendingEras + again, most);
		// Who entered before this settlement has paid for those after it by the old measure.
		const capped = (era) => (reaches(era) ? min(next, pool.prepaidLater) : next);
		[pool.prepaidNext, pool.prepaidLater] = [capped(pool.era + 1n), capped(pool.era + 2n)];

		// The treasury enters as anybody would.
		const shares = pool.shares > 0n ? sharesFor(pool, number, fee.treasury, 1n) : 0n;
		if (shares > 0n) {
			this.#enter(fee.treasury, shares, 1n, 0n);
		} else {
			pool.idle += fee.treasury;
			pool.pendingRewards += fee.treasury;
		}
		assert.deepEqual(feeTaken, collected > 0n ? { ...fee, shares } : null, where);

		this.closed = null;
		if (pool.openShares > 0n) {
			const [id, leaving] = [pool.openBatch, pool.openShares];
			const owed = assetsFor(pool, number, leaving);
			const before = this.#price();
			const stay = pool.shares - leaving;
			pool.holdersShareOfReports = up(pool.holdersShareOfReports * stay, pool.shares);
			pool.worstPart = up(pool.worstPart * stay, pool.shares);
			pool.openShares = 0n;
			pool.openBatch += 1n;
			this.#leave(leaving);
			pool.owed += owed;
			this.#keepDust(before);
			this.queue.push({ id, shares: leaving, owed, funded: null, closedIn: pool.era });
			this.closed = { batch: id, shares: leaving, assets: owed };
		}
		pool.settledEra = pool.era;
		pool.deposited = 0n;
		pool.streamed = pool.stream.amount;
		pool.streamedOver = pool.shares;
	}

	// What was paid for the rewards on the stream and for those that are expected goes with them.
	#enter(assets, shares, ahead, unswept) {
		const { pool } = this;
		const { number } = this.block;
		const before = this.#price();
		const part = (/** @type {bigint} */ amount) => (amount * shares) / (pool.shares + 1n);
		const onIt = onStream(pool, number);
		const [expected, later] = [pool.prepaidNext, pool.prepaidLater].map(part);
		pool.stream = { ...pool.stream, amount: onIt + part(onIt), start: BigInt(number) };
		const paid = prepaid(pool, number, ahead, unswept);
		Object.assign(pool, bearWith(pool, shares));
		pool.pendingRewards += part(paid);
		pool.prepaidNext += expected;
		pool.prepaidLater += later;
		pool.idle += assets;
		pool.shares += shares;
		this.#keepDust(before);
	}

	#price() {
		return { assets: totalAssets(this.pool, this.block.number), shares: this.pool.shares };
	}

	// Nobody who comes or goes moves the price but by what it would fall otherwise: less than a unit.
	#keepDust({ assets, shares }) {
		const { pool } = this;
		const enough = up((assets + 1n) * (pool.shares + 1n), shares + 1n) - 1n;
		const dust = totalAssets(pool, this.block.number) - enough;
		if (dust > 0n) pool.pendingRewards += dust;
	}

	// The rewards that would have reached those who leave wait for another settlement.
	#leave(shares) {
		const { pool } = this;
		const stay = pool.shares - shares;
		const unreleased = onStream(pool, this.block.number);
		const left = (unreleased * stay) / pool.shares;
		pool.prepaidNext = (pool.prepaidNext * stay) / pool.shares;
		pool.prepaidLater = (pool.prepaidLater * stay) / pool.shares;
		pool.stream = { ...pool.stream, amount: left, start: BigInt(this.block.number) };
		pool.pendingRewards += unreleased - left;
		pool.shares = stay;
		assert.ok(stay > 0n, 'no scenario empties the pool');
	}

	#fund({ batch, assets, withheld }, where) {
		const { pool, queue } = this;
		const index = queue.findIndex(({ id }) => id === batch);
		const queued = queue[index];
		const before = queue.slice(0, index);
		const waits = ({ funded, closedIn }) =>
			funded !== null && this.#reports().some(({ offence }) => offence <= closedIn);
		assert.ok(before.every(waits), `out of turn: ${where}`);

		const holders = totalAssets(pool, this.block.number);
		const parts = this.#reports()
			.filter(({ offence }) => offence <= queued.closedIn)
			.map(({ offence, amount }) => partOf(queued, amount, this.#liable(offence), holders));
		const mine = min(
			parts.reduce((total, part) => total + part, 0n),
			queued.owed,
		);
		assert.equal(withheld, mine, `withheld: ${where}`);
		assert.equal(assets, queued.owed - withheld, where);
		pool.idle -= assets;
		pool.owed -= assets;
		if (withheld > 0n) Object.assign(queued, { owed: withheld, funded: assets });
		else queue.splice(index, 1);
	}

	// Of each stash and offence era; this chain applies a slash three eras after the offence.
	#reports() {
		const reports = new Map();
		for (const { stash, era, amount } of this.block.open) {
			if (era <= this.pool.era) continue;
			const key = `${stash} ${era}`;
			const before = reports.get(key)?.amount ?? 0n;
			reports.set(key, { offence: era - SLASH_DELAY, amount: before + amount });
		}
		return [...reports.values()];
	}

	#liable(offence) {
		return this.queue.filter(({ closedIn }) => offence <= closedIn);
	}

	// What was withheld for reports that are gone waits as rewards do.
	#report(reported) {
		const { pool } = this;
		const gone = reported < pool.reported ? pool.reported - reported : 0n;
		const released = gone > 0n ? this.#release(gone) : 0n;
		pool.pendingRewards += released;
		pool.reported = reported;
		return released;
	}

	#release(amount) {
		const { pool } = this;
		const all = amount >= pool.reported;
		const part = all ? pool.withheld : (pool.withheld * amount) / pool.reported;
		pool.withheld -= part;
		return part;
	}

	#lose({ validator, offenceEra, assets, covered, batches }, where) {
		const { pool } = this;
		assert.equal(covered, this.fund.paid, `covered: ${where}`);
		const holders = totalAssets(pool, this.block.number);
		// Every slash of the scenarios that has a validator was reported to the unit.
		const reported = validator === null ? 0n : assets;
		pool.bonded -= assets;
		pool.idle += covered;
		pool.reported -= reported;
		const uncovered = assets - covered;
		const paid = reported > 0n ? min(uncovered, pool.withheld) : 0n;
		const rest = uncovered - paid;
		pool.withheld -= paid;
		const spare = max(pool.withheld - pool.reported, 0n);
		pool.withheld -= spare;
		pool.pendingRewards += spare;
		const liable = this.#liable(offenceEra);
		let left = rest;
		const parts = liable.map((queued) => {
			const part = min(partOf(queued, rest, liable, holders), left);
			left -= part;
			return part;
		});
		liable.forEach((queued, index) => {
			queued.owed -= parts[index];
		});
		const borne = parts.reduce((total, part) => total + part, 0n);
		assert.equal(batches, borne, where);
		pool.owed -= borne;
	}
}

/**
 * The part of `amount` that a batch bears, with the other `liable` ones and the holders.
 *
 * @param {QueuedBatch} queued
 * @param {bigint} amount
 * @param {QueuedBatch[]} liable
 * @param {bigint} holders
 */
function partOf(queued, amount, liable, holders) {
	const base = (/** @type {QueuedBatch} */ { owed, funded }) => owed + (funded ?? 0n);
	const total = liable.reduce((all, other) => all + base(other), holders);
	return min(up(amount * base(queued), total), queued.owed);
}

function text(_, value) {
	return typeof value === 'bigint' ? value.toString() : value;
}
