// SPDX-License-Identifier: Apache-2.0

// Calls that must have one outcome, and no other effect than that.

import assert from 'node:assert/strict';
import { eventsNamed } from './chain.js';
import { holdOf, stholdOf } from './pool.js';

/** Sends a call that must succeed; adds the state before and after its block. */
export async function succeed(chain, call, signer) {
	const result = await chain.send(call, signer);
	assert.equal(result.dispatchError, null);
	return {
		...result,
		before: await chain.at(result.parentHash),
		after: await chain.at(result.blockHash),
	};
}

/** Sends a call that must fail with `error`, and take no more than its fee. */
export async function refuse(chain, call, signer, error) {
	const result = await chain.send(call, signer);
	assert.equal(result.dispatchError, error);
	const before = await chain.at(result.parentHash);
	const after = await chain.at(result.blockHash);
	assert.equal(
		(await holdOf(before, signer.address)) - (await holdOf(after, signer.address)),
		result.fee,
	);
	assert.equal(await stholdOf(after, signer.address), await stholdOf(before, signer.address));
}

/** Lets root make a call. Returns the name of the error with which it fails, if any. */
export async function asRoot(chain, call) {
	const result = await succeed(chain, chain.api.tx.sudo.sudo(call), chain.account('//Alice'));
	const [{ sudoResult }] = eventsNamed(result.events, 'sudo.Sudid');
	return { ...result, error: sudoResult };
}

/** Sends calls in one batch. Each must fail with its error; together they take only the fee. */
export async function refuseAll(chain, calls, signer) {
	const batch = chain.api.tx.utility.forceBatch(calls.map(([call]) => call));
	const result = await succeed(chain, batch, signer);
	const { before, after, events, fee } = result;
	assert.deepEqual(
		eventsNamed(events, 'utility.ItemFailed').map(({ error }) => error),
		calls.map(([, error]) => error),
	);
	assert.equal(
		(await holdOf(before, signer.address)) - (await holdOf(after, signer.address)),
		fee,
	);
	assert.equal(await stholdOf(after, signer.address), await stholdOf(before, signer.address));
	return result;
}
