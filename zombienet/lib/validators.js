// SPDX-License-Identifier: Apache-2.0

// Validators as those who run them see them: keys, authorship, what the registry thinks of them.

import assert from 'node:assert/strict';
import { plain } from '../../e2e/lib/chain.js';
import { ask } from './network.js';

/** Of the development clock; not to be read from the chain. */
export const SESSION_BLOCKS = 16;
export const ERA_BLOCKS = 3 * SESSION_BLOCKS;
/** Points of a validator for a block. */
const POINTS = 20n;

/** New session keys of a node, and the proof that they are for the account with the key pair `owner`. */
export async function rotateKeys(port, owner) {
	const account = `0x${Buffer.from(owner.publicKey).toString('hex')}`;
	const { keys, proof } = await ask(port, 'author_rotateKeysWithOwner', [account]);
	assert.match(keys, /^0x[0-9a-f]{64}$/);
	return { keys, proof };
}

/** How many blocks each validator made in an era, as far as it has gone at a block. */
export async function blocksOf(at, era) {
	const { individual } = plain(await at.query.staking.erasRewardPoints(era));
	return new Map([...individual].map(([who, points]) => [who, Number(points / POINTS)]));
}

/** What the registry thinks of a validator. */
export async function scoreOf(at, validator) {
	const scores = plain(await at.call.operatorRegistryApi.validators());
	return scores.find((score) => score.validator === validator) ?? null;
}

/** How many of the pool's stashes nominate a validator. */
export async function stashesOn(at, validator) {
	const stashes = plain(await at.call.liquidStakingApi.stashes());
	return stashes.filter((stash) => stash.validator === validator).length;
}

/** The first block after the work of an era was done. */
export async function worked(chain, era) {
	const { block } = await chain.waitForEvent('liquidStaking.EraWorkCompleted', {
		from: 1,
		blocks: (Number(era) + 3) * ERA_BLOCKS,
		match: (event) => event.era >= era,
	});
	return block;
}

/** Milliseconds of the chain's own clock. */
export async function timeAt(at) {
	return Number(plain(await at.query.timestamp.now()));
}
