// SPDX-License-Identifier: Apache-2.0

// What must be true after every block, whatever a scenario did.

import assert from 'node:assert/strict';
import { sum, up } from './amounts.js';
import { activeEra, eventsNamed, plain } from './chain.js';
import { Books } from './books.js';
import { Fund, readBonds, readFund, readFundParameters } from './fund.js';
import {
	exchangeRate,
	fundAccount,
	holdOf,
	notCoveredOf,
	onStream,
	openReports,
	payable,
	potAccount,
	readParameters,
	readPool,
	readQueue,
	readUnswept,
	stashAccounts,
	stholdIssued,
	stholdOf,
	totalAssets,
	treasuryAccount,
	uncoveredOf,
} from './pool.js';
import { Registry } from './registry.js';

/**
 * Goes through all blocks, from block 1 on, while a scenario makes them: the books equal those kept
 * a second time, the views equal the books, the books equal the ledgers, no rate falls without a
 * loss that nobody covers or a report, the pot is solvent, and the treasury has got its part of the
 * fees; the same of the fund, its account and its views; and, as long as no operator is in debt, all
 * that the registry scored and planned, once an era.
 *
 * Returns a function that ends it at the best block, and returns the number of blocks.
 */
export function beginAudit(chain) {
	let last = Infinity;
	const done = audit(chain, () => last);
	// Told at the end, whatever ends first.
	done.catch(() => {});
	return async () => {
		last = (await chain.head()).number;
		return done;
	};
}

async function audit(chain, last) {
	const { api } = chain;
	const accounts = stashAccounts(api);
	const [pot, insurer, treasury] = [potAccount, fundAccount, treasuryAccount].map((account) =>
		account(api),
	);
	const deposit = plain(api.consts.balances.existentialDeposit);

	const read = async (number) => {
		const { at, events } = await chain.waitForBlock(number);
		const [pool, queue, parameters, open, total, rate, potHas, owed, issued, ledgers, active] =
			await Promise.all([
				readPool(at),
				readQueue(at),
				readParameters(at, number),
				openReports(at, accounts),
				at.call.liquidStakingApi.totalAssets().then(plain),
				at.call.liquidStakingApi.exchangeRate().then(plain),
				holdOf(at, pot),
				payable(at),
				stholdIssued(at),
				at.query.staking.ledger.multi(accounts).then(plain),
				activeEra(at),
			]);
		const [fund, fundParameters, fundHas, treasuryHas, risk] = await Promise.all([
			readFund(at),
			readFundParameters(at, number),
			holdOf(at, insurer),
			stholdOf(at, treasury),
			at.query.operatorRegistry.lastDiversification().then(plain),
		]);
		const unswept = await readUnswept(api, at, parameters);
		const books = { pool, queue, parameters, unswept, fund, fundParameters };
		const views = { total, rate, potHas, owed, issued, ledgers, fundHas, treasuryHas };
		return { at, number, events, open, active, risk, ...books, ...views };
	};

	const registry = new Registry(chain);
	let inDebt = false;
	let previous = await read(1);
	await registry.follow(previous, previous.active);
	const bondingDuration = plain(api.consts.staking.bondingDuration);
	const insurance = new Fund(previous.fund, bondingDuration);
	const books = new Books(previous.pool, previous.queue, insurance);
	const gross = (block) => exchangeRate(block.pool, block.number);
	const lost = (block) => uncoveredOf(block.pool, block.fund.state);
	const notCovered = (block) => notCoveredOf(block.pool, block.fund.state);
	for (let number = 2; number <= last(); number++) {
		const block = await read(number);
		const { events, pool, queue, parameters } = block;
		const where = `block ${number}`;
		const happened = (name) => eventsNamed(events, `liquidStaking.${name}`);

		const settled = pool.settledEra !== previous.pool.settledEra;
		const [{ phase }, { active: era }] = [pool, block];
		const losses = happened('Slashed');
		const insured = events.some(({ name }) => name.startsWith('insuranceFund.'));
		insurance.begin({
			number,
			parameters: block.fundParameters,
			bonds: insured ? await readBonds(previous.at) : null,
			risk: previous.risk,
			era,
		});
		const { unswept } = block;
		const moment = { number, events, parameters, settled, phase, era, unswept };
		books.follow({ ...moment, open: previous.open });
		books.check(pool, queue, where);
		insurance.check(block.fund, block.fundHas - deposit, where);

		assert.equal(block.total, totalAssets(pool, number), where);
		assert.equal(block.rate, exchangeRate(pool, number, lost(block)), where);
		if (losses.every(({ assets, covered }) => covered === assets)) {
			assert.ok(gross(block) >= gross(previous), `the rate before reports fell in ${where}`);
			// With reports open it may fall only when more of them is not covered.
			if (notCovered(block) <= notCovered(previous)) {
				// While reports are open, whoever comes or goes has the holders' part of them rounded up.
				const units = pool.reported > 0n ? 3n : 0n;
				// What a settlement puts on the stream counts at once when their part is measured, as it
				// bears reports when it is released.
				const streamed = settled ? onStream(pool, number) : 0n;
				const measured = up(lost(previous) * streamed, block.total + 1n);
				const slack = up((units + measured) * 10n ** 18n, pool.shares + 1n);
				assert.ok(
					block.rate + slack >= previous.rate,
					`the rate fell from ${previous.rate} to ${block.rate} in ${where}`,
				);
			}
		}
		assert.equal(block.issued + pool.openShares, pool.shares, where);
		if (pool.scan === 'Fresh') {
			const open = block.open.filter(({ era }) => era > pool.era);
			assert.equal(pool.reported, sum(open.map(({ amount }) => amount)), where);
			assert.equal(block.fund.state.reported, pool.reported, `provisions in ${where}`);
		}

		const active = block.ledgers.map((ledger) => ledger?.active ?? 0n);
		const unlocking = block.ledgers.flatMap((ledger) => ledger?.unlocking ?? []);
		assert.equal(sum(active), pool.bonded, where);
		assert.equal(sum(unlocking.map(({ value }) => value)), pool.unbonding, where);
		// Nobody donated, so that it is not a unit more either.
		assert.equal(block.potHas, deposit + pool.idle + block.owed, `the pot in ${where}`);

		const fees = happened('FeeTaken');
		const shares = sum(fees.map((fee) => fee.shares));
		assert.equal(block.treasuryHas - previous.treasuryHas, shares, `the treasury in ${where}`);
		// Who is in debt is not scored a second time, so that this ends with the first debt.
		const slashed = eventsNamed(events, 'operatorRegistry.BondSlashed');
		inDebt ||= slashed.some(({ owed }) => owed > 0n);
		if (!inDebt) await registry.follow(block, era);
		previous = block;
	}
	return last();
}
