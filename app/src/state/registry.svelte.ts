// What the registry says of operators and validators. Heavy to read: once when the work of an era is done.

import type { Head } from './chain.svelte.ts';
import { round } from './frame.svelte.ts';
import { live, type Live } from './live.svelte.ts';
import { label } from '../lib/words.ts';

export const DIMENSIONS = ['operator', 'region', 'provider', 'client'] as const;
export type Dimension = (typeof DIMENSIONS)[number];

async function readRegistry({ api, hash }: Head) {
	const at = { at: hash };
	const [operators, scores, diversification, plan, parameters, stashes, records] = await Promise.all([
		api.apis.OperatorRegistryApi.operators(at),
		api.apis.OperatorRegistryApi.validators(at),
		api.apis.OperatorRegistryApi.diversification(at),
		api.query.OperatorRegistry.LastPlan.getValue(at),
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
	const byAccount = new Map(named.map((operator) => [operator.account, operator]));
	const staked = stashes.filter(({ active }) => active > 0n);
	const load = new Map<string, number>();
	for (const { validator } of staked) {
		if (validator) load.set(validator, (load.get(validator) ?? 0) + 1);
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
				stashes: load.get(score.validator) ?? 0,
				/** What is attested of this very validator: the name does not hang on it. */
				attests: (dimension: Dimension) =>
					Boolean(operator?.attested[dimension] && (dimension === 'operator' || record?.attested)),
			};
		})
		.sort((a, b) => (a.ours === b.ours ? b.stashes - a.stashes : a.ours < b.ours ? 1 : -1));
	return { operators: named, validators, diversification, plan, parameters, stashes: staked.length };
}

export type Registry = Awaited<ReturnType<typeof readRegistry>>;
export type Scored = Registry['validators'][number];
export type Operator = Registry['operators'][number];

/** For a component that is set up. */
export const liveRegistry = (): Live<Registry> => live(readRegistry, { when: round });

/** Of all stashes those in each cluster of a dimension, the most first. */
export function clusters(registry: Registry, index: number): { name: string; stashes: number }[] {
	const dimension = DIMENSIONS[index]!;
	const counts = new Map<string, number>();
	for (const validator of registry.validators) {
		const name = validator.attests(dimension)
			? (validator.run?.labels[dimension] ?? 'not attested')
			: 'not attested';
		if (validator.stashes > 0) counts.set(name, (counts.get(name) ?? 0) + validator.stashes);
	}
	return [...counts]
		.map(([name, stashes]) => ({ name, stashes }))
		.sort((a, b) => b.stashes - a.stashes);
}

/** The stashes that a cap allows: its part, rounded down, but at least one. */
export function allowed(cap: number, stashes: number): number {
	return Math.max(1, Number((BigInt(cap) * BigInt(stashes)) / 1_000_000_000n));
}
