// SPDX-License-Identifier: Apache-2.0

// Leaving at once: its price to the unit, what it refuses, and how root changes the fee. The new
// parameters are set in the first era, because they act only six eras later.

import assert from 'node:assert/strict';
import { asRoot, refuse as mustFail, succeed as mustSucceed } from '../lib/calls.js';
import { up } from '../lib/amounts.js';
import { eventsNamed, HOLD, plain } from '../lib/chain.js';
import {
	assetsFor,
	bufferOf,
	exchangeRate,
	holdOf,
	instantQuote,
	onStream,
	readParameters,
	readSchedule,
	readPool,
	readQueue,
	stholdOf,
	totalAssets,
} from '../lib/pool.js';
import { story } from '../lib/story.js';

const ALICE_DEPOSIT = 40_000n * HOLD;
const BOB_DEPOSIT = 20_000n * HOLD;
const PERCENT = 10_000_000n;
const RATE = 10n ** 18n;
// Of the development chain; not to be read from it.
const ERA_BLOCKS = 48;
const DELAY_BLOCKS = 6 * ERA_BLOCKS;

story('leaving at once, and what it costs', (shared) => {
	let chain, api, tx, views, alice, bob, charlie;
	// What one step leaves for the next.
	let defaults, changed, actsFrom;

	before(async () => {
		({ chain } = shared);
		({ api } = chain);
		tx = api.tx.liquidStaking;
		views = api.call.liquidStakingApi;
		[alice, bob, charlie] = ['//Alice', '//Bob', '//Charlie'].map((uri) => chain.account(uri));
		defaults = plain(api.consts.liquidStaking.defaultParameters);
		await worked(0n);
	});

	const succeed = (call, signer) => mustSucceed(chain, call, signer);
	const refuse = (call, signer, error) => mustFail(chain, call, signer, error);

	/** The block in which the work of this era was done. */
	async function worked(era) {
		const { block } = await chain.waitForEvent('liquidStaking.EraWorkCompleted', {
			from: Math.max(1, Number(era) * ERA_BLOCKS),
			blocks: 2 * ERA_BLOCKS,
			match: (event) => event.era === era,
		});
		return block;
	}

	/** Redeems at once and checks every amount. Returns the fee. */
	async function leave(who, shares) {
		const head = await chain.head();
		const preview = plain(await head.at.call.liquidStakingApi.previewRedeemInstantly(shares));
		// The rate rises, so that the preview of an earlier block is a safe limit.
		const { before, after, blockNumber, ...result } = await succeed(
			tx.redeemInstantly(shares, preview),
			who,
		);
		const [pool, poolAfter] = [await readPool(before), await readPool(after)];
		const parameters = await readParameters(before, blockNumber);

		const then = instantQuote(await readPool(head.at), head.number, shares, parameters);
		assert.equal(preview, then.net - then.fee, 'the preview, computed in its own block');
		const { gross, net, fee } = instantQuote(pool, blockNumber, shares, parameters);
		assert.equal(net, gross, 'no report is open');
		const assets = net - fee;
		// What the stream brings in between is all that may lie between the two.
		const released = onStream(pool, head.number) - onStream(pool, blockNumber);
		if (released === 0n) assert.equal(assets, preview, 'the preview is what is paid');
		else assert.ok(assets >= preview && assets - preview <= released, `${assets} ${preview}`);

		assert.deepEqual(eventsNamed(result.events, 'liquidStaking.InstantlyRedeemed'), [
			{ who: who.address, shares, assets, fee, withheld: 0n },
		]);
		assert.equal(
			(await holdOf(after, who.address)) - (await holdOf(before, who.address)),
			assets - result.fee,
		);
		assert.equal(
			(await stholdOf(before, who.address)) - (await stholdOf(after, who.address)),
			shares,
		);
		assert.equal(pool.idle - poolAfter.idle, assets);
		assert.equal(pool.shares - poolAfter.shares, shares);
		// The fee waits, and so do the rewards that would have reached these shares.
		const unreleased = onStream(pool, blockNumber);
		const forfeited = unreleased - (unreleased * poolAfter.shares) / pool.shares;
		assert.equal(poolAfter.pendingRewards - pool.pendingRewards, fee + forfeited);
		assert.equal(poolAfter.stream.amount, unreleased - forfeited);
		// No batch has anything to do with it.
		for (const field of ['openBatch', 'openShares', 'owed', 'withheld', 'reported']) {
			assert.equal(poolAfter[field], pool[field], field);
		}
		assert.deepEqual(await readQueue(after), await readQueue(before));
		assert.deepEqual(plain(await after.call.liquidStakingApi.redemptionsOf(who.address)), []);
		return { fee, net, pool, parameters, blockNumber };
	}

	it('parameters out of bounds are refused, field by field', async () => {
		const [min, max] = ['minParameters', 'maxParameters'].map((bound) =>
			plain(api.consts.liquidStaking[bound]),
		);
		const calls = Object.keys(defaults).flatMap((field) => [
			// A part cannot be more than one: that would be no call at all.
			...(field === 'fundShare' ? [] : [{ ...defaults, [field]: max[field] + 1n }]),
			...(min[field] > 0n ? [{ ...defaults, [field]: min[field] - 1n }] : []),
		]);
		// A fee that falls while the buffer empties.
		calls.push({ ...defaults, instantFeeMin: 2n * PERCENT, instantFeeMax: PERCENT });
		assert.equal(calls.length, 8);
		// In one block, because nothing but the outcome matters.
		const { events } = await succeed(
			api.tx.utility.forceBatch(
				calls.map((parameters) => api.tx.sudo.sudo(tx.setParameters(parameters))),
			),
			alice,
		);
		const outcomes = eventsNamed(events, 'sudo.Sudid').map(({ sudoResult }) => sudoResult);
		assert.deepEqual(
			outcomes,
			calls.map(() => 'liquidStaking.ParameterOutOfBounds'),
		);
		assert.deepEqual(eventsNamed(events, 'liquidStaking.ParametersSet'), []);
		assert.deepEqual(await readSchedule(api), {
			current: defaults,
			next: null,
		});
	});

	it('nobody but root sets parameters', async () => {
		await refuse(tx.setParameters(defaults), bob, 'BadOrigin');
		// Not even who can be root, without saying so.
		await refuse(tx.setParameters(defaults), alice, 'BadOrigin');
	});

	it('parameters in bounds are scheduled, and a later call replaces them', async () => {
		const first = { ...defaults, rewardFee: 0n };
		changed = { ...defaults, minDeposit: 5n * HOLD, instantFeeMin: 0n, instantFeeMax: 0n };
		for (const parameters of [first, changed]) {
			const { error, events, blockNumber, after } = await asRoot(
				chain,
				tx.setParameters(parameters),
			);
			assert.equal(error, null);
			actsFrom = BigInt(blockNumber + DELAY_BLOCKS);
			assert.deepEqual(eventsNamed(events, 'liquidStaking.ParametersSet'), [
				{ parameters, from: actsFrom },
			]);
			assert.deepEqual(await readSchedule(after), {
				current: defaults,
				next: [actsFrom, parameters],
			});
		}
	});

	it('what was deposited in this era is no buffer: nobody makes room for himself', async () => {
		await succeed(tx.deposit(ALICE_DEPOSIT, 0), alice);
		await succeed(tx.deposit(BOB_DEPOSIT, 0), bob);
		const pool = await readPool(api);
		assert.equal(pool.idle, ALICE_DEPOSIT + BOB_DEPOSIT);
		assert.equal(pool.deposited, pool.idle);
		assert.equal(bufferOf(pool), 0n);
		assert.equal(plain(await views.previewRedeemInstantly(HOLD)), null);
		await refuse(tx.redeemInstantly(HOLD, 0), bob, 'liquidStaking.BufferTooLow');
	});

	it('without a rate from before there is no yield to tell', async () => {
		for (const eras of [1, 2, 1_000, 2 ** 32 - 1]) {
			assert.equal(plain(await views.realisedApr(eras)), null, `${eras} eras`);
		}
	});

	it('from a full buffer, the preview is paid to the unit, less the fee', async () => {
		const { at } = await worked(1n);
		const pool = await readPool(at);
		const target = ((ALICE_DEPOSIT + BOB_DEPOSIT) * defaults.buffer) / 10n ** 9n;
		assert.equal(bufferOf(pool), target, 'the buffer is full');

		// A tenth of it. From 0.1 % the rate rises by a tenth of 2.9 %, and the fee is the mean.
		const shares = target / 10n;
		const { fee, net } = await leave(bob, shares);
		assert.equal(net, shares, 'a share is worth what was paid for it');
		const curve = up(net * (2n * 1_000_000n + 2_900_000n), 2n * 10n ** 9n);
		assert.equal(fee, curve);
	});

	it('refuses one unit more than the preview', async () => {
		const preview = plain(await views.previewRedeemInstantly(HOLD));
		await refuse(
			tx.redeemInstantly(HOLD, preview + 1n),
			bob,
			'liquidStaking.AssetsBelowMinimum',
		);
	});

	it('refuses one unit more than the buffer holds, and pays all that it holds', async () => {
		const pool = await readPool(api);
		const { number } = await chain.head();
		const buffer = bufferOf(pool);
		// Without rewards, the price is the same in all blocks of this era.
		assert.equal(onStream(pool, number), 0n);
		const assets = totalAssets(pool, number) + 1n;
		const most = ((buffer + 1n) * (pool.shares + 1n) - 1n) / assets;
		assert.equal(assetsFor(pool, number, most), buffer);
		assert.ok(assetsFor(pool, number, most + 1n) > buffer);
		assert.equal(plain(await views.previewRedeemInstantly(most + 1n)), null);
		await refuse(tx.redeemInstantly(most + 1n, 0), bob, 'liquidStaking.BufferTooLow');

		const { fee, net } = await leave(bob, most);
		// From a rate of a little under 0.4 % to one of 3 %: about 1.7 % on the average.
		assert.equal((fee * 1_000n) / net, 16n);
		assert.equal(bufferOf(await readPool(api)), fee, 'what is left is the fee');
	});

	it('while rewards stream, the fee is never below what they bring in an era', async () => {
		// Fills the buffer again when the era ends.
		await succeed(tx.deposit(2_000n * HOLD, 0), charlie);
		const { at } = await worked(4n);
		const pool = await readPool(at);
		assert.ok(pool.streamed > 0n, 'rewards stream');
		assert.ok(bufferOf(pool) > 100n * HOLD);
		const { fee, parameters } = await leave(charlie, 10n * HOLD);
		const floor = up(10n * HOLD * pool.streamed, pool.streamedOver);
		assert.ok(floor > 0n && fee > floor, 'the curve asks for more');
		assert.deepEqual(parameters, defaults);
	});

	it('the limits that a wallet asks for are those of the calls', async () => {
		const { at, number } = await chain.head();
		const view = at.call.liquidStakingApi;
		const [pool, schedule] = [await readPool(at), await readSchedule(at)];
		const parameters = await readParameters(at, number);
		const target = (totalAssets(pool, number) * parameters.buffer) / 10n ** 9n;
		const capacity = plain(await view.instantCapacity());
		assert.equal(capacity.available, bufferOf(pool, target));
		assert.equal(capacity.target, target);
		assert.equal(capacity.feeAtMost, parameters.instantFeeMax);
		const next = schedule.next?.[0] > BigInt(number) ? schedule.next : null;
		assert.deepEqual(plain(await view.parameters()), [parameters, next]);
		assert.deepEqual(plain(await view.shareClass()), [0n, 1n]);

		const held = await stholdOf(at, alice.address);
		assert.equal(plain(await view.maxRedeem(alice.address)), held);
		const most = plain(await view.maxRedeemInstantly(alice.address));
		assert.ok(most > 0n && most <= held);
		assert.notEqual(plain(await view.previewRedeemInstantly(most)), null);
		if (most < held) assert.equal(plain(await view.previewRedeemInstantly(most + 1n)), null);
		const deposit = plain(await view.maxDeposit(alice.address));
		assert.ok(deposit > 0n && deposit < (await holdOf(at, alice.address)));
		assert.notEqual(plain(await view.previewDeposit(deposit)), null);
		assert.equal(plain(await view.previewDeposit(parameters.minDeposit - 1n)), null);
	});

	it('the view of the yield is the growth of the rate, by year', async () => {
		const { at, number } = await chain.head();
		const pool = await readPool(at);
		const eras = 2n;
		const then = plain(await at.query.liquidStaking.rates(pool.settledEra - eras));
		const blocks = BigInt(number) - then.block;
		const year = plain(api.consts.liquidStaking.blocksPerYear);
		const growth = exchangeRate(pool, number) - then.rate;
		const exact = (growth * RATE * year) / (then.rate * blocks);
		const view = plain(await at.call.liquidStakingApi.realisedApr(eras));
		assert.ok(view > 0n);
		// The quotient of the rates is cut after 18 decimals before it is multiplied.
		const cut = year / blocks + 2n;
		assert.ok(view <= exact && exact - view <= cut, `${view} is not ${exact} less ${cut}`);
		assert.equal(plain(await at.call.liquidStakingApi.realisedApr(pool.settledEra + 1n)), null);
		console.log(`      ${Number((view * 10_000n) / RATE) / 100} % in a year`);
	});

	it('new parameters act from their block on, and not in the one before', async () => {
		const before = await chain.waitForBlock(Number(actsFrom) - 1);
		assert.deepEqual(await readParameters(before.at, before.number), defaults);
		const shares = 10n * HOLD;
		const quoteAt = async ({ at, number }, parameters) => {
			const pool = await readPool(at);
			const { net, fee } = instantQuote(pool, number, shares, parameters);
			assert.equal(
				plain(await at.call.liquidStakingApi.previewRedeemInstantly(shares)),
				net - fee,
				`block ${number}`,
			);
			return fee;
		};
		const old = await quoteAt(before, defaults);
		const acting = await chain.waitForBlock(Number(actsFrom));
		const fee = await quoteAt(acting, changed);
		assert.ok(fee < old, 'the new fee is lower');
		await refuse(tx.deposit(changed.minDeposit - 1n, 0), bob, 'liquidStaking.DepositTooSmall');
		await succeed(tx.deposit(changed.minDeposit, 0), bob);
	});

	it('a fee of zero is still what the rewards bring in an era', async () => {
		const { fee, pool, parameters } = await leave(charlie, 10n * HOLD);
		assert.deepEqual(parameters, changed);
		const floor = up(10n * HOLD * pool.streamed, pool.streamedOver);
		assert.ok(floor > 0n);
		assert.equal(fee, floor);
	});
});
