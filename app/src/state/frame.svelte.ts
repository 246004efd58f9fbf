// SPDX-License-Identifier: Apache-2.0

// What every page needs: the books at the head.

import { chain, type Head } from './chain.svelte.ts';
import { live } from './live.svelte.ts';
import { blocksLeft, lateBy } from '../lib/books.ts';

async function readFrame({ api, hash, number }: Head) {
	const at = { at: hash };
	const [era, pool, fund, open, past, exchangeRate, [shareClass, shareAsset], totalAssets] = await Promise.all([
		api.query.Staking.ActiveEra.getValue(at),
		api.query.LiquidStaking.Pool.getValue(at),
		api.query.InsuranceFund.Fund.getValue(at),
		// The view gives a page of them; these are all.
		api.query.InsuranceFund.OpenClaims.getValue(at),
		api.query.InsuranceFund.History.getValue(at),
		api.apis.LiquidStakingApi.exchange_rate(at),
		api.apis.LiquidStakingApi.share_class(at),
		api.apis.LiquidStakingApi.total_assets(at),
	]);
	return {
		number,
		era: era?.index ?? 0,
		pool,
		fund,
		claims: [...past, ...open].sort((a, b) => a.id - b.id),
		exchangeRate,
		shareClass: shareClass!,
		shareAsset: shareAsset!,
		totalAssets,
		left: blocksLeft(pool, number),
		late: lateBy(pool, number),
	};
}

export type Frame = Awaited<ReturnType<typeof readFrame>>;
export type Claim = Frame['claims'][number];

let figures!: ReturnType<typeof live<Frame>>;
$effect.root(() => {
	figures = live(readFrame);
});

export const frame = {
	get value(): Frame | undefined {
		return figures.value;
	},
	get failed(): boolean {
		return figures.failed;
	},
};

/** Milliseconds that so many blocks take; not known before some have arrived. */
export function timeOf(blocks: number | undefined): number | undefined {
	const { blockTime } = chain;
	return blocks === undefined || blockTime === undefined ? undefined : blocks * blockTime;
}

/** Milliseconds until an era begins, if all is in time. */
export function timeToEra(era: number): number | undefined {
	const { value } = frame;
	if (!value || value.left === undefined) return undefined;
	if (era <= value.era) return 0;
	return timeOf(value.left + (era - value.era - 1) * value.pool.era_length);
}

/** Changes when the work of an era is done: what is heavy to read is read again then. */
export function round(): string | undefined {
	const { value } = frame;
	return value && `${value.era} ${value.pool.phase.type === 'Idle'}`;
}
