import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import test from 'node:test';
import { decAnyMetadata, unifyMetadata } from '@polkadot-api/substrate-bindings';
import { explainDispatch, explainInvalid, sentenceOf } from '../../src/lib/errors.ts';
import { FITNESS, PHASE, reasonOf } from '../../src/lib/words.ts';

const file = new URL('../../.papi/metadata/holdfast.scale', import.meta.url);
const { pallets, lookup } = unifyMetadata(decAnyMetadata(new Uint8Array(readFileSync(file))));

function variants(id: number): string[] {
	const { def } = lookup[id]!;
	assert.equal(def.tag, 'variant');
	return (def.value as { name: string }[]).map(({ name }) => name);
}

function variantsOf(...path: string[]): string[] {
	const type = lookup.find((one) => path.join('::') === one.path.join('::'));
	assert.ok(type, path.join('::'));
	return variants(type.id);
}

for (const name of ['LiquidStaking', 'InsuranceFund', 'OperatorRegistry']) {
	test(`every error of ${name} has a sentence`, () => {
		const pallet = pallets.find((one) => one.name === name);
		assert.ok(pallet?.errors, name);
		const id = typeof pallet.errors === 'number' ? pallet.errors : pallet.errors.type;
		const errors = variants(id);
		assert.ok(errors.length > 5);
		for (const error of errors) {
			const sentence = sentenceOf(name, error);
			assert.ok(sentence, `${name}.${error} has no sentence`);
			assert.match(sentence, /^[A-Z].*\.$/, `${name}.${error}`);
			assert.equal(
				explainDispatch({ type: 'Module', value: { type: name, value: { type: error } } }),
				sentence,
			);
		}
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
	for (const type of variantsOf('sp_runtime', 'transaction_validity', 'InvalidTransaction')) {
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
	for (const type of variantsOf('pallet_operator_registry', 'types', 'Fitness')) {
		assert.ok(FITNESS[type], type);
	}
	for (const type of variantsOf('pallet_operator_registry', 'types', 'Reason')) {
		assert.match(reasonOf({ type, value: { type: 'Offended' } }), /\.$/, type);
	}
	for (const type of variantsOf('pallet_liquid_staking', 'types', 'Phase')) {
		assert.ok(PHASE[type], type);
	}
});
