// What must be true after every block, whatever a scenario did.

import assert from 'node:assert/strict';
import { eventsNamed, plain } from './chain.js';
import { Books } from './books.js';
import {
	exchangeRate,
	holdOf,
	openSlashes,
	payable,
	potAccount,
	readParameters,
	readPool,
	readQueue,
	reserveAccount,
	stashAccounts,
	stholdIssued,
	stholdOf,
	sum,
	totalAssets,
	treasuryAccount,
} from './pool.js';

/**
 * Goes through all blocks, from block 1 on, while a scenario makes them: the books equal those kept
 * a second time, the views equal the books, the books equal the ledgers, no rate falls without a
 * slash or a report, the pot is solvent, and reserve and treasury have got their parts of the fees.
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
	const [pot, reserve, treasury] = [potAccount, reserveAccount, treasuryAccount].map((account) =>
		account(api),
	);
	const deposit = plain(api.consts.balances.existentialDeposit);

	const read = async (number) => {
		const { at, events } = await chain.waitForBlock(number);
		const [pool, queue, parameters, open, total, rate, potHas, owed, issued, ledgers] =
			await Promise.all([
				readPool(at),
				readQueue(at),
				readParameters(at, number),
				openSlashes(at, accounts),
				at.call.liquidStakingApi.totalAssets().then(plain),
				at.call.liquidStakingApi.exchangeRate().then(plain),
				holdOf(at, pot),
				payable(at),
				stholdIssued(at),
				at.query.staking.ledger.multi(accounts).then(plain),
			]);
		const [reserveHas, treasuryHas] = await Promise.all([
			holdOf(at, reserve),
			stholdOf(at, treasury),
		]);
		const views = { total, rate, potHas, owed, issued, ledgers, reserveHas, treasuryHas };
		return { at, number, events, pool, queue, parameters, open, ...views };
	};

	let previous = await read(1);
	const books = new Books(previous.pool, previous.queue);
	const gross = (block) => exchangeRate(block.pool, block.number, 0n);
	for (let number = 2; number <= last(); number++) {
		const block = await read(number);
		const { events, pool, queue, parameters } = block;
		const where = `block ${number}`;
		const happened = (name) => eventsNamed(events, `liquidStaking.${name}`);

		const settled = pool.settledEra !== previous.pool.settledEra;
		const { phase } = pool;
		books.follow({ number, events, parameters, open: previous.open, settled, phase });
		books.check(pool, queue, where);

		assert.equal(block.total, totalAssets(pool, number), where);
		assert.equal(block.rate, exchangeRate(pool, number), where);
		if (happened('Slashed').length === 0) {
			assert.ok(gross(block) >= gross(previous), `the rate before reports fell in ${where}`);
			// The holders' part of open reports is measured when these are read.
			if (pool.borne === previous.pool.borne) {
				assert.ok(block.rate >= previous.rate, `the rate fell in ${where}`);
			}
		}
		assert.equal(block.issued + pool.openShares, pool.shares, where);
		if (pool.scan === 'Fresh') {
			const open = block.open.filter(({ era }) => era > pool.era);
			assert.equal(pool.reported, sum(open.map(({ amount }) => amount)), where);
		}

		const active = block.ledgers.map((ledger) => ledger?.active ?? 0n);
		const unlocking = block.ledgers.flatMap((ledger) => ledger?.unlocking ?? []);
		assert.equal(sum(active), pool.bonded, where);
		assert.equal(sum(unlocking.map(({ value }) => value)), pool.unbonding, where);
		// Nobody donated, so that it is not a unit more either.
		assert.equal(block.potHas, deposit + pool.idle + block.owed, `the pot in ${where}`);

		const fees = happened('FeeTaken');
		const [fund, shares] = ['fund', 'shares'].map((part) => sum(fees.map((fee) => fee[part])));
		assert.equal(block.reserveHas - previous.reserveHas, fund, `the reserve in ${where}`);
		assert.equal(block.treasuryHas - previous.treasuryHas, shares, `the treasury in ${where}`);
		previous = block;
	}
	return last();
}
