// SPDX-License-Identifier: Apache-2.0

// What the registry says of operators and validators. Heavy to read: once when the work of an era is done.

import type { Head } from './chain.svelte.ts';
import { round } from './frame.svelte.ts';
import { live, type Live } from './live.svelte.ts';
import { BILLION, down, sum } from '../lib/amount.ts';
import { label } from '../lib/words.ts';

export const DIMENSIONS = ['operator', 'region', 'provider', 'client'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

async function readRegistry({ api, hash }: Head) {
	const at = { at: hash };
	const [operators, scores, diversification, plan, scoring, schedule, stashes, records] = await Promise.all([
		api.apis.OperatorRegistryApi.operators(at),
		api.apis.OperatorRegistryApi.validators(at),
		api.apis.OperatorRegistryApi.diversification(at),
		api.query.OperatorRegistry.LastPlan.getValue(at),
		api.query.OperatorRegistry.CurrentRound.getValue(at),
		api.query.OperatorRegistry.Parameters.getValue(at),
		api.apis.LiquidStakingApi.stashes(at),
		api.query.OperatorRegistry.Validators.getEntries(at),
	]);
	const named = operators
		.map(({ profile, ...operator }) => ({
			...operator,
			labels: {
				operator: label(profile.operator),
				region: label(profile.region),
				provider: label(profile.provider),
				client: label(profile.client),
			},
		}))
		.sort((a, b) => a.labels.operator.localeCompare(b.labels.operator));
	// Those that the plan obeyed: others may act since.
	const parameters = scoring?.parameters ?? schedule.current;
	const byAccount = new Map(named.map((operator) => [operator.account, operator]));
	const staked = stashes.filter(({ active }) => active > 0n);
	const load = new Map<string, { stashes: number; stake: bigint }>();
	for (const { validator, active } of staked) {
		if (!validator) continue;
		const { stashes, stake } = load.get(validator) ?? { stashes: 0, stake: 0n };
		load.set(validator, { stashes: stashes + 1, stake: stake + active });
	}
	const checked = new Map(records.map(({ keyArgs: [who], value }) => [who, value]));
	const validators = scores
		.map((score) => {
			const operator = byAccount.get(score.operator);
			const record = checked.get(score.validator);
			return {
				...score,
				run: operator,
				record,
				stashes: load.get(score.validator)?.stashes ?? 0,
				/** Stake of the stashes that nominate it. */
				planned: load.get(score.validator)?.stake ?? 0n,
				/** What is attested of this very validator: the name does not hang on it. */
				attests: (dimension: Dimension) =>
					Boolean(operator?.attested[dimension] && (dimension === 'operator' || record?.attested)),
			};
		})
		.sort((a, b) => (a.ours === b.ours ? b.stashes - a.stashes : a.ours < b.ours ? 1 : -1));
	const stake = sum(staked.map(({ active }) => active));
	return { operators: named, validators, diversification, plan, parameters, stashes: staked.length, stake };
}

export type Registry = Awaited<ReturnType<typeof readRegistry>>;
export type Scored = Registry['validators'][number];
export type Operator = Registry['operators'][number];

/** For a component that is set up. */
export const liveRegistry = (): Live<Registry> => live(readRegistry, { when: round });

/** The stake that nominates each cluster of a dimension, the most first. */
export function clusters(registry: Registry, index: number): { name: string; stake: bigint }[] {
	const dimension = DIMENSIONS[index]!;
	const counts = new Map<string, bigint>();
	for (const validator of registry.validators) {
		const name = validator.attests(dimension)
			? (validator.run?.labels[dimension] ?? 'not attested')
			: 'not attested';
		if (validator.planned > 0n) counts.set(name, (counts.get(name) ?? 0n) + validator.planned);
	}
	return [...counts]
		.map(([name, stake]) => ({ name, stake }))
		.sort((a, b) => (a.stake === b.stake ? 0 : a.stake < b.stake ? 1 : -1));
}

/** The stake that a cap allows, rounded down. */
export function allowed(cap: number, stake: bigint): bigint {
	return down(stake, BigInt(cap), BILLION);
}
