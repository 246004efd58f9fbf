// SPDX-License-Identifier: Apache-2.0

// Slashes from the report to the end: what a report does to prices, what a cancellation undoes, and
// who bears a slash that lands. Offences are made by root; all the rest is the chain's own.
//
// The bond of the operator pays first, and the slashes are larger than it. Nobody has underwritten, and
// the reserve is small. So there is enough left to bear; `insurance.test.js` tells of the rest.
//
// | era | offences | Charlie | Bob | Dave |
// | --- | --- | --- | --- | --- |
// | 0 | | deposits | deposits | deposits |
// | 2 | the first | asks for a little | | leaves at once with a part |
// | 3 | | gets it out of the buffer, but for his part of the report | asks for his first batch | |
// | 4 | the first is cancelled; the second | | asks for his second batch | leaves with a part |
// | 5 | | gets the rest | | |
// | 7 | the second is applied | | gets the first batch less its part | |
// | 8 | | | gets the second batch less its part | |

import assert from 'node:assert/strict';
import { asRoot, refuse as mustFail, succeed as mustSucceed } from '../lib/calls.js';
import { sum, up } from '../lib/amounts.js';
import { activeEra, eventsNamed, format, HOLD, plain } from '../lib/chain.js';
import { allowed, SLASH_DELAY } from '../lib/fund.js';
import {
	assetsFor,
	exchangeRate,
	holdOf,
	instantQuote,
	onStream,
	openReports,
	readParameters,
	readPool,
	readQueue,
	sharesFor,
	stashAccounts,
	totalAssets,
	uncoveredOf,
} from '../lib/pool.js';
import { story } from '../lib/story.js';

const DEPOSITS = {
	'//Alice': 400_000n,
	'//Bob': 200_000n,
	'//Charlie': 20_000n,
	'//Dave': 20_000n,
};
const CHARLIE_LEAVES = 4_000n * HOLD;
const DAVE_LEAVES = 2_000n * HOLD;
const BOB_FIRST = 80_000n * HOLD;
const BOB_SECOND = 50_000n * HOLD;
const HALF = 500_000_000;
// The bond of each operator of the development chain.
const BOND = 10_000n * HOLD;
// Of the development chain; not to be read from it.
const ERA_BLOCKS = 48;

