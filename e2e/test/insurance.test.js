// SPDX-License-Identifier: Apache-2.0

// Who pays for a slash, from the report to the end: the operator's bond, the underwriters, the reserve,
// and only then the holders. And the life of an underwriter. Offences are made by root; all the rest is
// the chain's own.
//
// | era | reports | underwriters | the fund |
// | --- | --- | --- | --- |
// | 0 | | Bob and Dave enter; each asks for a part | Charlie gives to the reserve; parameters for era 8 |
// | 2 | the first; it is cancelled | | provisions it, and releases that |
// | 3 | the second | | |
// | 5 | the third and the fourth | Dave leaves, but for his part of the second | |
// | 6 | the second is applied | Dave gets what is left of his part | pays; the operator repays its debt |
// | 7 | | Bob cannot leave, and what he has asked for does not lapse | |
// | 8 | the third and the fourth are applied | lose all that they have | pays as far as it lasts |

import assert from 'node:assert/strict';
import { asRoot, refuse as mustFail, refuseAll, succeed as mustSucceed } from '../lib/calls.js';
import { sum, up } from '../lib/amounts.js';
import { activeEra, eventsNamed, format, HOLD, plain } from '../lib/chain.js';
import {
	allowed,
	exit,
	previewUnderwrite,
	readFund,
	readFundParameters,
	SLASH_DELAY,
	split,
	withheldFrom,
} from '../lib/fund.js';
import {
	exchangeRate,
	fundAccount,
	holdOf,
	onStream,
	openReports,
	readPool,
	readQueue,
	stashAccounts,
	totalAssets,
} from '../lib/pool.js';
import { readNominations, readRegistry } from '../lib/registry.js';
import { story } from '../lib/story.js';

const DEPOSIT = 640_000n * HOLD;
const RESERVE = 20_000n * HOLD;
const BOB = 20_000n * HOLD;
const DAVE = 8_000n * HOLD;
const DAVE_LEAVES = 4_000n * HOLD;
const BOB_ASKS = 1_000n * HOLD;
// More than a bond, less than a bond and what the underwriters have.
const SECOND = 15_500n * HOLD;
// Each more than a bond and what the underwriters have, both together more than the fund has.
const THIRD = 32_000n * HOLD;
const PERCENT = 10_000_000n;
const ONE = 100n * PERCENT;
const RATE = 10n ** 18n;
// The bond of each operator of the development chain.
const BOND = 10_000n * HOLD;
// Of the development chain; not to be read from it.
const ERA_BLOCKS = 48;
const VALIDATORS = 16;
const DELAY_BLOCKS = 8 * ERA_BLOCKS;
const LIFE_OF_REQUEST = 5n;

/**
 * A quotient as the staking pallet rounds its slashes: to the nearest, and a half down.
 *
 * @param {bigint} amount
 * @param {bigint} by
 */
function nearest(amount, by) {
	return amount / by + (2n * (amount % by) > by ? 1n : 0n);
}

