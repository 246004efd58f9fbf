// SPDX-License-Identifier: Apache-2.0

// What states of the chain mean, in words.

export const FITNESS: Record<string, { short: string; long: string }> = {
	Fit: { short: 'Fit', long: 'It may be nominated.' },
	Leaving: {
		short: 'Leaving',
		long: 'It has left its operator, or the operator is leaving. Its nominations go with the next plan.',
	},
	Suspended: {
		short: 'Suspended',
		long: 'Its operator is suspended by a guardian. It may be nominated again when that ends.',
	},
	NotACandidate: {
		short: 'Not a candidate',
		long: 'It does not stand for election. Let it call staking.validate.',
	},
	Blocked: {
		short: 'Blocked',
		long: 'It refuses nominations. Let it call staking.validate without “blocked”.',
	},
	CommissionTooHigh: {
		short: 'Commission too high',
		long: 'Its commission was above the limit within the bonding duration. It counts until that is over.',
	},
	Offended: {
		short: 'Offended',
		long: 'It committed an offence within the bonding duration. It may be nominated again when that is over.',
	},
	MissedBlocks: {
		short: 'Missed blocks',
		long: 'It earned too few points in the last era: it leaves in the next plan, and has to show itself anew.',
	},
	NotExposed: {
		short: 'Not exposed',
		long: 'The pool nominated it, and its stake was not exposed to it.',
	},
	InDebt: {
		short: 'In debt',
		long: 'Its operator owes what its bond could not pay. It may be nominated again once that is paid.',
	},
	BondTooSmall: {
		short: 'Bond too small',
		long: 'The bond of its operator is below the minimum. Bond more.',
	},
	OnProbation: {
		short: 'On probation',
		long: 'It has joined not long ago, or has missed blocks or the pool’s stake. It has to be elected, with points enough, for some eras more.',
	},
	NotElectable: {
		short: 'Not electable',
		long: 'It is not elected, and a stash of the pool would not carry it over the last cut-off.',
	},
	NoKeys: {
		short: 'No keys',
		long: 'It has registered no session keys and could not author a block. Let it call session.setKeys.',
	},
	Undecodable: { short: 'Unreadable', long: 'What is stored of its operator cannot be read.' },
};

/** Why a plan moves a stash. */
export function reasonOf(reason: { type: string; value?: unknown }): string {
	const inner = (reason.value as { type?: string } | undefined)?.type;
	switch (reason.type) {
		case 'New':
			return 'The stash nominated nobody.';
		case 'Unlisted':
			return 'The validator is not in the registry.';
		case 'Unfit':
			return `Not fit: ${FITNESS[inner ?? '']?.short.toLowerCase() ?? inner}.`;
		case 'ValidatorOverCap':
			return 'The validator had more stake than it may have.';
		case 'ClusterOverCap':
			return `Too much stake with the same ${inner?.toLowerCase() ?? 'cluster'}.`;
		case 'Better':
			return 'It earns more elsewhere.';
		default:
			return reason.type;
	}
}

/** The steps of an era's work. */
export const PHASE: Record<string, string> = {
	Idle: 'Done until the next era',
	PayOut: 'Paying out rewards',
	Withdraw: 'Withdrawing what has unbonded',
	Settle: 'Sweeping rewards, closing the batch',
	Fund: 'Funding batches',
	Score: 'Scoring validators',
	Plan: 'Planning nominations',
	Rotate: 'Nominating',
	Rebalance: 'Bonding and unbonding',
	FundAgain: 'Funding batches that waited for reports',
};

export const CLAIM: Record<string, string> = {
	Open: 'Open: reported, not applied',
	Applied: 'Applied, and paid in the same block',
	Cancelled: 'Cancelled: nothing was lost',
	Expired: 'Expired: its era passed without it',
};

/** `5GrwvaEF…cNoHGKutQY`. */
export const short = (address: string) => `${address.slice(0, 6)}…${address.slice(-6)}`;

/** A label of the registry, which the chain has as bytes. */
export const label = (bytes: Uint8Array) => new TextDecoder().decode(bytes);

/** `1 era`, `3 eras`. */
export const count = (n: number | bigint, one: string, many = `${one}s`) => `${n} ${BigInt(n) === 1n ? one : many}`;
