// The pool as a user may compute it from chain state, independent of the runtime's own arithmetic.
// BigInt division rounds down, always against whoever calls.

import { plain } from './chain.js';

const STHOLD = 1;

export async function readPool(at) {
	return plain(await at.query.liquidStaking.pool());
}

/** Rewards of the last era that block `number` has not released yet. */
export function unreleased({ stream: { amount, start, end } }, number) {
	const left = end - BigInt(number);
	const length = end - start;
	// Rounded up: what is not released does not count as an asset yet.
	return left > 0n ? (amount * left + length - 1n) / length : 0n;
}

export function totalAssets(pool, number) {
	const liabilities = pool.owed + pool.leftover;
	return pool.idle + pool.bonded + pool.unbonding - liabilities - unreleased(pool, number);
}

/** Shares for a deposit: whoever enters pays for the rewards that are on their way already. */
export function sharesFor(pool, number, assets) {
	const price = totalAssets(pool, number) + unreleased(pool, number) + pool.lastReward + 1n;
	return (assets * (pool.shares + 1n)) / price;
}

/** Assets for shares that leave. */
export function assetsFor(shares, { total, issued }) {
	return (shares * (total + 1n)) / (issued + 1n);
}

export async function holdOf(at, account) {
	return plain((await at.query.system.account(account)).data.free);
}

export async function stholdOf(at, account) {
	return plain(await at.query.assets.account(STHOLD, account))?.balance ?? 0n;
}

export async function stholdIssued(at) {
	return plain(await at.query.assets.asset(STHOLD)).supply;
}

/** The pool's own account: "modl" and the pallet's id, filled up with zeros. */
export function potAccount(api) {
	const id = api.consts.liquidStaking.palletId.toHex().slice(2);
	return `0x${Buffer.from('modl').toString('hex')}${id}`.padEnd(66, '0');
}
