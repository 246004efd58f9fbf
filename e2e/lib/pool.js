// SPDX-License-Identifier: Apache-2.0

// The pool as a user may compute it from chain state, independent of the runtime's own arithmetic.
// Every division rounds against whoever calls: BigInt division rounds down, `up` rounds up.

/** @import { FundState, Pool, PoolParameters, QueuedBatch } from './types.js' */

import { max, min, sum, up } from './amounts.js';
import { plain } from './chain.js';

const STHOLD = 1;
const RATE = 10n ** 18n;
const BILLION = 10n ** 9n;
// One, as a part of what the holders bear.
const WHOLE = 10n ** 18n;

/** @returns {Promise<Pool>} */
export async function readPool(at) {
	return plain(await at.query.liquidStaking.pool());
}

/**
 * Closed batches that have not got all their assets, oldest first.
 *
 * @returns {Promise<QueuedBatch[]>}
 */
export async function readQueue(at) {
	return plain(await at.query.liquidStaking.queue());
}

/** What governance has set, or the defaults: `current` until a block from which on `next` acts. */
export async function readSchedule(at) {
	const { parameters } = await readPool(at);
	return parameters ?? { current: plain(at.consts.liquidStaking.defaultParameters), next: null };
}

/**
 * The parameters that act in block `number`.
 *
 * @returns {Promise<PoolParameters>}
 */
export async function readParameters(at, number) {
	const { current, next } = await readSchedule(at);
	// An option of a tuple.
	return next !== null && next[0] <= BigInt(number) ? next[1] : current;
}

/** Rewards that lie in the reward account and are not swept yet, less the fee. */
export async function readUnswept(api, at, parameters) {
	const deposit = plain(at.consts.balances.existentialDeposit);
	const assets = (await holdOf(at, rewardAccount(api))) - deposit;
	return assets - (assets * parameters.rewardFee) / BILLION;
}

/**
 * Rewards on the stream that block `number` has not released yet.
 *
 * @param {Pick<Pool, 'stream'>} books
 * @param {number} number
 */
export function onStream({ stream: { amount, start, end } }, number) {
	const now = BigInt(number);
	// Rounded up: what is not released does not count as an asset yet.
	return now < end ? up(amount * (end - now), end - start) : 0n;
}

/**
 * Assets of the holders, before reports.
 *
 * @param {Pool} pool
 * @param {number} number
 */
export function totalAssets(pool, number) {
	const liabilities = pool.owed + pool.leftover + pool.withheld;
	const unreleased = onStream(pool, number) + pool.pendingRewards;
	return pool.idle + pool.bonded + pool.unbonding - liabilities - unreleased;
}

/**
 * Settlements that may bring rewards within two eras, while era `active` is: that of the next era, and
 * those before it that are not done.
 *
 * @param {Pool} pool
 */
export function settlementsAhead({ phase, era }, active = era) {
	const name = typeof phase === 'string' ? phase : Object.keys(phase)[0];
	const settled = !['PayOut', 'Withdraw', 'Settle'].includes(name);
	return 1n + (settled ? 0n : 1n) + (era === active ? 0n : 1n);
}

/**
 * Rewards that are not on the stream and that whoever enters pays for, with all shares: those of the next
 * settlements, or if that is more, what is earned already, up to what the holders have.
 *
 * @param {Pool} pool
 * @param {number} number
 * @param {bigint} ahead
 */
export function prepaid(pool, number, ahead, unswept = 0n) {
	if (pool.shares === 0n) return 0n;
	const expected = pool.prepaidNext + pool.prepaidLater * (ahead - 1n);
	const holders = totalAssets(pool, number);
	const earned =
		pool.pendingRewards + unswept < holders ? pool.pendingRewards + unswept : holders;
	return expected > earned ? expected : earned;
}

/**
 * Shares for a deposit: whoever enters pays for the rewards that are on their way already.
 *
 * @param {Pool} pool
 * @param {number} number
 * @param {bigint} assets
 */
export function sharesFor(pool, number, assets, ahead = settlementsAhead(pool), unswept = 0n) {
	const rewards = onStream(pool, number) + prepaid(pool, number, ahead, unswept);
	return (assets * (pool.shares + 1n)) / (totalAssets(pool, number) + rewards + 1n);
}

