// SPDX-License-Identifier: Apache-2.0

// A stash for which the caps leave no place: it nominates nobody, which the chain says, and it is
// placed when there is room again.
//
// | era | what happens | what the plan of the next era does |
// | --- | --- | --- |
// | 0 | Alice deposits | 64 stashes nominate |
// | 1 | root lowers the cap of clients: 63 places | one stash has no place |
// | 2 | | nothing |
// | 3 | root raises it again | the stash nominates again |

import assert from 'node:assert/strict';
import { asRoot, succeed } from '../lib/calls.js';
import { HOLD, plain } from '../lib/chain.js';
import { stashAccounts } from '../lib/pool.js';
import { readNominations } from '../lib/registry.js';
import { story } from '../lib/story.js';

const DEPOSIT = 640_000n * HOLD;
// A part of 64 stashes: 21 on each of three clients.
const TIGHT = 340_000_000n;
// Of the development chain; not to be read from it.
const ERA_BLOCKS = 48;

story('a stash without a place', (shared) => {
	let chain, api, stashes, defaults;
	// What one step leaves for the next.
	let index, stake;

	before(async () => {
		({ chain } = shared);
		({ api } = chain);
		stashes = stashAccounts(api);
		defaults = plain(api.consts.operatorRegistry.defaultParameters);
		await worked(0n);
		await succeed(chain, api.tx.liquidStaking.deposit(DEPOSIT, 0), chain.account('//Alice'));
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

	async function setClientCap(clientCap) {
		const call = api.tx.operatorRegistry.setParameters({ ...defaults, clientCap });
		assert.equal((await asRoot(chain, call)).error, null);
	}

	async function planOf(at) {
		const { era, changes, unplaced } = plain(await at.query.operatorRegistry.lastPlan());
		return { era, changes, unplaced };
	}

	/** What the pool says of the stash. */
	async function stashOf(at) {
		return plain(await at.call.liquidStakingApi.stashes())[index];
	}

	it('what finds no place is chilled, and keeps its stake', async () => {
		await worked(1n);
		await setClientCap(TIGHT);
		const at = await worked(2n);
		const { changes, unplaced } = await planOf(at);
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
		const at = await worked(3n);
		assert.deepEqual(await planOf(at), { era: 3n, changes: [], unplaced: 1n });
		const view = plain(await at.call.operatorRegistryApi.plan());
		assert.deepEqual(view, { era: 3n, changes: [], unplaced: 1n });
		const { active, validator } = await stashOf(at);
		assert.deepEqual([active, validator], [stake, null]);
	});

	it('when there is room again, it nominates again', async () => {
		await setClientCap(defaults.clientCap);
		const at = await worked(4n);
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
