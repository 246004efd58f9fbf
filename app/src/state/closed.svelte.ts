// SPDX-License-Identifier: Apache-2.0

// Shares of closed classes that the account in use still holds.

import { down } from '../lib/amount.ts';
import type { Head } from './chain.svelte.ts';
import { frame } from './frame.svelte.ts';
import { live } from './live.svelte.ts';
import { wallet } from './wallet.svelte.ts';

async function readClosed({ api, hash }: Head, who: string) {
	const at = { at: hash };
	const closed = await api.query.LiquidStaking.ClosedClasses.getEntries(at);
	const queue = closed.length > 0 ? await api.query.LiquidStaking.Queue.getValue(at) : [];
	const held = await Promise.all(
		closed.map(async ({ keyArgs: [shareClass], value: id }) => {
			// The token of the first class is asset 1; that of class n is 2^32 - n.
			const asset = shareClass === 0 ? 1 : 2 ** 32 - shareClass;
			const [account, batch] = await Promise.all([
				api.query.Assets.Account.getValue(asset, who, at),
				api.query.LiquidStaking.Batches.getValue(id, at),
			]);
			const shares = account?.balance ?? 0n;
			const queued = queue.find((one) => one.id === id);
			const paid = batch && down(shares, batch.first.assets, batch.first.shares);
			const waits = queued && down(shares, queued.owed, queued.shares);
			return { class: shareClass, asset, shares, claimable: batch !== undefined, worth: paid ?? waits };
		}),
	);
	return held.filter(({ shares }) => shares > 0n);
}

let figures!: ReturnType<typeof live<Awaited<ReturnType<typeof readClosed>> | null>>;
$effect.root(() => {
	figures = live(
		async (head) => {
			const address = wallet.account?.address;
			// No class was ever closed while the first one is in use.
			if (!address || !frame.value || frame.value.shareClass === 0) return null;
			return readClosed(head, address);
		},
		{ key: () => `${wallet.account?.address} ${frame.value?.shareClass}` },
	);
});

export const closedShares = {
	get value() {
		return figures.value;
	},
};