/**
 * Assets for shares that leave, if the holders will lose `lost`.
 *
 * @param {Pool} pool
 * @param {number} number
 * @param {bigint} shares
 */
export function assetsFor(pool, number, shares, lost = 0n) {
	return (shares * (totalAssets(pool, number) - lost + 1n)) / (pool.shares + 1n);
}

/**
 * The exchange rate, with 18 decimals, if the holders will lose `lost`.
 *
 * @param {Pool} pool
 * @param {number} number
 */
export function exchangeRate(pool, number, lost = 0n) {
	return assetsFor(pool, number, RATE, lost);
}

/**
 * What holders and batches will lose by the open reports if `fund` pays for them: what neither bonds nor
 * underwriters nor the reserve's limit for an era suffice for, nor what was withheld from those who left.
 * Of an era for which the reserve has paid, it pays what is left of that limit.
 *
 * @param {Pool} pool
 * @param {FundState} fund
 */
export function notCoveredOf(pool, fund) {
	const { underwriting, locked, bonds, reserve, limit } = fund;
	const { allowance, allowanceEra, firstDue } = fund;
	const full = (reserve * limit) / BILLION;
	const late = firstDue !== null && allowanceEra !== null && firstDue <= allowanceEra;
	const payable = late && allowance < full ? allowance : full;
	const covered = underwriting + locked + bonds + payable;
	return max(pool.reported - covered - pool.withheld, 0n);
}

/**
 * The holders' part of that, at most as if all of it were of the report of which they bear the largest part.
 *
 * @param {Pool} pool
 * @param {FundState} fund
 */
export function uncoveredOf(pool, fund) {
	if (pool.reported === 0n) return 0n;
	return min(up(notCoveredOf(pool, fund) * pool.worstPart, WHOLE), pool.holdersShareOfReports);
}

/**
 * The holders' part of the reports when there are `more` shares, of which each bears its part.
 *
 * @param {Pool} pool
 * @param {bigint} more
 */
export function bearWith(pool, more) {
	if (pool.reported === 0n) return {};
	/** @type {(part: bigint, of: bigint) => bigint} */
	const grown = (part, of) => {
		const larger = up(part * (pool.shares + more), pool.shares);
		return min(up(of * larger, of + larger - part), of);
	};
	return {
		holdersShareOfReports: grown(pool.holdersShareOfReports, pool.reported),
		worstPart: grown(pool.worstPart, WHOLE),
	};
}

/**
 * The holders' part of the reports when `less` shares are gone, for which their part was withheld.
 *
 * @param {Pool} pool
 * @param {bigint} less
 */
export function bearWithout(pool, less) {
	const stay = pool.shares - less;
	const over = max(pool.shares - up(pool.worstPart * less, WHOLE), stay);
	return {
		holdersShareOfReports: up(pool.holdersShareOfReports * stay, over),
		worstPart: up(pool.worstPart * stay, over),
	};
}

/**
 * Idle assets that instant redemptions may take: during the era work, no more than `target` if that is given.
 *
 * @param {Pool} pool
 * @param {bigint} [target]
 */
export function bufferOf(pool, target) {
	const due = pool.owed + pool.leftover;
	const toFund = due > pool.unbonding ? due - pool.unbonding : 0n;
	const kept = max(toFund, pool.waitedFor);
	const free = pool.idle - kept - pool.deposited;
	const most = pool.phase === 'Idle' || target === undefined || free < target ? free : target;
	return most > 0n ? most : 0n;
}

/**
 * What an instant redemption brings if the holders will lose `lost`: `net - fee`. `null` if the
 * buffer holds less.
 *
 * @param {Pool} pool
 * @param {number} number
 * @param {bigint} shares
 * @param {PoolParameters} parameters
 */
export function instantQuote(pool, number, shares, parameters, lost = 0n) {
	const gross = assetsFor(pool, number, shares);
	const net = assetsFor(pool, number, shares, lost);
	const target = (totalAssets(pool, number) * parameters.buffer) / BILLION;
	const buffer = bufferOf(pool, target);
	if (net > buffer) return null;
	const curve = feeOnCurve(net, { ...parameters, buffer, target });
	// At least what the stream has brought these shares in this era.
	const floor = pool.streamedOver > 0n ? up(shares * pool.streamed, pool.streamedOver) : 0n;
	const fee = curve > floor ? curve : floor;
	return { gross, net, fee: fee < net ? fee : net };
}

