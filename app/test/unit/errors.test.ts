// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { decAnyMetadata, unifyMetadata } from '@polkadot-api/substrate-bindings';
import { explainDispatch, explainInvalid, sentenceOf } from '../../src/lib/errors.ts';
import { outcome } from '../../src/lib/outcome.ts';
import { FITNESS, PHASE, reasonOf } from '../../src/lib/words.ts';

const file = new URL('../../.papi/metadata/holdfast.scale', import.meta.url);
const { pallets, lookup } = unifyMetadata(decAnyMetadata(new Uint8Array(readFileSync(file))));

interface Variant {
	name: string;
	fields: { name: string | undefined }[];
}

function withFields(id: number): Variant[] {
	const { def } = lookup[id]!;
	assert.equal(def.tag, 'variant');
	return def.value as Variant[];
}

const variants = (id: number) => withFields(id).map(({ name }) => name);

/** The variants of a type of a crate, in whichever of its modules that is. */
function variantsOf(crate: string, name: string): string[] {
	const found = lookup.filter(({ path }) => path[0] === crate && path.at(-1) === name);
	assert.equal(found.length, 1, `${crate} has one ${name}`);
	return variants(found[0]!.id);
}

/** The names in the first table after the line about a pallet, on a page of the book. */
function inTheBook(page: string, pallet: string): string[] {
	const text = readFileSync(new URL(`../../../docs/src/${page}.md`, import.meta.url), 'utf8');
	const [, after] = text.split(`\`${pallet}\`, pallet index`);
	const [section] = after?.split('\n## ') ?? [];
	return [...(section ?? '').matchAll(/^\| \d+ \| `(\w+)` \|/gm)].map(([, name]) => name!);
}

/** Events that no call of the page emits: they tell of the work of an era, of slashes, and of what others decide. */
const OF_OTHERS: Record<string, string[]> = {
	LiquidStaking: [
		...['BatchClosed', 'BatchFunded', 'RewardsCollected', 'FeeTaken', 'PremiumPaid', 'LeftoverPaid'],
		...['Bonded', 'Unbonded', 'Rebonded', 'Withdrawn', 'Nominated', 'Chilled', 'RateUpdated', 'ClassClosed'],
		...['Slashed', 'SlashNotBooked', 'ReportsChanged', 'ReportMerged', 'StashCorrected'],
		...['EraWorkStarted', 'EraWorkCompleted', 'PlanSkipped', 'StepFailed', 'ParametersSet'],
	],
	InsuranceFund: [
		...['Collected', 'Swept', 'TargetSet', 'ClaimOpened', 'ClaimChanged', 'ClaimReleased', 'NotProvisioned'],
		...['LossCovered', 'ClassClosed', 'ParametersSet', 'Undecodable'],
		// Comes with DebtPaid and DebtPaidFor, which say it.
		'DebtRepaid',
	],
	OperatorRegistry: [
		...['ProfileAttested', 'OperatorSuspended', 'ParametersSet', 'ValidatorForgotten'],
		...['NominationsPlanned', 'BondSlashed', 'BondUnreadable', 'DebtNotListed'],
	],
};

for (const name of ['LiquidStaking', 'InsuranceFund', 'OperatorRegistry']) {
	const pallet = pallets.find((one) => one.name === name);
	assert.ok(pallet?.errors && pallet.events, name);
	const idOf = (part: number | { type: number }) => (typeof part === 'number' ? part : part.type);
	const errors = variants(idOf(pallet.errors));
	const events = withFields(idOf(pallet.events));

	test(`every error of ${name} has a sentence`, () => {
		assert.deepEqual(errors, inTheBook('errors', name));
		for (const error of errors) {
			const sentence = sentenceOf(name, error);
			assert.ok(sentence, `${name}.${error} has no sentence`);
			assert.match(sentence, /^[A-Z].*\.$/, `${name}.${error}`);
			assert.equal(explainDispatch({ type: 'Module', value: { type: name, value: { type: error } } }), sentence);
		}
	});

	test(`every event of ${name} that a call of the page emits has a sentence`, () => {
		assert.deepEqual(
			events.map((event) => event.name),
			inTheBook('events', name),
		);
		const others = new Set(OF_OTHERS[name]);
		for (const event of events) {
			const has = new Set(event.fields.map((field) => field.name));
			const value = new Proxy({} as Record<string, bigint>, {
				get(_, field) {
					assert.ok(has.has(String(field)), `${name}.${event.name} has no field ${String(field)}`);
					return 7n;
				},
			});
			const sentence = outcome([{ type: name, value: { type: event.name, value } }]);
			if (others.delete(event.name)) assert.equal(sentence, '', `${name}.${event.name}`);
			else assert.match(sentence, /^[A-Z0-9].*\.$/, `${name}.${event.name}`);
		}
		assert.deepEqual([...others], [], 'events that there are not');
	});
}

test('every reason of the chain itself has a sentence of its own', () => {
	const other = 'The chain refused it';
	for (const type of variantsOf('sp_runtime', 'DispatchError')) {
		if (type === 'Module' || type === 'Token') continue;
		assert.ok(!explainDispatch({ type, value: undefined }).startsWith(other), type);
	}
	for (const type of variantsOf('sp_runtime', 'TokenError')) {
		const words = explainDispatch({ type: 'Token', value: { type } });
		assert.ok(!words.startsWith('Token:'), type);
	}
	for (const type of variantsOf('sp_runtime', 'InvalidTransaction')) {
		if (type === 'Custom') continue;
		const words = explainInvalid({ type: 'Invalid', value: { type } });
		assert.ok(!/transaction: /.test(words), type);
	}
});

test('an error that nobody knows is named, and does not pass for a success', () => {
	const unknown = { type: 'Module', value: { type: 'Other', value: { type: 'New' } } };
	assert.equal(explainDispatch(unknown), 'Other refused it: New.');
	assert.equal(explainDispatch(undefined), 'The chain gave no reason.');
	assert.match(explainInvalid({ type: 'Invalid', value: { type: 'New' } }), /New/);
});

test('every fitness, reason and phase of the chain has words', () => {
	for (const type of variantsOf('pallet_operator_registry', 'Fitness')) {
		assert.ok(FITNESS[type], type);
	}
	for (const type of variantsOf('pallet_operator_registry', 'Reason')) {
		assert.match(reasonOf({ type, value: { type: 'Offended' } }), /\.$/, type);
	}
	for (const type of variantsOf('pallet_liquid_staking', 'Phase')) {
		assert.ok(PHASE[type], type);
	}
});
