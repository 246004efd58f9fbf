// SPDX-License-Identifier: Apache-2.0

// Whether the chain does on a relay chain what it does alone.
//
// | era | what happens |
// | --- | --- |
// | 0 | Alice and Bob deposit, Alice redeems a part; Dave starts a fourth validator |
// | 1 | a real election was held; Bob's deposit has paid for Alice's redemption; the pool nominates |
// | 2 | Dave is elected and makes blocks, as many as each of the others |
// | 3 | the first reward raises the rate |
// | 4 | Dave's probation is over: the pool nominates him |

import assert from 'node:assert/strict';
import { asRoot, succeed } from '../../e2e/lib/calls.js';
import { activeEra, eventsNamed, format, HOLD, plain } from '../../e2e/lib/chain.js';
import { exchangeRate, holdOf, readPool, stholdOf, totalAssets } from '../../e2e/lib/pool.js';
import { profileOf } from '../../e2e/lib/registry.js';
import { ask } from '../lib/network.js';
import { story } from '../lib/story.js';
import {
	blocksOf,
	ERA_BLOCKS,
	rotateKeys,
	scoreOf,
	stashesOn,
	timeAt,
	worked,
} from '../lib/validators.js';

const DEPOSIT = 50_000n * HOLD;
const REDEEMED = 1_000n * HOLD;
const STAKE = 50_000n * HOLD;
const COLLATORS = ['alice', 'bob', 'charlie'];