/**
 * The rate is the lower one down to the target, and rises to the higher one at zero. The fee is the
 * integral over what the buffer falls, which on the line is the mean of the rates at both ends.
 *
 * @param {bigint} amount
 * @param {PoolParameters & { target: bigint }} terms
 */
function feeOnCurve(amount, { buffer, target, instantFeeMin: least, instantFeeMax: most }) {
	const after = buffer - amount;
	const end = after > target ? after : target;
	const above = buffer > end ? buffer - end : 0n;
	const onLine = amount - above;
	// With 18 decimals, rounded up.
	const rateAt = (/** @type {bigint} */ level) => {
		const capped = min(level, target);
		const rise = (most - least) * BILLION;
		// Without a target, the buffer is always full.
		return most * BILLION - (target > 0n ? (rise * capped) / target : rise);
	};
	return up(above * least, BILLION) + up(onLine * (rateAt(buffer) + rateAt(after)), 2n * RATE);
}

/**
 * The protocol's fee on `collected` rewards: the insurance fund's part and the treasury's.
 *
 * @param {bigint} collected
 * @param {Pick<PoolParameters, 'rewardFee' | 'fundShare'>} parameters
 */
export function feeOn(collected, { rewardFee, fundShare }) {
	const fee = up(collected * rewardFee, BILLION);
	const fund = (fee * fundShare) / BILLION;
	return { fund, treasury: fee - fund };
}

/** All that batches can claim now: it lies in the pot. */
export async function payable(at) {
	const batches = await at.query.liquidStaking.batches.entries();
	return sum(
		batches.map(([, codec]) => {
			const { first, rest } = plain(codec);
			return first.assets + (rest.Released?.assets ?? 0n);
		}),
	);
}

/** The chain's own open slashes of `accounts`, as `{ stash, validator, era, amount }`. */
export async function openReports(at, accounts) {
	const ours = new Set(accounts);
	const entries = await at.query.staking.unappliedSlashes.entries();
	return entries.flatMap(([{ args }, slashes]) =>
		plain(slashes).flatMap(({ validator, others }) =>
			others
				.filter(([stash]) => ours.has(stash))
				.map(([stash, amount]) => ({ stash, validator, era: plain(args[0]), amount })),
		),
	);
}

/** All accounts that can ever be stashes of the pool. */
export function stashAccounts(api) {
	const count = api.consts.liquidStaking.maxStashes.toNumber();
	return Array.from({ length: count }, (_, index) => {
		const number = Buffer.alloc(4);
		number.writeUInt32LE(index);
		return encode(api, palletId(api), Buffer.from('stash'), number);
	});
}

/** @returns {Promise<bigint>} */
export async function holdOf(at, account) {
	return plain((await at.query.system.account(account)).data.free);
}

/** @returns {Promise<bigint>} */
export async function stholdOf(at, account) {
	return plain(await at.query.assets.account(STHOLD, account))?.balance ?? 0n;
}

/** @returns {Promise<bigint>} */
export async function stholdIssued(at) {
	return plain(await at.query.assets.asset(STHOLD)).supply;
}

/** The pool's own account. */
export function potAccount(api) {
	return encode(api, palletId(api));
}

/** Where the staking pallet pays rewards. */
function rewardAccount(api) {
	return encode(api, palletId(api), Buffer.from('reward'));
}

/** Holds all that the insurance fund has. */
export function fundAccount(api) {
	return encode(api, Buffer.from('hf/insur'));
}

/** Gets the treasury's part of the fees as shares. */
export function treasuryAccount(api) {
	return encode(api, Buffer.from('hf/trsry'));
}

function palletId(api) {
	return Buffer.from(api.consts.liquidStaking.palletId.toU8a());
}

// "modl", the pallet's id and what tells its accounts apart, filled up with zeros.
function encode(api, ...parts) {
	const bytes = Buffer.alloc(32);
	Buffer.concat([Buffer.from('modl'), ...parts]).copy(bytes);
	return plain(api.createType('AccountId', bytes));
}