story('slashes that are reported, cancelled and applied', (shared) => {
	let chain, api, tx, views, stashes;
	const people = {};
	// What one step leaves for the next.
	let first, second, davesPart, charlies, bobs, claims;

	before(async () => {
		({ chain } = shared);
		({ api } = chain);
		tx = api.tx.liquidStaking;
		views = api.call.liquidStakingApi;
		stashes = stashAccounts(api);
		for (const uri of Object.keys(DEPOSITS)) people[uri] = chain.account(uri);
		await worked(0n);
	});

	const succeed = (call, signer) => mustSucceed(chain, call, signer);
	const refuse = (call, signer, error) => mustFail(chain, call, signer, error);

	/** First event of the pool with this name since an era began, and its block. */
	function inEra(era, name, match) {
		return chain.waitForEvent(`liquidStaking.${name}`, {
			from: Math.max(1, Number(era) * ERA_BLOCKS),
			blocks: 2 * ERA_BLOCKS,
			match,
		});
	}

	/** The block in which the work of this era was done. */
	async function worked(era) {
		return (await inEra(era, 'EraWorkCompleted', (event) => event.era === era)).block;
	}

	/** A validator that the pool is exposed to in this era, and to how much of each stash. */
	async function exposedTo(at, era, not) {
		const pages = await at.query.staking.erasStakersPaged.entries(era);
		for (const [{ args }, page] of pages) {
			const validator = plain(args[1]);
			const ours = plain(page).others.filter(({ who }) => stashes.includes(who));
			if (ours.length > 0 && validator !== not) return { validator, ours };
		}
		throw new Error(`nobody is exposed in era ${era}`);
	}

	/** The report that an offence in block `number` must lead to, within two blocks. */
	async function reportAfter(number, { validator, ours, era }) {
		const { block, data } = await chain.waitForEvent('liquidStaking.ReportsChanged', {
			from: number,
			blocks: 3,
		});
		const all = await openReports(block.at, stashes);
		const open = all.filter((slash) => slash.validator === validator);
		const amount = sum(open.map((slash) => slash.amount));
		assert.ok(amount > 0n);
		assert.ok(
			open.every((slash) => slash.era === era + SLASH_DELAY),
			'applied in three eras',
		);
		// A half of each stash, since it is the first offence of this validator.
		assert.equal(amount, sum(ours.map(({ value }) => value / 2n)));
		assert.ok(amount > BOND, 'the bond does not suffice');
		assert.deepEqual(data, { reported: amount, released: 0n });
		const pool = await readPool(block.at);
		assert.equal(pool.reported, amount);
		assert.equal(pool.scan, 'Fresh');
		const recorded = plain(await block.at.query.liquidStaking.reports());
		const expected = open.map(({ stash, ...slash }) => ({
			stash: BigInt(stashes.indexOf(stash)),
			validator,
			offenceEra: era,
			appliedIn: slash.era,
			amount: slash.amount,
		}));
		assert.deepEqual(new Set(recorded), new Set(expected));
		return { validator, era, amount, open, block };
	}

	/** Asserts that a batch closed at the price before reports, given the pool after its block. */
	function assertGross(pool, number, { shares, assets }) {
		// Whatever else the block did, it moved assets within the pool.
		const total = totalAssets(pool, number) + assets;
		assert.equal(assets, (shares * (total + 1n)) / (pool.shares + shares + 1n));
	}

	/** What the holders stand to lose. It is nearly all that they bear of the reports and no bond pays. */
	async function lostAt({ at }) {
		const [pool, fund] = [await readPool(at), plain(await at.query.insuranceFund.fund())];
		assert.deepEqual([fund.underwriting, fund.withheld], [0n, 0n], 'nobody has underwritten');
		const lost = uncoveredOf(pool, fund);
		const bond = pool.reported > 0n ? (BOND * pool.holdersShareOfReports) / pool.reported : 0n;
		const more = pool.holdersShareOfReports - bond - lost;
		assert.ok(more >= 0n && more < 100n * HOLD, 'the bond counts, and the reserve is small');
		return lost;
	}

	async function rateAt({ at }) {
		return plain(await at.call.liquidStakingApi.exchangeRate());
	}

	it('the pool is staked', async () => {
		for (const [uri, amount] of Object.entries(DEPOSITS)) {
			await succeed(tx.deposit(amount * HOLD, 0), people[uri]);
		}
		await worked(1n);
	});

	it('a report lowers the price for those who leave, and not for those who enter', async () => {
		const { at } = await worked(2n);
		assert.equal(await activeEra(at), 2n);
		const target = await exposedTo(at, 2n);
		const calm = await chain.head();
		const [rate, price] = [
			await rateAt(calm),
			plain(await calm.at.call.liquidStakingApi.previewDeposit(HOLD)),
		];

		// Leaving in the very block of the report is refused: the pool has not read it yet.
		const offence = api.tx.rootOffences.createOffence([[target.validator, HALF]], null, null);
		const { events, after, blockNumber } = await succeed(
			api.tx.utility.batch([api.tx.sudo.sudo(offence), tx.redeemInstantly(HOLD, 0)]),
			people['//Alice'],
		);
		assert.deepEqual(eventsNamed(events, 'sudo.Sudid'), [{ sudoResult: null }]);
		assert.deepEqual(eventsNamed(events, 'utility.BatchInterrupted'), [
			{ index: 1n, error: 'liquidStaking.ReportsPending' },
		]);
		assert.equal(plain(await after.call.liquidStakingApi.previewRedeemInstantly(HOLD)), null);

		first = await reportAfter(blockNumber, { ...target, era: 2n });
		const { block } = first;
		const pool = await readPool(block.at);
		const net = await rateAt(block);
		assert.equal(pool.holdersShareOfReports, first.amount);
		assert.equal(net, exchangeRate(pool, block.number, await lostAt(block)));
		assert.equal(exchangeRate(pool, block.number), rate, 'nothing else moved the rate');
		assert.ok(net < rate);
		const head = await chain.head();
		const { at: now, number } = head;
		const gross = plain(await now.call.liquidStakingApi.previewDeposit(HOLD));
		assert.equal(gross, price, 'who enters pays the price without the report');
		assert.equal(gross, sharesFor(await readPool(now), number, HOLD));
		assert.equal(
			plain(await now.call.liquidStakingApi.previewRedeem(HOLD)),
			assetsFor(pool, number, HOLD, await lostAt(head)),
		);
	});

	/** Lets Dave leave at once at the price with `report`. Returns what is withheld from him. */
	async function daveLeaves(report) {
		const dave = people['//Dave'];
		const preview = plain(await views.previewRedeemInstantly(DAVE_LEAVES));
		const {
			before,
			after,
			blockNumber,
			events,
			fee: paid,
		} = await succeed(tx.redeemInstantly(DAVE_LEAVES, preview), dave);
		const [pool, poolAfter] = [await readPool(before), await readPool(after)];
		const parameters = await readParameters(before, blockNumber);
		const stake = await lostAt({ at: before });
		const quote = instantQuote(pool, blockNumber, DAVE_LEAVES, parameters, stake);
		const { gross, net, fee } = quote;
		// The holders bear it with the batches that were in the pool; their part was measured when
		// the report was read.
		const offence = report.open[0].era - SLASH_DELAY;
		const liable = (await readQueue(before)).filter(({ closedIn }) => closedIn >= offence);
		const batches = sum(liable.map(({ owed, funded }) => owed + (funded ?? 0n)));
		// With what is on the stream to them.
		const holders = totalAssets(pool, blockNumber) + onStream(pool, blockNumber);
		const part = (report.amount * holders) / (holders + batches);
		const since =
			pool.holdersShareOfReports > part
				? pool.holdersShareOfReports - part
				: part - pool.holdersShareOfReports;
		assert.ok(
			since <= part / 1_000_000n + 64n,
			`${pool.holdersShareOfReports} of ${report.amount}, ${part}`,
		);
		const lost = up(DAVE_LEAVES * stake, pool.shares + 1n);
		assert.ok(gross - net === lost || gross - net === lost - 1n, 'his part of the report');
		const assets = net - fee;
		assert.deepEqual(eventsNamed(events, 'liquidStaking.InstantlyRedeemed'), [
			{ who: dave.address, shares: DAVE_LEAVES, assets, fee, withheld: gross - net },
		]);
		assert.equal(
			(await holdOf(after, dave.address)) - (await holdOf(before, dave.address)),
			assets - paid,
		);
		const withheld = gross - net;
		assert.equal(poolAfter.withheld, withheld, 'it is kept for the slash');
		return { withheld, preview, assets };
	}

	it('who leaves at once gets the price with the report', async () => {
		const { preview, assets } = await daveLeaves(first);
		assert.equal(assets, preview, 'no rewards stream yet');
	});

	it('a queued request closes without the report, whose part is withheld', async () => {
		const charlie = people['//Charlie'];
		await succeed(tx.requestRedeem(CHARLIE_LEAVES), charlie);
		const { block, data } = await inEra(3n, 'BatchClosed');
		const { batch, shares, assets } = data;
		assert.equal(shares, CHARLIE_LEAVES);
		assertGross(await readPool(block.at), block.number, data);

		// The buffer pays it at once, but for its part of the report, which the holders share.
		const funded = await inEra(3n, 'BatchFunded');
		const pool = await readPool(funded.block.at);
		const holders = totalAssets(pool, funded.block.number);
		const all = holders + assets;
		const parts = first.open.map(({ amount }) =>
			up(/** @type {bigint} */ (amount) * assets, all),
		);
		const withheld = sum(parts);
		assert.deepEqual(funded.data, { batch, assets: assets - withheld, withheld });
		assert.deepEqual(await readQueue(funded.block.at), [
			{ id: batch, shares, owed: withheld, funded: assets - withheld, closedIn: 3n },
		]);
		charlies = { batch, shares, assets, withheld };

		const view = { batch, shares, withheld };
		await worked(3n);
		assert.deepEqual(plain(await views.redemptionsOf(charlie.address)), [
			{ ...view, assets: assets - withheld, state: 'Claimable', expectedEra: 3n },
		]);
		const claim = await succeed(tx.claim(batch, charlie.address), people['//Dave']);
		assert.deepEqual(eventsNamed(claim.events, 'liquidStaking.Claimed'), [
			{ owner: charlie.address, batch, shares, assets: assets - withheld },
		]);
		assert.deepEqual(plain(await views.redemptionsOf(charlie.address)), [
			{ ...view, assets: 0n, state: 'Withheld', expectedEra: null },
		]);
		await refuse(tx.claim(batch, charlie.address), charlie, 'liquidStaking.NotClaimableYet');
	});

	it('a cancelled report restores the price to the unit', async () => {
		const request = await succeed(tx.requestRedeem(BOB_FIRST), people['//Bob']);
		assert.equal(await activeEra(request.after), 3n);
		await worked(4n);
		const { error, blockNumber } = await asRoot(
			chain,
			api.tx.staking.cancelDeferredSlash(first.era + SLASH_DELAY, [0]),
		);
		assert.equal(error, null);
		const { block, data } = await chain.waitForEvent('liquidStaking.ReportsChanged', {
			from: blockNumber,
			blocks: 3,
		});
		const parent = await chain.waitForBlock(block.number - 1);
		const [before, pool] = [await readPool(parent.at), await readPool(block.at)];
		assert.equal(before.reported, first.amount);
		const net = exchangeRate(before, parent.number, await lostAt(parent));
		assert.equal(await rateAt(parent), net);
		assert.equal(await rateAt(block), exchangeRate(before, block.number));
		// What was withheld from Dave waits as rewards do, or those who entered would gain by it.
		assert.ok(before.withheld > 0n);
		assert.equal(pool.withheld, 0n);
		assert.equal(pool.pendingRewards - before.pendingRewards, before.withheld);
		assert.deepEqual(data, { reported: 0n, released: before.withheld });
		// What was withheld from Charlie can be claimed as soon as the report is gone.
		const funded = await chain.waitForEvent('liquidStaking.BatchFunded', {
			from: block.number,
			blocks: 3,
		});
		const { batch, withheld: assets } = charlies;
		assert.deepEqual(funded.data, { batch, assets, withheld: 0n });
		assert.deepEqual(plain(await block.at.query.liquidStaking.reports()), []);
	});

	it('a second report, while batches are on their way', async () => {
		const { at } = await chain.head();
		assert.equal(await activeEra(at), 4n);
		const target = await exposedTo(at, 4n, first.validator);
		const session = plain(await at.query.session.currentIndex());
		const offence = api.tx.rootOffences.reportOffence([
			[[target.validator, null], session, Date.now(), HALF],
		]);
		const { error, blockNumber } = await asRoot(chain, offence);
		assert.equal(error, null);
		second = await reportAfter(blockNumber, { ...target, era: 4n });
		const { block } = second;
		const pool = await readPool(block.at);
		const net = exchangeRate(pool, block.number, await lostAt(block));
		assert.equal(await rateAt(block), net);
		({ withheld: davesPart } = await daveLeaves(second));
		const request = await succeed(tx.requestRedeem(BOB_SECOND), people['//Bob']);
		assert.equal(await activeEra(request.after), 4n);
	});

	it('what was withheld for a report that is gone is paid, whatever is reported since', async () => {
		const { batch, shares, assets, withheld } = charlies;
		await worked(5n);
		assert.equal((await readPool(api)).reported, second.amount, 'the report is open');
		const charlie = people['//Charlie'];
		const { events } = await succeed(tx.claim(batch, charlie.address), charlie);
		// Together with the first part, all that it was worth when it closed.
		assert.deepEqual(eventsNamed(events, 'liquidStaking.Claimed'), [
			{ owner: charlie.address, batch, shares, assets: withheld },
		]);
		assert.ok(withheld < assets);
		await refuse(tx.claim(batch, charlie.address), charlie, 'liquidStaking.NothingToClaim');
	});

	it('a request during an open report closes at the price without it', async () => {
		const { block, data } = await inEra(5n, 'BatchClosed');
		assert.equal(data.shares, BOB_SECOND);
		const pool = await readPool(block.at);
		assert.equal(pool.reported, second.amount);
		assertGross(pool, block.number, data);

		bobs = await readQueue((await worked(5n)).at);
		assert.deepEqual(
			bobs.map(({ shares, closedIn, funded }) => ({ shares, closedIn, funded })),
			[
				{ shares: BOB_FIRST, closedIn: 4n, funded: null },
				{ shares: BOB_SECOND, closedIn: 5n, funded: null },
			],
		);
		assert.equal(bobs[1].owed, data.assets);
	});

	it('the slash lands in its era, and holders and liable batches bear it pro rata', async () => {
		const { block } = await inEra(7n, 'Slashed');
		const { at, number } = block;
		assert.equal(await activeEra(at), 7n);
		const parent = await chain.waitForBlock(number - 1);
		const [before, pool] = [await readPool(parent.at), await readPool(at)];
		const [queueBefore, queue] = [await readQueue(parent.at), await readQueue(at)];
		assert.deepEqual(queueBefore, bobs);

		const losses = eventsNamed(block.events, 'liquidStaking.Slashed');
		const facts = losses.map(({ stash, assets }) => [stashes[stash], assets]);
		assert.deepEqual(
			facts.sort(),
			second.open.map(({ stash, amount }) => [stash, amount]).sort(),
			'exactly what was reported',
		);
		// The bond pays, then what the reserve may pay in an era, of what there is at that time.
		const fund = plain(await parent.at.query.insuranceFund.fund());
		const covers = BOND + allowed(fund, 7n);
		let left = covers;
		for (const { validator, offenceEra, assets, covered } of losses) {
			assert.equal(validator, second.validator);
			assert.equal(offenceEra, 4n);
			assert.equal(covered, left < assets ? left : assets);
			left -= covered;
		}
		assert.equal(left, 0n);
		assert.equal(sum(losses.map(({ assets }) => assets)), second.amount);
		assert.equal(pool.reported, 0n);

		// By hand, stash after stash: first what is covered; then what was withheld from Dave; then
		// everybody bears their part of what is there, batches rounded up.
		let holders = totalAssets(before, number);
		let { withheld, reported } = before;
		assert.equal(withheld, davesPart);
		claims = bobs.map(({ owed }) => owed);
		let [rests, pending] = [0n, before.pendingRewards];
		for (const { assets, covered, batches } of losses) {
			reported -= assets;
			const uncovered = /** @type {bigint} */ (assets) - covered;
			const paid = withheld < uncovered ? withheld : uncovered;
			withheld -= paid;
			const spare = withheld > reported ? withheld - reported : 0n;
			withheld -= spare;
			pending += spare;
			const rest = uncovered - paid;
			rests += rest;
			const total = holders + sum(claims);
			const parts = claims.map((/** @type {bigint} */ claim) => up(rest * claim, total));
			assert.equal(batches, sum(parts));
			parts.forEach((part, i) => (claims[i] -= part));
			holders -= rest - sum(parts);
		}
		assert.ok(rests > 0n);
		assert.equal(pool.pendingRewards, pending);
		assert.deepEqual([withheld, reported], [0n, 0n]);
		assert.equal(pool.withheld, 0n);
		assert.deepEqual(
			queue.map(({ owed }) => owed),
			claims,
		);
		assert.equal(totalAssets(pool, number), holders);
		const rate = ((holders + 1n) * 10n ** 18n) / (pool.shares + 1n);
		assert.equal(await rateAt(block), rate);
		const net = exchangeRate(before, number, await lostAt(parent));
		// But for what the holders' part has changed by since it was measured.
		const fair = rate + net / 1_000_000n >= net;
		assert.ok(fair, 'who left at once has got no more than those who stayed have now');
		// All at once it would be the same, but for a unit or two of rounding for each stash.
		const total = totalAssets(before, number) + sum(bobs.map(({ owed }) => owed));
		bobs.forEach(({ owed }, i) => {
			const borne = owed - claims[i];
			const exact = up(owed * rests, total);
			const rounding = 2n * BigInt(losses.length);
			assert.ok(borne >= exact - 1n && borne <= exact + rounding, `${borne}, ${exact}`);
		});
		console.log(
			`      ${format(second.amount)} lost, ${format(covers)} covered; the rate, ${net} with the report, is ${rate}`,
		);
	});

	it('batches are paid what the slash has left of them', async () => {
		const bob = people['//Bob'];
		for (const [i, era] of [7n, 8n].entries()) {
			const { id: batch, shares } = bobs[i];
			const assets = claims[i];
			const funded = await inEra(era, 'BatchFunded', (event) => event.batch === batch);
			assert.deepEqual(funded.data, { batch, assets, withheld: 0n });
			const { before, after, events, fee } = await succeed(tx.claim(batch, bob.address), bob);
			assert.deepEqual(eventsNamed(events, 'liquidStaking.Claimed'), [
				{ owner: bob.address, batch, shares, assets },
			]);
			assert.equal(
				(await holdOf(after, bob.address)) - (await holdOf(before, bob.address)),
				assets - fee,
			);
		}
		assert.deepEqual(plain(await views.redemptionsOf(bob.address)), []);
	});
});