story('who pays for a slash', (shared) => {
	let chain, api, tx, views, stashes, insurer;
	const people = {};
	const keys = new Map();
	// What one step leaves for the next.
	let defaults, actsFrom, first, second, last, left, debt;

	before(async () => {
		({ chain } = shared);
		({ api } = chain);
		tx = api.tx.insuranceFund;
		views = api.call.insuranceFundApi;
		stashes = stashAccounts(api);
		insurer = fundAccount(api);
		for (const name of ['Alice', 'Bob', 'Charlie', 'Dave', 'Eve']) {
			people[name.toLowerCase()] = chain.account(`//${name}`);
		}
		for (let i = 0; i < VALIDATORS; i++) {
			const key = chain.account(`//Validator//${i}`);
			keys.set(key.address, key);
		}
		defaults = plain(api.consts.insuranceFund.defaultParameters);
		await worked(0n);
	});

	/** Nothing is told of a request while reports are read, as in the first blocks of an era. */
	function reportsAreRead() {
		const read = async (/** @type {any} */ { at }) => (await readPool(at)).scan === 'Fresh';
		return chain.waitUntil(read, { what: 'reports are read', blocks: 10 });
	}

	const succeed = (call, signer) => mustSucceed(chain, call, signer);
	const named = (name) => `insuranceFund.${name}`;
	const refuse = (call, signer, error) => mustFail(chain, call, signer, named(error));
	const happened = ({ events }, name) => eventsNamed(events, named(name));

	/** First event of the fund with this name since an era began, and its block. */
	function inEra(era, name, match) {
		const from = Math.max(1, Number(era) * ERA_BLOCKS);
		return chain.waitForEvent(named(name), { from, blocks: 2 * ERA_BLOCKS, match });
	}

	/** The block in which the pool's work of this era was done. */
	async function worked(era) {
		const { block } = await chain.waitForEvent('liquidStaking.EraWorkCompleted', {
			from: Math.max(1, Number(era) * ERA_BLOCKS),
			blocks: 2 * ERA_BLOCKS,
			match: (event) => event.era === era,
		});
		return block;
	}

	async function rateAt({ at }) {
		return plain(await at.call.liquidStakingApi.exchangeRate());
	}

	async function claimsAt({ at }) {
		return plain(await at.call.insuranceFundApi.claims(0));
	}

	/** The validators that the pool is exposed to, with their operators; one of each operator. */
	async function exposures(at, era) {
		const { operators } = await readRegistry(at);
		const pages = await at.query.staking.erasStakersPaged.entries(era);
		const found = new Map();
		for (const [{ args }, page] of pages) {
			const validator = plain(args[1]);
			const operator = operators.find(({ validators }) => validators.includes(validator));
			const ours = plain(page).others.filter(({ who }) => stashes.includes(who));
			const stake = sum(ours.map(({ value }) => value));
			if (stake < THIRD || found.has(operator.account)) continue;
			found.set(operator.account, { validator, operator, ours, stake });
		}
		return [...found.values()];
	}

	/**
	 * Makes one offence of each of `offences`, and waits for the reports. Each is of a validator to which
	 * the pool is exposed, and of so large a part that the pool loses at least `amount`.
	 */
	async function offend(offences) {
		const parts = offences.map(({ stake, amount }) => up(amount * ONE, stake));
		const previews = await Promise.all(
			offences.map(({ validator }, i) =>
				views.previewPayout(validator, parts[i]).then(plain),
			),
		);
		const before = await chain.head();
		const era = await activeEra(before.at);
		const { error, blockNumber } = await asRoot(
			chain,
			api.tx.rootOffences.createOffence(
				offences.map(({ validator }, i) => [validator, parts[i]]),
				null,
				null,
			),
		);
		assert.equal(error, null);
		const { block } = await chain.waitForEvent(named('ClaimOpened'), {
			from: blockNumber,
			// Two to read what is listed of three eras, and one more if another reading was under way.
			blocks: 4,
		});
		const open = await openReports(block.at, stashes);
		const due = era + SLASH_DELAY;
		const claims = await claimsAt(block);
		const reports = offences.map((offence, i) => {
			const { validator, ours } = offence;
			const part = /** @type {bigint} */ (parts[i]);
			const mine = open.filter((slash) => slash.validator === validator);
			assert.ok(mine.every((slash) => slash.era === due));
			const amount = sum(mine.map((slash) => slash.amount));
			assert.equal(amount, sum(ours.map(({ value }) => nearest(value * part, ONE))));
			const claim = claims.find((claim) => claim.validator === validator);
			assert.deepEqual(claim, {
				id: claim.id,
				validator,
				offenceEra: era,
				appliedIn: due,
				open: amount,
				lost: 0n,
				paid: { operator: 0n, underwriters: 0n, leavers: 0n, reserve: 0n },
				state: 'Open',
			});
			const preview = previews[i];
			const paid = sum(Object.values(preview.paid));
			assert.ok(preview.loss >= amount, 'an upper bound of the loss');
			assert.equal(preview.loss, paid + preview.uncovered, 'the tranches add up');
			return { ...offence, amount, due, id: claim.id, preview, block, before };
		});
		assert.equal(happened(block, 'ClaimOpened').length, offences.length, 'all of them are new');
		return reports;
	}

	/** What was lost, and who has paid how much of it. */
	function paidFor(losses) {
		const by = (who) => sum(losses.map(({ paid }) => paid[who]));
		const paid = {
			operator: by('operator'),
			underwriters: by('underwriters'),
			leavers: by('leavers'),
			reserve: by('reserve'),
		};
		const total = sum(Object.values(paid));
		return { ...paid, total, loss: sum(losses.map(({ loss }) => loss)) };
	}

	/** Asserts that nobody pays as long as somebody before him has not paid all that he can. */
	function assertOrder(losses) {
		const tranches = ['operator', 'underwriters', 'reserve'];
		let reached = 0;
		for (const { paid } of losses) {
			const last = tranches.findLastIndex((who) => paid[who] > 0n);
			const begins = tranches.findIndex((who) => paid[who] > 0n);
			assert.ok(begins === -1 || begins >= reached, 'who has paid all pays no more');
			reached = Math.max(reached, last);
		}
	}

	it('whoever asks for what cannot be is told so by name', async () => {
		const { minUnderwriting } = defaults;
		const balance = await holdOf(api, people.bob.address);
		const calls = [
			[tx.underwrite(0, 0), named('TooLittle')],
			[tx.underwrite(minUnderwriting - 1n, 0), named('TooLittle')],
			[tx.underwrite(balance + HOLD, 0), { Token: 'FundsUnavailable' }],
			[tx.underwrite(minUnderwriting, minUnderwriting + 1n), named('SharesBelowMinimum')],
			[tx.requestWithdraw(0), named('InsufficientShares')],
			[tx.requestWithdraw(1), named('InsufficientShares')],
			[tx.withdraw(0), named('UnknownRequest')],
			[tx.topUpReserve(0), named('TooLittle')],
			[tx.topUpReserve(balance + HOLD), { Token: 'FundsUnavailable' }],
			[tx.setParameters(defaults), 'BadOrigin'],
		];
		const { after } = await refuseAll(chain, calls, people.bob);
		const { state } = await readFund(after);
		assert.deepEqual([state.underwriting, state.shares, state.reserve], [0n, 0n, 0n]);
	});

	it('nobody but root sets parameters, in bounds, and they act later', async () => {
		const [min, max] = ['minParameters', 'maxParameters'].map((bound) =>
			plain(api.consts.insuranceFund[bound]),
		);
		const wrong = Object.keys(defaults).flatMap((field) => [
			// A part cannot be more than one: that would be no call at all.
			...(max[field] < ONE || max[field] > 100n * ONE
				? [{ ...defaults, [field]: max[field] + 1n }]
				: []),
			...(min[field] > 0n ? [{ ...defaults, [field]: min[field] - 1n }] : []),
		]);
		// A premium that falls while the fund empties, and a floor above the cap.
		wrong.push({ ...defaults, premiumMin: 2n * PERCENT, premiumMax: PERCENT });
		wrong.push({ ...defaults, targetFloor: 2n * HOLD, targetCap: HOLD });
		const calls = wrong.map((parameters) => api.tx.sudo.sudo(tx.setParameters(parameters)));
		const { events } = await succeed(api.tx.utility.forceBatch(calls), people.alice);
		assert.deepEqual(
			eventsNamed(events, 'sudo.Sudid').map(({ sudoResult }) => sudoResult),
			wrong.map(() => named('ParameterOutOfBounds')),
		);
		assert.ok(wrong.length >= 9);

		const changed = { ...defaults, minUnderwriting: 2n * defaults.minUnderwriting };
		const result = await asRoot(chain, tx.setParameters(changed));
		assert.equal(result.error, null);
		actsFrom = BigInt(result.blockNumber + DELAY_BLOCKS);
		assert.deepEqual(happened(result, 'ParametersSet'), [
			{ parameters: changed, from: actsFrom },
		]);
		assert.deepEqual(await readFundParameters(result.after, result.blockNumber), defaults);
	});

	it('an underwriter gets the shares that the preview tells', async () => {
		await succeed(api.tx.liquidStaking.deposit(DEPOSIT, 0), people.alice);
		for (const [name, assets] of [
			['bob', BOB],
			['dave', DAVE],
		]) {
			const who = people[name];
			const preview = await previewUnderwrite(api, assets);
			await refuse(tx.underwrite(assets, preview + 1n), who, 'SharesBelowMinimum');
			const { before, after, fee, ...result } = await succeed(
				tx.underwrite(assets, preview),
				who,
			);
			assert.deepEqual(happened(result, 'Underwritten'), [
				{ who: who.address, assets, shares: preview },
			]);
			assert.equal(preview, assets, 'no premium yet');
			const [had, has] = [
				await holdOf(before, who.address),
				await holdOf(after, who.address),
			];
			assert.equal(had - has, assets + fee);
			assert.equal((await holdOf(after, insurer)) - (await holdOf(before, insurer)), assets);
		}
	});

	it('anybody may give to the reserve', async () => {
		const result = await succeed(tx.topUpReserve(RESERVE), people.charlie);
		assert.deepEqual(happened(result, 'ReserveToppedUp'), [
			{ who: people.charlie.address, assets: RESERVE },
		]);
		const { coverage } = await readFund(result.after);
		const payable = (RESERVE * defaults.reserveLimit) / ONE;
		assert.ok(payable < RESERVE);
		assert.deepEqual(
			[coverage.assets, coverage.underwriters, coverage.reserve, coverage.reserveHeld],
			[BOB + DAVE + payable, BOB + DAVE, payable, RESERVE],
		);
	});

	it('who wants to leave waits, and nobody takes his place', async () => {
		const requests = [
			['dave', DAVE_LEAVES],
			['bob', BOB_ASKS],
		];
		for (const [i, [name, shares]] of requests.entries()) {
			const who = people[name];
			const result = await succeed(tx.requestWithdraw(shares), who);
			const era = await activeEra(result.after);
			assert.equal(era, 0n);
			assert.deepEqual(happened(result, 'WithdrawalRequested'), [
				{ who: who.address, request: BigInt(i), shares, maturesIn: era + LIFE_OF_REQUEST },
			]);
		}
		await refuseAll(
			chain,
			[
				[tx.withdraw(0), named('NotMature')],
				[tx.withdraw(1), named('UnknownRequest')],
				[tx.requestWithdraw(DAVE - DAVE_LEAVES + 1n), named('InsufficientShares')],
			],
			people.dave,
		);
	});

	it('a report locks its amount in the fund, for all to see', async () => {
		const { at } = await worked(2n);
		assert.equal(await activeEra(at), 2n);
		const [target] = await exposures(at, 2n);
		[first] = await offend([{ ...target, amount: THIRD / 4n }]);
		const { block, before, amount } = first;
		const [was, is] = [await readFund(before.at), await readFund(block.at)];
		assert.equal(was.coverage.provisional, 0n);
		assert.deepEqual(is.coverage, { ...was.coverage, provisional: amount });
		assert.deepEqual(
			is.provisions.map(({ appliedIn, amount }) => ({ appliedIn, amount })),
			[{ appliedIn: first.due, amount }],
		);
		// The underwriters would pay for all of it, so that the holders have nothing to fear.
		assert.ok((await rateAt(block)) >= (await rateAt(before)));
	});

	it('a cancelled report releases all of it', async () => {
		const { error, blockNumber } = await asRoot(
			chain,
			api.tx.staking.cancelDeferredSlash(first.due, [0]),
		);
		assert.equal(error, null);
		const { block, data } = await chain.waitForEvent(named('ClaimReleased'), {
			from: blockNumber,
			blocks: 3,
		});
		const { id: claim, amount } = first;
		assert.deepEqual(data, { claim, amount, state: 'Cancelled' });
		const [{ state, open, lost }] = await claimsAt(block);
		assert.deepEqual([state, open, lost], ['Cancelled', 0n, 0n]);
		const [was, is] = [await readFund(first.before.at), await readFund(block.at)];
		assert.deepEqual(is.coverage, was.coverage, 'as if there had been no report');
		assert.deepEqual(is.provisions, []);
	});

	it('the premium comes with the rewards, and is released block by block', async () => {
		const { block, data } = await inEra(3n, 'Collected');
		const { premium } = data;
		assert.ok(premium > 0n);
		const [paid] = eventsNamed(block.events, 'liquidStaking.PremiumPaid');
		assert.deepEqual(paid, { assets: premium });
		const [collected] = eventsNamed(block.events, 'liquidStaking.RewardsCollected');
		// The fund has more than it should have, so that the premium is the least.
		const { state, coverage } = await readFund(block.at);
		assert.ok(coverage.ratio > RATE);
		assert.equal(coverage.premium, defaults.premiumMin);
		const least = /** @type {bigint} */ (defaults.premiumMin);
		assert.equal(premium, (collected.assets * least) / ONE);
		assert.equal(data.fee, 0n, 'and the reserve takes nothing');
		assert.equal(state.stream.amount, premium);
		assert.equal(exit(state, block.number, HOLD).assets, HOLD, 'none of it is released yet');
		const later = await chain.waitForBlock(block.number + 6);
		const { state: then } = await readFund(later.at);
		assert.ok(onStream(then, later.number) < premium);
		const [worth, more] = [block, later].map(
			({ number }) => exit(then, number, DAVE_LEAVES).assets,
		);
		assert.ok(more > worth, 'shares are worth more with every block');
	});

	it('a slash is foretold before it is reported', async () => {
		const { at } = await worked(3n);
		assert.equal(await activeEra(at), 3n);
		const targets = await exposures(at, 3n);
		const target = targets.find(({ operator }) => operator.account !== first.operator.account);
		[second] = await offend([{ ...target, amount: SECOND }]);
		const { preview, block } = second;
		assert.equal(preview.paid.operator, BOND);
		assert.equal(preview.paid.underwriters, preview.loss - BOND);
		assert.deepEqual([preview.paid.reserve, preview.uncovered], [0n, 0n]);
		assert.equal((await readFund(block.at)).coverage.provisional, second.amount);
		await refuse(tx.withdraw(0), people.dave, 'NotMature');
	});

	it('who leaves while a report is open leaves his part of it, and no more', async () => {
		const { at } = await worked(5n);
		assert.equal(await activeEra(at), 5n);
		const { dave } = people;
		const { before, after, blockNumber, fee, ...result } = await succeed(tx.withdraw(0), dave);
		const { state, provisions } = await readFund(before);
		const { assets, forfeited } = exit(state, blockNumber, DAVE_LEAVES);
		assert.ok(assets > DAVE_LEAVES, 'he has earned');
		const withheld = sum(withheldFrom(state, provisions, DAVE_LEAVES));
		assert.equal(withheld, up(second.amount * DAVE_LEAVES, BOB + DAVE));
		assert.deepEqual(happened(result, 'Withdrawn'), [
			{
				who: dave.address,
				request: 0n,
				shares: DAVE_LEAVES,
				assets: assets - withheld,
				withheld,
			},
		]);
		const [had, has] = [await holdOf(before, dave.address), await holdOf(after, dave.address)];
		assert.equal(has - had, assets - withheld - fee);
		const { state: then } = await readFund(after);
		assert.deepEqual(
			[then.withheld, then.locked, then.reported],
			[withheld, withheld, second.amount],
		);
		assert.equal(then.reserve - state.reserve, forfeited, 'the premium to come is not his');
		await refuse(tx.withdraw(0), dave, 'AllWithheld');
		left = { withheld };
	});

	it('two reports of which the fund can pay only one lower the rate', async () => {
		const { at } = await chain.head();
		assert.equal(await activeEra(at), 5n);
		const known = [first, second].map(({ operator }) => operator.account);
		const targets = await exposures(at, 5n);
		const [a, b] = targets.filter(({ operator }) => !known.includes(operator.account));
		last = await offend([a, b].map((target) => ({ ...target, amount: THIRD })));
		const { block, before } = last[0];
		const { coverage } = await readFund(block.at);
		const amounts = [second, ...last].map(({ amount }) => amount);
		assert.equal(coverage.provisional, sum(amounts));
		assert.ok((await rateAt(block)) < (await rateAt(before)));
		// None of the holders' assets is gone yet.
		const pool = await readPool(block.at);
		assert.ok(totalAssets(pool, block.number) >= DEPOSIT);
	});

	it('a slash that the fund can pay costs the holders nothing', async () => {
		const { block } = await inEra(6n, 'LossCovered');
		assert.equal(await activeEra(block.at), second.due);
		const parent = await chain.waitForBlock(block.number - 1);
		const [before, after] = [await readFund(parent.at), await readFund(block.at)];
		const losses = happened(block, 'LossCovered');
		const paid = paidFor(losses);
		assert.ok(losses.length > 1, 'of several stashes');
		assert.equal(paid.loss, second.amount, 'exactly what was reported');
		assert.equal(paid.total, paid.loss, 'all of it is paid');
		assert.equal(paid.operator, BOND);
		assert.equal(paid.reserve, 0n);
		assertOrder(losses);
		// The leaver bears of the rest what he would bear if he had stayed.
		const rest = paid.loss - BOND;
		const part = up(rest * left.withheld, second.amount);
		const rounding = BigInt(losses.length);
		assert.ok(paid.leavers >= part && paid.leavers <= part + rounding);
		assert.equal(before.state.underwriting - after.state.underwriting, paid.underwriters);
		assert.equal(after.state.reserve, before.state.reserve);
		const { preview } = second;
		assert.ok(paid.loss <= preview.loss && paid.operator <= preview.paid.operator);
		assert.ok(paid.underwriters + paid.leavers <= preview.paid.underwriters);

		for (const { covered, assets, batches } of eventsNamed(
			block.events,
			'liquidStaking.Slashed',
		)) {
			assert.deepEqual([covered, batches], [assets, 0n]);
		}
		const [pool, poolBefore] = [await readPool(block.at), await readPool(parent.at)];
		const [had, has] = [parent, block].map(({ number }, i) =>
			totalAssets([poolBefore, pool][i], number),
		);
		assert.ok(has >= had, 'not a unit less');
		// Nor does the rate before the other report fall. With it, what the bond has spared the leaver
		// counts as covered again when bonds are counted the next time.
		const [rate, rateBefore] = [
			exchangeRate(pool, block.number),
			exchangeRate(poolBefore, parent.number),
		];
		assert.ok(rate >= rateBefore, `the rate falls from ${rateBefore} to ${rate}`);
		const claim = (await claimsAt(block)).find(({ id }) => id === second.id);
		assert.deepEqual([claim.state, claim.open, claim.lost], ['Applied', 0n, paid.loss]);
		const { operator, underwriters, leavers, reserve } = paid;
		assert.deepEqual(claim.paid, { operator, underwriters, leavers, reserve });
		assert.equal(after.coverage.provisional, sum(last.map(({ amount }) => amount)));
		left.paid = leavers;
		debt = rest;
		console.log(`      ${format(paid.loss)} lost, ${format(leavers)} of it by who had left`);
	});

	it('who has left gets what was not needed of his part', async () => {
		const { dave } = people;
		const { before, after, fee, ...result } = await succeed(tx.withdraw(0), dave);
		const [{ request, assets }] = happened(result, 'WithheldPaid');
		assert.equal(request, 0n);
		const rest = /** @type {bigint} */ (left.withheld) - left.paid;
		assert.ok(assets === rest || assets === rest - 1n, 'rounded against him');
		const [had, has] = [await holdOf(before, dave.address), await holdOf(after, dave.address)];
		assert.equal(has - had, assets - fee);
		assert.equal((await readFund(after)).state.withheld, 0n);
		await reportsAreRead();
		await refuse(tx.withdraw(0), dave, 'UnknownRequest');
	});

	it('an operator in debt loses its nominations, and repays the reserve', async () => {
		const { validator, operator } = second;
		const { at } = await worked(6n);
		const owed = plain(await at.query.operatorRegistry.debts(validator));
		assert.equal(owed.amount, debt);
		const other = operator.validators.find((one) => one !== validator);
		const fitnessOf = async (at, one) => {
			const { scores } = await readRegistry(at);
			return scores.find((score) => score.validator === one).fitness;
		};
		const previous = await worked(5n);
		assert.ok((await readNominations(previous.at, stashes)).includes(other));
		assert.equal(await fitnessOf(previous.at, other), 'Fit');
		assert.equal(await fitnessOf(at, other), 'InDebt');
		const nominated = await readNominations(at, stashes);
		for (const one of operator.validators) assert.ok(!nominated.includes(one));

		const key = keys.get(operator.account);
		const call = api.tx.operatorRegistry.bondMore(debt + BOND);
		const { before, after, ...result } = await succeed(call, key);
		assert.deepEqual(eventsNamed(result.events, 'operatorRegistry.DebtPaid'), [
			{ operator: operator.account, amount: debt, left: 0n },
		]);
		assert.deepEqual(eventsNamed(result.events, 'operatorRegistry.BondAdded'), [
			{ operator: operator.account, amount: BOND },
		]);
		assert.deepEqual(happened(result, 'DebtRepaid'), [{ assets: debt }]);
		const [was, is] = [await readFund(before), await readFund(after)];
		assert.equal(is.state.reserve - was.state.reserve, debt);
		assert.equal(plain(await after.query.operatorRegistry.debts(validator)), null);
		const bonds = plain(await after.query.operatorRegistry.operators(operator.account)).bond;
		assert.equal(bonds, BOND);

		const next = await worked(7n);
		assert.equal(await fitnessOf(next.at, other), 'Fit');
	});

	it('a request that cannot be followed up because of reports does not lapse', async () => {
		const { bob } = people;
		assert.equal(await activeEra((await chain.head()).at), 7n);
		await refuse(tx.withdraw(1), bob, 'AllWithheld');
		const rest = BOB - BOB_ASKS;
		const { after } = await succeed(tx.requestWithdraw(rest), bob);
		assert.deepEqual(plain(await after.query.insuranceFund.underwriters(bob.address)), {
			class: 0n,
			shares: BOB,
			requests: [
				{ id: 1n, shares: BOB_ASKS, maturesIn: LIFE_OF_REQUEST },
				{ id: 2n, shares: rest, maturesIn: 7n + LIFE_OF_REQUEST },
			],
		});
	});

	it('slashes are paid as far as the fund lasts, and the holders share the rest', async () => {
		const { block } = await inEra(8n, 'LossCovered');
		const { at, number } = block;
		assert.equal(await activeEra(at), 8n);
		const parent = await chain.waitForBlock(number - 1);
		const [was, is] = [await readFund(parent.at), await readFund(at)];
		const all = happened(block, 'LossCovered');
		const ids = [...new Set(all.map(({ claim }) => claim))];
		assert.deepEqual(new Set(ids), new Set(last.map(({ id }) => id)), 'both of them');
		const claims = await claimsAt(block);

		// By hand, in the order in which they land: the bond, then what is left of the underwriters,
		// then what is left of what the reserve may pay in an era.
		const fund = { ...was.state };
		const limit = allowed(fund, 8n);
		const pays = ids.map((id) => {
			const losses = all.filter(({ claim }) => claim === id);
			const { loss, total, ...paid } = paidFor(losses);
			const report = last.find((report) => report.id === id);
			assert.equal(loss, report.amount);
			assert.ok(loss <= report.preview.loss, 'an upper bound');
			assertOrder(losses);
			const expected = { operator: BOND, ...split(fund, loss - BOND, 8n) };
			assert.deepEqual(paid, expected);
			const allowance = allowed(fund, 8n) - paid.reserve;
			Object.assign(fund, { allowance, allowanceEra: 8n });
			fund.underwriting -= paid.underwriters;
			fund.reserve -= paid.reserve;
			const claim = claims.find((claim) => claim.id === id);
			assert.deepEqual([claim.state, claim.lost, claim.paid], ['Applied', loss, expected]);
			return { ...paid, loss, total };
		});
		const [one, two] = pays;
		assert.equal(one.underwriters, was.state.underwriting, 'all that they have');
		assert.ok(one.reserve > 0n, 'the first reaches the reserve');
		assert.equal(one.total, one.loss, 'and no further');
		assert.deepEqual([two.underwriters, two.reserve], [0n, limit - one.reserve]);
		const uncovered = two.loss - two.total;
		assert.ok(uncovered > 0n, 'the second is more than the reserve may pay in an era');
		assert.equal(is.state.reserve, was.state.reserve - limit);
		assert.deepEqual([is.state.underwriting, is.state.reported], [0n, 0n]);
		assert.equal(is.coverage.provisional, 0n);

		// The rate is what is left, by the shares; and it has been no higher since the reports.
		assert.deepEqual(await readQueue(parent.at), [], 'no batch is unpaid');
		const [before, after] = [await readPool(parent.at), await readPool(at)];
		const rest = totalAssets(before, number) - uncovered;
		assert.equal(totalAssets(after, number), rest, 'the holders bear what nobody has paid');
		const rate = ((rest + 1n) * RATE) / (before.shares + 1n);
		assert.equal(await rateAt(block), rate);
		assert.ok(rate >= (await rateAt(parent)), 'who has left got no more');
		const lost = format(one.loss + two.loss);
		console.log(`      ${lost} lost, ${format(uncovered)} of it by the holders`);
	});

	it('underwriters who have lost all are out, and others begin anew', async () => {
		const { block, data } = await inEra(8n, 'ClassClosed');
		assert.deepEqual(data, { class: 0n, rest: 0n });
		const { state } = await readFund(block.at);
		assert.deepEqual([state.shares, state.underwriting, state.class], [0n, 0n, 1n]);
		const { bob, eve } = people;
		await reportsAreRead();
		await refuseAll(
			chain,
			[
				[tx.withdraw(2), named('UnknownRequest')],
				[tx.requestWithdraw(1), named('InsufficientShares')],
			],
			bob,
		);
		// By the parameters of the first era, which act by now.
		const { number } = await chain.waitForBlock(Number(actsFrom));
		const { minUnderwriting } = await readFundParameters(api, number);
		assert.equal(minUnderwriting, 2n * defaults.minUnderwriting);
		await refuse(tx.underwrite(minUnderwriting - 1n, 0), eve, 'TooLittle');
		const { after, ...result } = await succeed(
			tx.underwrite(minUnderwriting, minUnderwriting),
			eve,
		);
		const [{ shares }] = happened(result, 'Underwritten');
		assert.equal(shares, minUnderwriting, 'at the first price');
		assert.equal((await readFund(after)).state.class, 1n);
	});
});
