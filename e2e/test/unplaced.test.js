// SPDX-License-Identifier: Apache-2.0

// A stash for which the caps leave no place: it nominates nobody, which the chain says, and it is
// placed when there is room again.
//
// | era | what happens | what the plan of the next era does |
// | --- | --- | --- |
// | 0 | Alice deposits; root lowers the cap of clients: 63 places | 64 stashes nominate |
// | 9 | the lower cap acts | one stash has no place, as the view has told |
// | 10 | | nothing |
// | 11 | an operator changes to a client that is new | the stash nominates again |

import assert from 'node:assert/strict';
import { asRoot, succeed } from '../lib/calls.js';
import { eventsNamed, HOLD, plain, text } from '../lib/chain.js';
import { stashAccounts } from '../lib/pool.js';
import { profileOf, readNominations } from '../lib/registry.js';
import { story } from '../lib/story.js';

const DEPOSIT = 640_000n * HOLD;
// A part of 64 stashes: 21 on each of three clients.
const TIGHT = 340_000_000n;
// Of the development chain; not to be read from it.
const ERA_BLOCKS = 48;

story('a stash without a place', (shared) => {
	let chain, api, stashes, defaults;
	// What one step leaves for the next.
	let index, stake, era;

	before(async () => {
		({ chain } = shared);
		({ api } = chain);
		stashes = stashAccounts(api);
		defaults = plain(api.consts.operatorRegistry.defaultParameters);
		await worked(0n);
		await succeed(chain, api.tx.liquidStaking.deposit(DEPOSIT, 0), chain.account('//Alice'));
		// The work of an era is done long before. So the cap does not begin to act in the middle of some.
		await chain.waitForBlock((ERA_BLOCKS * 2) / 3);
		const parameters = { ...defaults, clientCap: TIGHT };
		const call = api.tx.operatorRegistry.setParameters(parameters);
		const { error, events } = await asRoot(chain, call);
		assert.equal(error, null);
		const [{ from }] = eventsNamed(events, 'operatorRegistry.ParametersSet');
		// The first era that begins when it acts, and the view of whose plan knows it.
		era = from / BigInt(ERA_BLOCKS) + 1n;
	});

	/** The state after the work of this era. */
	async function worked(era) {
		const { block } = await chain.waitForEvent('liquidStaking.EraWorkCompleted', {
			from: Math.max(1, Number(era) * ERA_BLOCKS),
			blocks: 2 * ERA_BLOCKS,
			match: (event) => event.era === era,
		});
		return block.at;
	}

	async function planOf(at) {
		const { era, changes, unplaced } = plain(await at.query.operatorRegistry.lastPlan());
		return { era, changes, unplaced };
	}

	/** What the pool says of the stash. */
	async function stashOf(at) {
		return plain(await at.call.liquidStakingApi.stashes())[index];
	}

	it('as long as the cap waits, all have a place', async () => {
		const at = await worked(era - 1n);
		assert.deepEqual(await planOf(at), { era: era - 1n, changes: [], unplaced: 0n });
		const nominations = await readNominations(at, stashes);
		assert.ok(nominations.every((validator) => validator !== null));
	});

	it('what finds no place is chilled, and keeps its stake', async () => {
		// Scores change a little from era to era, since validators stake what they earn: by a
		// hundred-thousandth, which decides nothing here.
		const last = await chain.waitForBlock(Number(era) * ERA_BLOCKS - 1);
		const foretold = plain(await last.at.call.operatorRegistryApi.plan());
		const at = await worked(era);
		const { changes, unplaced } = await planOf(at);
		assert.deepEqual([foretold.changes, foretold.unplaced], [changes, unplaced]);
		assert.equal(unplaced, 1n);
		const [change, ...others] = changes.filter(({ to }) => to === null);
		assert.deepEqual(others, []);
		assert.deepEqual(change.reason, { ClusterOverCap: 'Client' });
		index = Number(change.stash);
		const nominations = await readNominations(at, stashes);
		nominations.forEach((validator, i) => assert.equal(validator === null, i === index));
		const ledger = plain(await at.query.staking.ledger(stashes[index]));
		stake = ledger.active;
		assert.ok(stake > 0n);
		const { active, validator } = await stashOf(at);
		assert.deepEqual([active, validator], [stake, null], 'what the pool says of it');
	});

	it('while there is no room, nothing changes', async () => {
		const next = era + 1n;
		const at = await worked(next);
		assert.deepEqual(await planOf(at), { era: next, changes: [], unplaced: 1n });
		const view = plain(await at.call.operatorRegistryApi.plan());
		assert.deepEqual(view, { era: next, changes: [], unplaced: 1n });
		const { active, validator } = await stashOf(at);
		assert.deepEqual([active, validator], [stake, null]);
	});

	it('when there is room again, it nominates again', async () => {
		// The first operator moves its validators to a client of its own.
		const [operator] = plain(await api.call.operatorRegistryApi.operators());
		const { account, validators, attested, profile } = operator;
		const labels = ['operator', 'region', 'provider'].map((label) => text(profile[label]));
		const moved = profileOf(...labels, 'another-node');
		const key = Array.from({ length: 16 }, (_, i) => chain.account(`//Validator//${i}`)).find(
			({ address }) => address === account,
		);
		const tx = api.tx.operatorRegistry;
		await succeed(chain, tx.updateProfile(moved), key);
		const attest = tx.attest(account, moved, attested, validators);
		assert.equal((await asRoot(chain, attest)).error, null);
		const at = await worked(era + 2n);
		const { changes, unplaced } = await planOf(at);
		assert.equal(unplaced, 0n);
		const [placed, ...others] = changes.filter(({ from }) => from === null);
		assert.deepEqual(others, []);
		assert.equal(placed.reason, 'New');
		assert.equal(Number(placed.stash), index);
		assert.equal((await readNominations(at, stashes))[index], placed.to);
		assert.equal((await stashOf(at)).validator, placed.to);
	});
});
