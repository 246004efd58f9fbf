// SPDX-License-Identifier: Apache-2.0

// The whole way of a holder through the pool, with real elections and payouts: deposit, stake,
// rewards, redemption, claim. Amounts are checked to the unit against chain state.
//
// Eras of the story, with D the era of the deposits: the pool bonds and nominates in D+1, is
// exposed in D+2, and collects its first rewards in D+3, when Bob asks for half of his stake back.

import assert from 'node:assert/strict';
import { refuse as mustFail, succeed as mustSucceed } from '../lib/calls.js';
import { sum } from '../lib/amounts.js';
import { activeEra, eventsNamed, format, HOLD, plain, PoolError } from '../lib/chain.js';
import {
	assetsFor,
	bufferOf,
	feeOn,
	fundAccount,
	holdOf,
	readParameters,
	readPool,
	readQueue,
	sharesFor,
	stholdOf,
	totalAssets,
	treasuryAccount,
} from '../lib/pool.js';
import { story } from '../lib/story.js';

const ALICE_DEPOSIT = 50_000n * HOLD;
const BOB_DEPOSIT = 20_000n * HOLD;
const PAR = 10n ** 18n;
// Of the development chain; not to be read from it.
const SESSION_BLOCKS = 16;

story('from the first deposit to the first claim', (shared) => {
	let chain, api, tx, alice, bob, charlie;
	let eraLength, bondingDuration;
	// What one step leaves for the next.
	let depositEra, staked, collected, request, closed;

	before(async () => {
		({ chain } = shared);
		({ api } = chain);
		tx = api.tx.liquidStaking;
		[alice, bob, charlie] = ['//Alice', '//Bob', '//Charlie'].map((uri) => chain.account(uri));
		eraLength = SESSION_BLOCKS * api.consts.staking.sessionsPerEra.toNumber();
		bondingDuration = plain(api.consts.staking.bondingDuration);
		// The first era has work too, and a deposit that comes before its end is bonded by it.
		await chain.waitForEvent('liquidStaking.EraWorkCompleted', { from: 1, blocks: eraLength });
	});

	const succeed = (call, signer) => mustSucceed(chain, call, signer);
	const refuse = (call, signer, error) => mustFail(chain, call, signer, error);

	async function deposit(who, assets) {
		const preview = plain(await api.call.liquidStakingApi.previewDeposit(assets));
		const { before, after, blockNumber, events, fee } = await succeed(
			tx.deposit(assets, preview),
			who,
		);
		const [poolBefore, poolAfter] = [await readPool(before), await readPool(after)];

		assert.equal(preview, sharesFor(poolBefore, blockNumber, assets));
		assert.deepEqual(eventsNamed(events, 'liquidStaking.Deposited'), [
			{ who: who.address, assets, shares: preview },
		]);
		assert.equal(
			(await holdOf(before, who.address)) - (await holdOf(after, who.address)),
			assets + fee,
		);
		assert.equal(
			(await stholdOf(after, who.address)) - (await stholdOf(before, who.address)),
			preview,
		);
		assert.equal(poolAfter.idle - poolBefore.idle, assets);
		assert.equal(poolAfter.deposited - poolBefore.deposited, assets);
		assert.equal(poolAfter.shares - poolBefore.shares, preview);
		return { era: await activeEra(after), blockNumber };
	}

	it('deposits mint the previewed shares for exactly the assets and the fee', async () => {
		const first = await deposit(alice, ALICE_DEPOSIT);
		const second = await deposit(bob, BOB_DEPOSIT);
		assert.equal(first.era, second.era, 'both deposits belong to one era of the story');
		depositEra = second.era;
	});

	it('refuses a deposit below the minimum', async () => {
		const { minDeposit } = await readParameters(api, 0);
		await refuse(tx.deposit(minDeposit - 1n, 0), bob, 'liquidStaking.DepositTooSmall');
	});

	it('refuses a deposit of more than the balance', async () => {
		const balance = await holdOf(api, bob.address);
		await refuse(tx.deposit(balance + HOLD, 0), bob, 'token.FundsUnavailable');
	});

	it('refuses a deposit that would mint one share less than asked for', async () => {
		const preview = plain(await api.call.liquidStakingApi.previewDeposit(HOLD));
		await refuse(tx.deposit(HOLD, preview + 1n), bob, 'liquidStaking.SharesBelowMinimum');
	});

	it('refuses to redeem more than owned', async () => {
		const shares = await stholdOf(api, bob.address);
		await refuse(tx.requestRedeem(shares + 1n), bob, 'liquidStaking.InsufficientShares');
	});

	it('refuses to redeem less than the minimum', async () => {
		const { minRedemption } = await readParameters(api, 0);
		await refuse(tx.requestRedeem(minRedemption - 1n), bob, 'liquidStaking.RedemptionTooSmall');
	});

	it('keeps out of blocks what its signer cannot pay for', async () => {
		const pauper = chain.account('//Nobody');
		await assert.rejects(chain.send(tx.advance(1), pauper), PoolError);
	});

	it('one era later at least 8 stashes nominate at least 8 different validators', async () => {
		const { number } = await chain.waitForEra(depositEra + 1n, { blocks: 2 * eraLength });
		const { block } = await chain.waitForEvent('liquidStaking.EraWorkCompleted', {
			from: number,
			blocks: eraLength,
		});
		const stashes = plain(await block.at.call.liquidStakingApi.stashes());
		const pool = await readPool(block.at);
		const elected = plain(await block.at.query.session.validators());

		assert.equal(sum(stashes.map(({ active }) => active)), pool.bonded);
		const deposits = ALICE_DEPOSIT + BOB_DEPOSIT;
		assert.equal(pool.bonded + pool.idle, deposits);
		const { buffer } = await readParameters(block.at, block.number);
		assert.equal(pool.idle, (deposits * buffer) / 10n ** 9n, 'what is kept idle');
		assert.equal(bufferOf(pool), pool.idle);

		staked = stashes.filter(({ validator }) => validator !== null);
		assert.ok(staked.length >= 8, `${staked.length} stashes nominate`);
		const validators = new Set(staked.map(({ validator }) => validator));
		assert.ok(validators.size >= 8, `${validators.size} validators are nominated`);
		for (const { account, active, validator } of staked) {
			const nominations = plain(await block.at.query.staking.nominators(account));
			const ledger = plain(await block.at.query.staking.ledger(account));
			assert.deepEqual(nominations?.targets, [validator]);
			assert.equal(ledger?.active, active);
			assert.ok(elected.includes(validator), `${validator} is elected`);
		}
	});

	it('refuses to advance work that is complete', async () => {
		await refuse(tx.advance(1), charlie, 'liquidStaking.NothingToDo');
	});

	it('the next election exposes every stash with exactly what it bonded', async () => {
		const era = depositEra + 2n;
		const { at } = await chain.waitForEra(era, { blocks: 2 * eraLength });
		const pages = await at.query.staking.erasStakersPaged.entries(era);
		const exposures = pages.flatMap(([{ args }, page]) =>
			plain(page).others.map(({ who, value }) => ({ who, value, validator: plain(args[1]) })),
		);
		for (const { account, active, validator } of staked) {
			assert.deepEqual(
				exposures.filter(({ who }) => who === account),
				[{ who: account, value: active, validator }],
			);
		}
		const overviews = await at.query.staking.erasStakersOverview.entries(era);
		const behind = new Set(
			overviews
				.filter(([, overview]) => plain(overview).nominatorCount > 0n)
				.map(([{ args }]) => plain(args[1])),
		);
		assert.ok(behind.size >= 8, `${behind.size} elected validators have nominators`);
	});

	it('rewards and their fee are booked to the unit, and stream into the rate', async () => {
		const { number } = await chain.waitForEra(depositEra + 3n, { blocks: 2 * eraLength });
		let paid = 0n;
		let settled;
		const worked = await chain.waitUntil(
			({ events, ...block }) => {
				const ours = ({ stash }) => staked.some(({ account }) => account === stash);
				const payouts = eventsNamed(events, 'staking.Rewarded').filter(ours);
				paid += sum(payouts.map(({ amount }) => amount));
				const [swept] = eventsNamed(events, 'liquidStaking.RewardsCollected');
				const [fee] = eventsNamed(events, 'liquidStaking.FeeTaken');
				if (swept) settled = { ...block, swept, fee };
				return eventsNamed(events, 'liquidStaking.EraWorkCompleted').length > 0 && block;
			},
			{ what: 'the rewards of the first exposed era', from: number, blocks: eraLength },
		);
		collected = settled?.swept.assets ?? 0n;
		assert.ok(collected > 0n, 'rewards were collected');
		assert.equal(collected, paid, 'what the staking pallet paid to the stashes');

		// 10 %, half of it in HOLD and half in shares at the entry price.
		const before = await chain.waitForBlock(settled.number - 1);
		const [poolBefore, pool] = [await readPool(before.at), await readPool(settled.at)];
		const fee = feeOn(collected, await readParameters(settled.at, settled.number));
		const tenth = (collected + 9n) / 10n;
		assert.deepEqual(fee, { fund: tenth / 2n, treasury: tenth - tenth / 2n });
		const reward = collected - tenth;
		// Nothing was on the stream, and nobody has entered. As much is expected of the next era, and the treasury pays for its part, as anybody does.
		const entry = { ...poolBefore, idle: poolBefore.idle + reward };
		Object.assign(entry, { stream: { ...pool.stream, amount: reward }, prepaidNext: reward });
		const shares = sharesFor(entry, settled.number, fee.treasury, 1n);
		assert.ok(shares < fee.treasury, 'who enters pays for the rewards on their way');
		const paidFor = (reward * shares) / (poolBefore.shares + 1n);
		assert.equal(pool.stream.amount, reward + paidFor, 'what it paid for the stream is there');
		assert.equal(pool.prepaidNext, reward + paidFor);
		const dust = pool.pendingRewards - paidFor;
		assert.ok(dust >= 0n && dust <= 2n, 'what it paid for the next reward waits, with dust');
		assert.deepEqual(settled.fee, { ...fee, shares });
		assert.equal(pool.shares - poolBefore.shares, shares);
		const [reserve, treasury] = [fundAccount(api), treasuryAccount(api)];
		assert.equal(
			(await holdOf(settled.at, reserve)) - (await holdOf(before.at, reserve)),
			fee.fund,
		);
		assert.equal(await stholdOf(before.at, treasury), 0n);
		assert.equal(await stholdOf(settled.at, treasury), shares);

		const later = await chain.waitForBlock(worked.number + eraLength / 3);
		assert.ok((await rateAt(later.at)) > (await rateAt(settled.at)), 'the rate rises');
		assert.ok((await rateAt(later.at)) > PAR, 'a share is worth more than was paid for it');
	});

	it('the entry price counts what is on the stream and what is expected', async () => {
		const { at, number } = await chain.head();
		const pool = await readPool(at);
		const preview = plain(await at.call.liquidStakingApi.previewDeposit(ALICE_DEPOSIT));
		assert.equal(preview, sharesFor(pool, number, ALICE_DEPOSIT));
		// In and out at once: a loss of at least what is on its way to these shares.
		const back = assetsFor(pool, number, preview);
		const gain = (preview * pool.prepaidNext) / pool.shares;
		assert.ok(gain > 0n && ALICE_DEPOSIT - back >= gain, `${ALICE_DEPOSIT} in, ${back} out`);
		// Equal at any time between two settlements, so that it does not matter when to enter.
		const next = await chain.waitForBlock(number + 2);
		const later = plain(await next.at.call.liquidStakingApi.previewDeposit(ALICE_DEPOSIT));
		assert.equal(later, preview);
	});

	it('a redemption burns the shares, and nothing can be claimed yet', async () => {
		const shares = (await stholdOf(api, bob.address)) / 2n;
		const { before, after, blockNumber, events, fee } = await succeed(
			tx.requestRedeem(shares),
			bob,
		);
		const [poolBefore, poolAfter] = [await readPool(before), await readPool(after)];
		const batch = poolBefore.openBatch;

		assert.deepEqual(eventsNamed(events, 'liquidStaking.RedemptionRequested'), [
			{ who: bob.address, batch, shares },
		]);
		assert.equal(
			(await stholdOf(before, bob.address)) - (await stholdOf(after, bob.address)),
			shares,
		);
		assert.equal((await holdOf(before, bob.address)) - (await holdOf(after, bob.address)), fee);
		assert.deepEqual(plain(await after.query.liquidStaking.redemptions(bob.address, batch)), {
			shares,
			firstClaimed: false,
		});
		assert.equal(poolAfter.openShares, shares);
		assert.equal(poolAfter.shares, poolBefore.shares, 'they count until the batch closes');

		await refuse(tx.claim(batch, bob.address), bob, 'liquidStaking.NotClaimableYet');
		request = { batch, shares, blockNumber, era: await activeEra(after) };
	});

	it('the batch closes at the exit price of its block', async () => {
		const { batch, shares, blockNumber } = request;
		const { block, data } = await chain.waitForEvent('liquidStaking.BatchClosed', {
			from: blockNumber,
			blocks: 2 * eraLength,
			match: (event) => event.batch === batch,
		});
		const { assets } = data;
		assert.deepEqual(data, { batch, shares, assets });
		assert.deepEqual(await readQueue(block.at), [
			{ id: batch, shares, owed: assets, funded: null, closedIn: await activeEra(block.at) },
		]);
		assert.equal(plain(await block.at.query.liquidStaking.batches(batch)), null);
		closed = { assets, closedIn: await activeEra(block.at), blockNumber: block.number };
		// Whatever else the block did (collect, bond, unbond) moved assets within the pool, so what
		// the pool had when it closed the batch is what it has now plus what went into the batch.
		const pool = await readPool(block.at);
		const total = totalAssets(pool, block.number) + assets;
		assert.equal(assets, (shares * (total + 1n)) / (pool.shares + shares + 1n));
		// The price is that of the chain a block earlier, or better by a block of rewards.
		const parent = await chain.waitForBlock(block.number - 1);
		assert.ok(assets >= plain(await parent.at.call.liquidStakingApi.previewRedeem(shares)));
		assert.ok(assets > BOB_DEPOSIT / 2n, 'more than Bob paid for these shares');

		await refuse(tx.claim(batch, bob.address), charlie, 'liquidStaking.NotClaimableYet');
	});

	it('the batch is funded when the unbonding matures, no later than promised', async () => {
		const { batch, shares, era } = request;
		// The work of the era that closed the batch also unbonds for it; then the date is known.
		const worked = await chain.waitForEvent('liquidStaking.EraWorkCompleted', {
			from: closed.blockNumber,
			blocks: eraLength,
		});
		const [promise, ...others] = plain(
			await worked.block.at.call.liquidStakingApi.redemptionsOf(bob.address),
		);
		assert.deepEqual(others, []);
		const { expectedEra } = promise;
		const view = { batch, shares, assets: closed.assets, withheld: 0n, state: 'Unbonding' };
		assert.deepEqual(promise, { ...view, expectedEra });

		const { block, data } = await chain.waitForEvent('liquidStaking.BatchFunded', {
			from: closed.blockNumber,
			blocks: (Number(bondingDuration) + 3) * eraLength,
			match: (event) => event.batch === batch,
		});
		assert.deepEqual(data, { batch, assets: closed.assets, withheld: 0n });
		assert.deepEqual(plain(await block.at.query.liquidStaking.batches(batch)), {
			closedIn: closed.closedIn,
			first: { shares, assets: closed.assets },
			rest: 'None',
		});
		assert.deepEqual(await readQueue(block.at), []);
		const fundedIn = await activeEra(block.at);
		assert.ok(fundedIn <= expectedEra, `era ${fundedIn}, not ${expectedEra}`);
		assert.ok(fundedIn <= era + bondingDuration + 2n, `asked in ${era}, funded in ${fundedIn}`);
	});

	it('anyone may push the claim, and its owner gets exactly the assets', async () => {
		const { batch, shares } = request;
		const { assets } = closed;
		const { before, after, events, fee } = await succeed(tx.claim(batch, bob.address), charlie);

		assert.deepEqual(eventsNamed(events, 'liquidStaking.Claimed'), [
			{ owner: bob.address, batch, shares, assets },
		]);
		assert.equal(
			(await holdOf(after, bob.address)) - (await holdOf(before, bob.address)),
			assets,
		);
		assert.equal(
			(await holdOf(before, charlie.address)) - (await holdOf(after, charlie.address)),
			fee,
		);
		assert.deepEqual(plain(await after.call.liquidStakingApi.redemptionsOf(bob.address)), []);
		assert.equal(plain(await after.query.liquidStaking.batches(batch)), null);
		assert.equal(plain(await after.query.liquidStaking.redemptions(bob.address, batch)), null);

		await refuse(tx.claim(batch, bob.address), bob, 'liquidStaking.NothingToClaim');

		const { at, number } = await chain.head();
		console.log(
			`      first rewards ${format(collected)}; ` +
				`Bob paid ${format(BOB_DEPOSIT / 2n)} and claimed ${format(assets)}; ` +
				`${format(totalAssets(await readPool(at), number))} stay in the pool`,
		);
	});
});

async function rateAt(at) {
	return plain(await at.call.liquidStakingApi.exchangeRate());
}