story('a parachain of three collators', { minutes: 45 }, (shared, step) => {
	let network, chain, api, alice, bob, dave, batch, rate;

	step('all collators have the same chain, and it is final', async () => {
		({ network, chain } = shared);
		({ api } = chain);
		[alice, bob, dave] = ['//Alice', '//Bob', '//Dave'].map((uri) => chain.account(uri));
		const { number, hash } = await chain.waitForBlock(2);
		for (const name of COLLATORS) {
			const port = network.ports.get(name);
			// Another collator may hear of it a little later.
			await chain.waitForBlock(number + 1);
			assert.equal(await ask(port, 'chain_getBlockHash', [number]), hash, name);
		}
		assert.equal(plain(await api.query.parachainInfo.parachainId()), 2000n);
	});

	step('a deposit is final', async () => {
		const began = Date.now();
		const { before, after, events } = await succeed(
			chain,
			api.tx.liquidStaking.deposit(DEPOSIT, 0),
			alice,
		);
		console.log(`    deposit final after ${Math.round((Date.now() - began) / 1000)} s`);
		const [{ shares }] = eventsNamed(events, 'liquidStaking.Deposited');
		const [was, is] = [await readPool(before), await readPool(after)];
		assert.equal(is.idle - was.idle, DEPOSIT);
		assert.equal(
			(await stholdOf(after, alice.address)) - (await stholdOf(before, alice.address)),
			shares,
		);
		await succeed(chain, api.tx.liquidStaking.deposit(DEPOSIT, 0), bob);
		const asked = await succeed(chain, api.tx.liquidStaking.requestRedeem(REDEEMED), alice);
		[{ batch }] = eventsNamed(asked.events, 'liquidStaking.RedemptionRequested');
		assert.equal(await activeEra(asked.after), 0n, 'all of that in one era');
	});

	step('a validator joins: keys with a proof, stake, operator, attestation', async () => {
		await network.join('dave');
		const { keys, proof } = await rotateKeys(network.ports.get('dave'), dave);
		const profile = profileOf('dave', 'eu-west', 'own-racks', 'holdfast-node');
		const { tx } = api;
		// A proof that is somebody else's is no proof.
		const stolen = await chain.send(tx.session.setKeys(keys, proof), bob);
		assert.equal(stolen.dispatchError, 'session.InvalidProof');
		await succeed(
			chain,
			tx.utility.batchAll([
				tx.session.setKeys(keys, proof),
				tx.staking.bond(STAKE, 'Stash'),
				tx.staking.validate({ commission: 0, blocked: false }),
				tx.operatorRegistry.registerOperator(profile),
				tx.operatorRegistry.addValidator(dave.address),
				tx.operatorRegistry.confirmValidator(dave.address),
			]),
			dave,
		);
		const all = { operator: true, region: true, provider: true, client: true };
		const { attest } = tx.operatorRegistry;
		const { error, after } = await asRoot(
			chain,
			tx.utility.batchAll([
				tx.staking.setValidatorCount(4),
				attest(dave.address, profile, all, [dave.address]),
			]),
		);
		assert.equal(error, null);
		const operators = plain(await after.call.operatorRegistryApi.operators());
		const { attested, validators } = operators.find(({ account }) => account === dave.address);
		assert.deepEqual([attested, validators], [all, [dave.address]]);
	});

	step('an era later the redemption is paid', async () => {
		const { number, at } = await worked(chain, 1n);
		const elected = await at.query.staking.erasStakersOverview.keys(1);
		assert.ok(elected.length >= 3, `${elected.length} were elected in era 0`);
		const held = await chain.waitForEvent('staking.StakersElected', {
			from: 1,
			blocks: number,
		});
		console.log(`    elected in block ${held.block.number}, era 1's work done in ${number}`);
		const { after, events } = await succeed(
			chain,
			api.tx.liquidStaking.claim(batch, alice.address),
			bob,
		);
		const [{ assets }] = eventsNamed(events, 'liquidStaking.Claimed');
		// The rate was one, less what the books round.
		assert.ok(assets <= REDEEMED && assets >= REDEEMED - 1n, format(assets));
		assert.ok((await holdOf(after, alice.address)) > 0n);
		const stashes = plain(await at.call.liquidStakingApi.stashes());
		const staked = stashes.filter(({ validator }) => validator !== null);
		assert.ok(staked.length >= 3, `${staked.length} stashes nominate`);
		rate = exchangeRate(await readPool(at), number);
	});

	step('who joined makes blocks, and everybody as many', async () => {
		const early = await worked(chain, 2n);
		assert.equal((await scoreOf(early.at, dave.address)).fitness, 'OnProbation');
		// The points of era 2 are complete.
		const { at } = await worked(chain, 3n);
		const blocks = await blocksOf(at, 2n);
		assert.ok(blocks.has(dave.address), 'Dave was elected');
		assert.equal(blocks.size, 4);
		const told = [...blocks.values()];
		assert.equal(
			told.reduce((total, one) => total + one, 0),
			ERA_BLOCKS,
		);
		for (const [who, count] of blocks) {
			assert.ok(count * 2 > ERA_BLOCKS / 4, `${who} made ${count} of ${ERA_BLOCKS} blocks`);
		}
		const [first, last] = [ERA_BLOCKS * 2, ERA_BLOCKS * 3];
		const [from, to] = [await chain.waitForBlock(first), await chain.waitForBlock(last)];
		const time = (await timeAt(to.at)) - (await timeAt(from.at));
		console.log(`    era 2: ${told.join('/')} blocks, ${time / ERA_BLOCKS} ms a block`);
	});

	step('the first reward raises the rate', async () => {
		const { block, data } = await chain.waitForEvent('liquidStaking.RewardsCollected', {
			from: 1,
			blocks: 5 * ERA_BLOCKS,
			match: ({ assets }) => assets > 0n,
		});
		const later = await chain.waitForBlock(block.number + 5);
		const pool = await readPool(later.at);
		assert.ok(exchangeRate(pool, later.number) > rate);
		console.log(
			`    collected ${format(data.assets)} in block ${block.number} for ` +
				`${format(totalAssets(pool, later.number))}`,
		);
	});

	step('after its probation the pool nominates who joined', async () => {
		const { at } = await worked(chain, 4n);
		assert.equal((await scoreOf(at, dave.address)).fitness, 'Fit');
		const stashes = await stashesOn(at, dave.address);
		assert.ok(stashes > 0, 'no stash nominates Dave');
		console.log(`    ${stashes} stashes nominate Dave in block ${(await chain.head()).number}`);
	});
});
