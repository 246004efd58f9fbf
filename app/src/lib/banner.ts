// SPDX-License-Identifier: Apache-2.0

// One banner on every page: the worst of what is the case.

import { format, min, sum } from './amount.ts';
import { waterfall, type FundBooks } from './books.ts';
import { duration } from './time.ts';

export interface Banner {
	tone: 'bad' | 'warn' | 'info';
	text: string;
	action?: { label: string; does: 'switch' | 'retry' | 'reload' | 'wallet' } | { label: string; href: string };
}

export interface Situation {
	status: 'starting' | 'asking' | 'connecting' | 'ready' | 'lost' | 'wrong';
	url: string;
	problem: string;
	/** The last block that was read. */
	block: number | undefined;
	newer: boolean;
	/** Whether another version is at work, and not only another description. */
	otherVersion: boolean;
	figures?:
		| {
				era: number;
				late: number;
				fund: FundBooks;
				pool: { withheld: bigint };
				claims: {
					state: { type: string };
					open: bigint;
					lost: bigint;
					applied_in: number;
					paid: { operator: bigint; underwriters: bigint; leavers: bigint; reserve: bigint };
				}[];
		  }
		| undefined;
	/** What leaving at once costs because of open reports; not known without an account. */
	leavingCosts?: bigint | undefined;
	/** What 1 stHOLD was worth before and after the slash that was applied last. */
	rates?: { before: bigint; after: bigint } | undefined;
	blockTime?: number | undefined;
	walletMissing: boolean;
	/** Shares of a closed class that the account holds, and what they bring, if that is known. */
	closed?: { asset: number; worth: bigint | undefined } | undefined;
}

const hold = (units: bigint) => `${format(units)} HOLD`;

/** Eras for which a slash that was applied is told. */
export const RECENT_ERAS = 2;

export function bannerOf(now: Situation): Banner | undefined {
	const { status, figures } = now;
	if (status === 'lost') {
		const seen = now.block === undefined ? 'Nothing was read yet.' : `What you see is of block ${now.block}.`;
		return {
			tone: 'bad',
			text: `The connection to ${now.url} is lost. ${seen} Trying again.`,
			action: { label: 'Try now', does: 'retry' },
		};
	}
	if (status === 'wrong') {
		return { tone: 'bad', text: now.problem, action: { label: 'Switch', does: 'switch' } };
	}
	if (now.newer) {
		return {
			tone: 'bad',
			text: now.otherVersion
				? 'The chain was upgraded after this page was made. Reading works; sending is off until you reload.'
				: 'This node describes the calls of the chain otherwise than this page knows them. Reading works; sending is off.',
			action: { label: 'Reload', does: 'reload' },
		};
	}
	if (now.closed) {
		const what = now.closed.worth === undefined ? 'when it is paid out' : `${hold(now.closed.worth)}`;
		return {
			tone: 'bad',
			text: `These shares are closed. Claim what is left: ${what}.`,
			action: { label: 'To the claim', href: '#/redeem' },
		};
	}
	if (!figures) return undefined;
	if (figures.fund.reported > 0n) {
		const open = figures.claims.filter(({ state }) => state.type === 'Open');
		const due = open.length > 0 ? Math.min(...open.map((claim) => claim.applied_in)) : undefined;
		const w = waterfall(figures.fund, figures.pool);
		const left = w.withheld === 0n ? '' : `those who left ${hold(w.withheld)}, `;
		const leaving =
			w.holders === 0n || now.leavingCosts === undefined || now.leavingCosts === 0n
				? ''
				: ` Leaving at once now costs ${hold(now.leavingCosts)} that you would keep if it is paid or cancelled.`;
		return {
			tone: 'warn',
			text:
				`A slash is reported: up to ${hold(w.loss)}${due === undefined ? '' : ` in era ${due}`}. ` +
				`As things stand: operator ${hold(w.operator)}, underwriters ${hold(w.underwriters)}, ` +
				`reserve ${hold(w.reserve)}, ${left}holders ${hold(w.holders)}.${leaving}`,
			action: { label: 'Who pays', href: '#/insurance' },
		};
	}
	if (figures.late > 0) {
		const by = now.blockTime === undefined ? `${figures.late} blocks` : duration(figures.late * now.blockTime);
		return {
			tone: 'warn',
			text: `Era ${figures.era} is late by ${by}. Redemptions and rewards wait; nothing is lost.`,
			action: { label: 'Status', href: '#/status' },
		};
	}
	const recent = figures.claims.filter(
		({ state, applied_in: era }) => state.type === 'Applied' && figures.era - era < RECENT_ERAS,
	);
	if (recent.length > 0) {
		const loss = sum(recent.map(({ lost }) => lost));
		const paid = min(loss, sum(recent.flatMap(({ paid }) => Object.values(paid))));
		const era = Math.max(...recent.map((claim) => claim.applied_in));
		const rates = now.rates ? ` 1 stHOLD: ${format(now.rates.before)} → ${hold(now.rates.after)}.` : '';
		return {
			tone: 'info',
			text: `Era ${era}: ${hold(loss)} slashed, ${hold(paid)} paid in the same block.${rates}`,
			action: { label: 'Claims', href: '#/insurance' },
		};
	}
	if (now.walletMissing) {
		return {
			tone: 'info',
			text: 'No wallet found in this browser. You can read everything.',
			action: { label: 'What now?', does: 'wallet' },
		};
	}
	return undefined;
}
