// SPDX-License-Identifier: Apache-2.0

// What follows from the books of the pool and of the fund, without another question to the chain.

import { BILLION, down, less, min } from './amount.ts';

export interface FundBooks {
	underwriting: bigint;
	locked: bigint;
	bonds: bigint;
	reserve: bigint;
	limit: number;
	allowance: bigint;
	allowance_era?: number | undefined;
	first_due?: number | undefined;
	reported: bigint;
}

export interface Waterfall {
	loss: bigint;
	operator: bigint;
	underwriters: bigint;
	reserve: bigint;
	/** Of what was withheld from those who left the pool at once. */
	withheld: bigint;
	holders: bigint;
}

/** Who would pay for all open reports, if they were applied as things stand. */
export function waterfall(fund: FundBooks, pool: { withheld: bigint }): Waterfall {
	const loss = fund.reported;
	const operator = min(loss, fund.bonds);
	// What is locked are the parts of underwriters who have left.
	const underwriters = min(loss - operator, fund.underwriting + fund.locked);
	const full = down(fund.reserve, BigInt(fund.limit), BILLION);
	const { allowance_era: paidFor, first_due: due } = fund;
	const late = due !== undefined && paidFor !== undefined && due <= paidFor;
	const payable = late ? min(fund.allowance, full) : full;
	const reserve = min(loss - operator - underwriters, payable);
	const uncovered = loss - operator - underwriters - reserve;
	const withheld = min(uncovered, pool.withheld);
	return { loss, operator, underwriters, reserve, withheld, holders: uncovered - withheld };
}

/** What `shares` would be worth without the open reports, rounded down. */
export function beforeReports(shares: bigint, totalAssets: bigint, allShares: bigint): bigint {
	return down(shares, totalAssets + 1n, allShares + 1n);
}

/** Blocks by which an era is late, or 0. Its length is that of the one before it. */
export function lateBy(pool: { era_start: number; era_length: number }, now: number): number {
	if (pool.era_length === 0) return 0;
	const over = now - pool.era_start - pool.era_length;
	const grace = Math.max(3, Math.ceil(pool.era_length / 20));
	return over > grace ? over : 0;
}

/** Blocks left of an era; `undefined` if the length of one is not known yet, 0 if it is over. */
export function blocksLeft(pool: { era_start: number; era_length: number }, now: number): number | undefined {
	if (pool.era_length === 0) return undefined;
	return Math.max(0, pool.era_start + pool.era_length - now);
}

/** What the shares of an underwriter are worth if they leave now, before what is withheld. */
export function underwriterValue(
	fund: { underwriting: bigint; shares: bigint; stream: { amount: bigint; start: number; end: number } },
	shares: bigint,
	now: number,
): bigint {
	const { amount, start, end } = fund.stream;
	const unreleased =
		now < end && end > start ? (amount * BigInt(end - now) + BigInt(end - start) - 1n) / BigInt(end - start) : 0n;
	const released = less(fund.underwriting, unreleased);
	return min(down(shares, released + 1n, fund.shares + 1n), released);
}

/** The era in which a request to withdraw lapses, see the fund's `Request::lapses_in`. */
export function lapsesIn(
	maturesIn: number,
	window: number,
	blocked: { from: number; until: number } | undefined,
): number {
	const end = maturesIn + window;
	const held = blocked && blocked.from < end && maturesIn <= blocked.until;
	return held ? Math.max(end, blocked.until + 1 + window) : end;
}

/** Eras that a withdrawal from the fund waits beyond the bonding duration: its `EXTRA_ERAS`. */
export const EXTRA_ERAS = 2;

/** Eras in which a withdrawal that is mature can be made: its `WINDOW`. */
export const WINDOW = 2;
