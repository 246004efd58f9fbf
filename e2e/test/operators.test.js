// SPDX-License-Identifier: Apache-2.0

// Who is nominated, and why: operators come, are attested and leave; a validator that misses its
// blocks, asks for too much or leaves loses its nominations in the next era. What is scored and
// planned is computed a second time in every scenario, see `lib/registry.js`; here are the causes.
//
// | era | what happens | what the plan of the next era does |
// | --- | --- | --- |
// | 0 | Alice deposits; Dave and Ferdie register; Ferdie leaves again | 64 stashes nominate |
// | 1 | Dave is attested, then suspended; root sets a lower cap of clients | nothing |
// | 2 | Dave's suspension is lifted | nothing, as the view has told |
// | 3 | one misses its blocks, one asks for all, one leaves, two are suspended | they are left |
// | 4 | | the suspended are fit again: as many stashes go there as may move |
// | 5 | Dave and Ferdie get their bonds | who missed its blocks is fit after its probation |
// | 9 | the lower cap acts | no client has more than it |

import assert from 'node:assert/strict';
import { asRoot, refuse as mustFail, refuseAll, succeed as mustSucceed } from '../lib/calls.js';
import { sum } from '../lib/amounts.js';
import { activeEra, eventsNamed, HOLD, plain, PoolError, text } from '../lib/chain.js';
import { holdOf, stashAccounts } from '../lib/pool.js';
import {
	checkCaps,
	countOf,
	labelsOf,
	partOf,
	profileOf,
	readNominations,
	readRegistry,
	readRegistryParameters,
	spreadOf,
} from '../lib/registry.js';
import { story } from '../lib/story.js';

const DEPOSIT = 640_000n * HOLD;
const PERCENT = 10_000_000n;
const ONE = 100n * PERCENT;
// Of the development chain; not to be read from it.
const ERA_BLOCKS = 48;
const DELAY_BLOCKS = 8 * ERA_BLOCKS;
const VALIDATORS = 16;
const POINTS = 20n;
const BLOCKS_OF_EACH = 3n;
// After the bonding duration an offence has no consequence, and its slash has landed.
const AFTER_BONDING = 2n;

story('operators, and whom the pool nominates', (shared) => {
	const people = {};
	const keys = new Map();
	let chain, api, tx, stashes, minBond, defaults, liability;
	// What one step leaves for the next.
	let profile, due, loads, unfit, tight, actsFrom;

	before(async () => {
		({ chain } = shared);
		({ api } = chain);
		tx = api.tx.operatorRegistry;
		stashes = stashAccounts(api);
		for (const name of ['Alice', 'Charlie', 'Dave', 'Eve', 'Ferdie']) {
			people[name.toLowerCase()] = chain.account(`//${name}`);
		}
		people.gina = chain.account('//Ferdie//stash');
		for (let i = 0; i < VALIDATORS; i++) {
			const key = chain.account(`//Validator//${i}`);
			keys.set(key.address, key);
		}
		const { consts } = api;
		[minBond, defaults] = [
			plain(consts.operatorRegistry.minBond),
			plain(consts.operatorRegistry.defaultParameters),
		];
		liability = plain(consts.staking.bondingDuration) + AFTER_BONDING;
		await worked(0n);
	});

	const succeed = (call, signer) => mustSucceed(chain, call, signer);
	const refuse = (call, signer, error) => mustFail(chain, call, signer, error);
	const named = (name) => `operatorRegistry.${name}`;
	const happened = ({ events }, name) => eventsNamed(events, named(name));

	/** Calls of `signer` that must fail, each with an error of the registry. */
	function refuseEach(signer, calls) {
		const full = ([call, error]) => [call, error === 'BadOrigin' ? error : named(error)];
		return refuseAll(chain, calls.map(full), signer);
	}

	/** Lets root make a call that must succeed. */
	async function root(call) {
		const result = await asRoot(chain, call);
		assert.equal(result.error, null);
		return result;
	}

	/** The block in which the work of this era was done. */
	async function worked(era) {
		const { block } = await chain.waitForEvent('liquidStaking.EraWorkCompleted', {
			from: Math.max(1, Number(era) * ERA_BLOCKS),
			blocks: 2 * ERA_BLOCKS,
			match: (event) => event.era === era,
		});
		return block;
	}

	async function operatorOf(at, account) {
		const all = plain(await at.call.operatorRegistryApi.operators());
		return all.find((operator) => operator.account === account) ?? null;
	}

	async function scoreOf(at, validator) {
		const scores = plain(await at.call.operatorRegistryApi.validators());
		return scores.find((score) => score.validator === validator) ?? null;
	}

	/** What is held of a balance as an operator's bond. */
	async function bondOf(at, account) {
		const holds = plain(await at.query.balances.holds(account));
		const ours = holds.filter(({ id }) => id.OperatorRegistry === 'OperatorBond');
		return sum(ours.map(({ amount }) => amount));
	}

	async function planOf(at) {
		const { era, changes, unplaced } = plain(await at.query.operatorRegistry.lastPlan());
		return { era, changes, unplaced };
	}

	/** The pool's stake that is exposed to each elected validator in an era. */
	async function exposureOf(at, era) {
		const pages = await at.query.staking.erasStakersPaged.entries(era);
		const exposed = new Map();
		for (const [{ args }, page] of pages) {
			const ours = plain(page).others.filter(({ who }) => stashes.includes(who));
			const amount = sum(ours.map(({ value }) => value));
			exposed.set(plain(args[1]), (exposed.get(plain(args[1])) ?? 0n) + amount);
		}
		return exposed;
	}

	/** Asserts that the caps hold after the work of an era. Returns how many stashes are where. */
	async function loadsAt({ at, number }) {
		const nominations = await readNominations(at, stashes);
		const { unplaced } = await planOf(at);
		const placed = nominations.filter((validator) => validator !== null).length;
		const registry = await readRegistry(at);
		checkCaps(nominations, registry, placed + Number(unplaced), `block ${number}`);
		return countOf(nominations);
	}

	it('eight operators run the sixteen validators, attested and bonded', async () => {
		const { at } = await chain.head();
		const { operators, scores, checked } = await readRegistry(at);
		assert.equal(operators.length, 8);
		const names = operators.map(({ profile: { operator } }) => text(operator));
		assert.deepEqual(names.sort(), [
			...['alder', 'birch', 'cedar', 'elm', 'fir', 'hazel', 'larch', 'maple'],
		]);
		for (const operator of operators) {
			const { account, attested, bond, validators } = operator;
			assert.ok(Object.values(attested).every((is) => is));
			validators.forEach((validator) => {
				const labels = labelsOf(operator, checked.get(validator));
				assert.ok(!labels.includes('unattested'));
			});
			assert.equal(bond, 10n * minBond);
			assert.equal(await bondOf(at, account), bond);
			assert.equal(validators.length, 2);
			assert.equal(validators[0], account);
		}
		const all = operators.flatMap(({ validators }) => validators);
		assert.deepEqual(new Set(all), new Set(keys.keys()));
		assert.deepEqual(new Set(scores.map(({ validator }) => validator)), new Set(all));
		assert.ok(scores.every(({ fitness }) => fitness === 'Fit'));
		await succeed(api.tx.liquidStaking.deposit(DEPOSIT, 0), people.alice);
	});

	it('who is no operator, or says nothing of himself, is refused', async () => {
		const { charlie, dave } = people;
		profile = profileOf('dave', 'eu-west', 'own-racks', 'holdfast-node');
		await refuseEach(charlie, [
			[tx.registerOperator({ ...profile, operator: 'Dave & Sons' }), 'BadProfile'],
			[tx.registerOperator({ ...profile, region: '' }), 'BadProfile'],
			[tx.registerOperator({ ...profile, client: 'ä' }), 'BadProfile'],
			[tx.updateProfile(profile), 'NotRegistered'],
			[tx.addValidator(dave.address), 'NotRegistered'],
			[tx.confirmValidator(dave.address), 'NotRegistered'],
			[tx.removeValidator(dave.address), 'UnknownValidator'],
			[tx.bondMore(HOLD), 'NotRegistered'],
			[tx.requestBondRelease(HOLD), 'NotRegistered'],
			[tx.deregister(), 'NotRegistered'],
			[tx.releaseBond(dave.address), 'NotRegistered'],
		]);
		// No label is longer than 32 bytes: that would be no call at all.
		const long = tx.registerOperator({ ...profile, provider: 'x'.repeat(33) });
		await assert.rejects(chain.send(long, charlie), PoolError);
	});

	it('who cannot pay the bond does not register', async () => {
		const pauper = chain.account('//Pauper');
		const transfer = api.tx.balances.transferKeepAlive(pauper.address, minBond);
		await succeed(transfer, people.charlie);
		// It would not pay the fee too, and keep the account alive.
		await refuse(tx.registerOperator(profile), pauper, 'token.FundsUnavailable');
		assert.equal(await operatorOf(api, pauper.address), null);
	});

	it('an operator registers with a bond, and nothing of it is attested', async () => {
		for (const who of [people.dave, people.ferdie]) {
			const { before, after, fee, ...result } = await succeed(
				tx.registerOperator(profile),
				who,
			);
			const bytes = Object.fromEntries(
				Object.entries(profile).map(([field, label]) => [
					field,
					`0x${Buffer.from(label).toString('hex')}`,
				]),
			);
			const { address } = who;
			assert.deepEqual(happened(result, 'OperatorRegistered'), [
				{ operator: address, profile: bytes, bond: minBond },
			]);
			assert.equal(
				(await holdOf(before, address)) - (await holdOf(after, address)),
				minBond + fee,
			);
			assert.equal(await bondOf(after, address), minBond);
			assert.deepEqual(await operatorOf(after, address), {
				account: address,
				profile: bytes,
				attested: { operator: false, region: false, provider: false, client: false },
				bond: minBond,
				release: null,
				suspendedUntil: null,
				leaving: false,
				validators: [],
				added: [],
			});
		}
		await refuseEach(people.dave, [[tx.registerOperator(profile), 'AlreadyRegistered']]);
	});

	it('a validator joins by consent of both', async () => {
		const { dave, eve, ferdie, gina, charlie } = people;
		const [alder] = keys.keys();
		const mostValidators = api.consts.operatorRegistry.maxValidatorsPerOperator.toNumber();
		const added = await succeed(tx.addValidator(eve.address), dave);
		assert.deepEqual(happened(added, 'ValidatorAdded'), [
			{ operator: dave.address, validator: eve.address },
		]);
		assert.deepEqual((await operatorOf(added.after, dave.address)).added, [eve.address]);
		await refuseEach(eve, [
			[tx.confirmValidator(ferdie.address), 'NotAdded'],
			[tx.confirmValidator(dave.address), 'NotACandidate'],
		]);

		const stands = (operator, ...keys) =>
			api.tx.utility.batchAll([
				api.tx.staking.bond(minBond, 'Stash'),
				api.tx.staking.validate({ commission: 5n * PERCENT, blocked: false }),
				...keys,
				tx.confirmValidator(operator.address),
			]);
		// Whoever has the key says whose it is.
		const statement = (who) => Buffer.concat([Buffer.from('POP_'), who.publicKey]);
		const hex = (bytes) => `0x${Buffer.from(bytes).toString('hex')}`;
		const proofOf = (who) => hex(who.sign(statement(who)));
		const keysOf = (who) => api.tx.session.setKeys({ aura: who.publicKey }, proofOf(who));
		// Whoever could not author a block does not join.
		await refuse(stands(dave), eve, named('NoSessionKeys'));
		const confirmed = await succeed(stands(dave, keysOf(eve)), eve);
		const fitFrom = (await activeEra(confirmed.after)) + defaults.probation;
		assert.deepEqual(happened(confirmed, 'ValidatorConfirmed'), [
			{ operator: dave.address, validator: eve.address, fitFrom },
		]);
		const { validators, added: open } = await operatorOf(confirmed.after, dave.address);
		assert.deepEqual([validators, open], [[eve.address], []]);

		await refuseEach(ferdie, [
			[tx.addValidator(eve.address), 'ValidatorTaken'],
			[tx.addValidator(alder), 'ValidatorTaken'],
			[tx.removeValidator(eve.address), 'NotAllowed'],
			[tx.removeValidator(alder), 'NotAllowed'],
			[tx.removeValidator(charlie.address), 'UnknownValidator'],
		]);
		await succeed(tx.addValidator(gina.address), ferdie);
		await refuseEach(ferdie, [[tx.addValidator(gina.address), 'AlreadyAdded']]);
		const many = Array.from({ length: mostValidators + 1 }, (_, i) => {
			const { address } = chain.account(`//Nobody//${i}`);
			return tx.addValidator(address);
		});
		await refuse(api.tx.utility.batchAll(many), dave, named('TooManyValidators'));
		// He changes his mind, twice.
		await succeed(
			api.tx.utility.batchAll([
				tx.removeValidator(gina.address),
				tx.addValidator(gina.address),
			]),
			ferdie,
		);
		await succeed(stands(ferdie, keysOf(gina)), gina);
	});

	it('who leaves is liable for what has been done', async () => {
		const { charlie, dave, ferdie, gina } = people;
		const gone = await succeed(tx.deregister(), ferdie);
		assert.deepEqual(happened(gone, 'OperatorDeregistered'), [{ operator: ferdie.address }]);
		const era = (await activeEra(gone.after)) + liability;
		const { leaving, release } = await operatorOf(gone.after, ferdie.address);
		assert.equal(leaving, true);
		assert.deepEqual(release, { amount: minBond, era });
		await refuseEach(ferdie, [
			[tx.deregister(), 'Leaving'],
			[tx.updateProfile(profile), 'Leaving'],
			[tx.addValidator(charlie.address), 'Leaving'],
			[tx.bondMore(HOLD), 'Leaving'],
			[tx.requestBondRelease(HOLD), 'Leaving'],
			[tx.registerOperator(profile), 'AlreadyRegistered'],
			[tx.releaseBond(ferdie.address), 'StillLiable'],
		]);
		await refuseEach(gina, [[tx.confirmValidator(ferdie.address), 'Leaving']]);
		await refuseEach(dave, [[tx.addValidator(gina.address), 'ValidatorTaken']]);

		const more = await succeed(tx.bondMore(500n * HOLD), dave);
		assert.deepEqual(happened(more, 'BondAdded'), [
			{ operator: dave.address, amount: 500n * HOLD },
		]);
		assert.equal(await bondOf(more.after, dave.address), minBond + 500n * HOLD);
		await refuseEach(dave, [
			[tx.bondMore(0), 'NothingToBond'],
			[tx.requestBondRelease(0), 'NothingToRelease'],
			[tx.requestBondRelease(500n * HOLD + 1n), 'BondTooSmall'],
			[tx.requestBondRelease(2n ** 100n), 'BondTooSmall'],
			[tx.releaseBond(dave.address), 'NothingToRelease'],
		]);
		const asked = await succeed(tx.requestBondRelease(300n * HOLD), dave);
		const then = (await activeEra(asked.after)) + liability;
		assert.deepEqual(happened(asked, 'ReleaseRequested'), [
			{ operator: dave.address, amount: 300n * HOLD, era: then },
		]);
		await refuseEach(dave, [
			[tx.requestBondRelease(HOLD), 'ReleasePending'],
			[tx.releaseBond(dave.address), 'StillLiable'],
		]);
		due = then > era ? then : era;
	});

	it('one era later every stash nominates, and the chain tells why', async () => {
		const block = await worked(1n);
		const { era, changes, unplaced } = await planOf(block.at);
		assert.deepEqual([era, unplaced], [1n, 0n]);
		assert.deepEqual(
			changes.map(({ stash, from, reason }) => ({ stash, from, reason })),
			stashes.map((_, i) => ({ stash: BigInt(i), from: null, reason: 'New' })),
		);
		const [planned] = (
			await chain.waitForEvent(named('NominationsPlanned'), {
				from: ERA_BLOCKS,
				blocks: ERA_BLOCKS,
				match: (event) => event.era === 1n,
			})
		).block.events.filter(({ name }) => name === named('NominationsPlanned'));
		assert.deepEqual(planned.data, { era, changes: 64n, unplaced: 0n });
		loads = await loadsAt(block);
		assert.equal(sum([...loads.values()].map(BigInt)), 64n);

		const { eve, gina } = people;
		assert.equal((await scoreOf(block.at, eve.address)).fitness, 'OnProbation');
		// She has left, and nothing of the pool's was ever with her: she takes up no room.
		assert.equal(plain(await block.at.query.operatorRegistry.validators(gina.address)), null);
		assert.ok(!loads.has(eve.address) && !loads.has(gina.address));
	});

	it('root attests what it has checked, and nobody else does', async () => {
		const { alice, charlie, dave, eve, gina } = people;
		const all = { operator: true, region: true, provider: true, client: true };
		const attest = (of, ...validators) => tx.attest(dave.address, of, all, validators);
		await refuseEach(alice, [[attest(profile), 'BadOrigin']]);
		await refuseEach(dave, [[attest(profile), 'BadOrigin']]);
		const other = { ...profile, region: 'eu-north' };
		const changed = await asRoot(chain, attest(other));
		assert.equal(changed.error, named('ProfileChanged'));
		const nobody = await asRoot(chain, tx.attest(charlie.address, profile, all, []));
		assert.equal(nobody.error, named('NotRegistered'));
		// She is Ferdie's.
		const hers = await asRoot(chain, attest(profile, eve.address, gina.address));
		assert.equal(hers.error, named('UnknownValidator'));

		// Of which validators it is true is to be said; the name is his, wherever they run.
		const labels = async (at) => {
			const { checked } = await readRegistry(at);
			return labelsOf(await operatorOf(at, dave.address), checked.get(eve.address));
		};
		for (const validators of [[], [eve.address]]) {
			const done = await root(attest(profile, ...validators));
			assert.deepEqual(happened(done, 'ProfileAttested'), [
				{ operator: dave.address, attested: all },
			]);
			assert.deepEqual((await operatorOf(done.after, dave.address)).attested, all);
			const where = ['eu-west', 'own-racks', 'holdfast-node'];
			assert.deepEqual(await labels(done.after), [
				'dave',
				...where.map((label) => (validators.length > 0 ? label : 'unattested')),
			]);
		}

		// What he changes is his word again, and nothing else.
		await refuseEach(dave, [[tx.updateProfile({ ...other, client: '' }), 'BadProfile']]);
		const moved = await succeed(tx.updateProfile(other), dave);
		assert.deepEqual(happened(moved, 'ProfileUpdated')[0].attested, { ...all, region: false });
		assert.deepEqual(await labels(moved.after), [
			...['dave', 'unattested', 'own-racks', 'holdfast-node'],
		]);
	});

	it('root suspends for a time, and sets parameters that make sense', async () => {
		const { dave } = people;
		const most = plain(api.consts.operatorRegistry.maxSuspension);
		await refuseEach(dave, [
			[tx.suspend(dave.address, 1), 'BadOrigin'],
			[tx.setParameters(defaults), 'BadOrigin'],
		]);
		for (const [call, error] of [
			[tx.suspend(dave.address, most + 1n), 'SuspensionTooLong'],
			[tx.suspend(people.charlie.address, 1), 'NotRegistered'],
			[tx.setParameters({ ...defaults, operatorCap: ONE }), 'ParameterOutOfBounds'],
			[tx.setParameters({ ...defaults, coverageMultiple: 0 }), 'ParameterOutOfBounds'],
		]) {
			assert.equal((await asRoot(chain, call)).error, named(error));
		}
		const { after, ...result } = await root(tx.suspend(dave.address, most));
		const until = (await activeEra(after)) + most;
		assert.deepEqual(happened(result, 'OperatorSuspended'), [
			{ operator: dave.address, until },
		]);
		assert.equal((await operatorOf(after, dave.address)).suspendedUntil, until);
		assert.deepEqual(await readRegistryParameters(after), defaults);
	});

	it('parameters out of bounds are refused, field by field', async () => {
		const [min, max] = ['minParameters', 'maxParameters'].map((bound) =>
			plain(api.consts.operatorRegistry[bound]),
		);
		const calls = Object.keys(defaults).flatMap((field) => [
			{ ...defaults, [field]: max[field] + 1n },
			...(min[field] > 0n ? [{ ...defaults, [field]: min[field] - 1n }] : []),
		]);
		// Two fields may be nothing.
		assert.equal(calls.length, 2 * 13 - 2);
		// In one block, because nothing but the outcome matters.
		const { events } = await succeed(
			api.tx.utility.forceBatch(
				calls.map((parameters) => api.tx.sudo.sudo(tx.setParameters(parameters))),
			),
			people.alice,
		);
		const outcomes = eventsNamed(events, 'sudo.Sudid').map(({ sudoResult }) => sudoResult);
		assert.deepEqual(
			outcomes,
			calls.map(() => named('ParameterOutOfBounds')),
		);
	});

	it('parameters in bounds are scheduled', async () => {
		// Of 64 stashes, 22 on each of three clients: two have 24.
		tight = { ...defaults, clientCap: 35n * PERCENT };
		assert.equal(partOf(tight.clientCap, 64), 22n);
		const { events, blockNumber, after } = await root(tx.setParameters(tight));
		actsFrom = BigInt(blockNumber + DELAY_BLOCKS);
		assert.deepEqual(eventsNamed(events, named('ParametersSet')), [
			{ parameters: tight, from: actsFrom },
		]);
		assert.deepEqual(plain(await after.query.operatorRegistry.parameters()), {
			current: defaults,
			next: [actsFrom, tight],
		});
	});

	it('on a quiet chain the view tells that nothing will change, and nothing does', async () => {
		const { at } = await chain.waitForBlock(2 * ERA_BLOCKS - 1);
		assert.deepEqual(plain(await at.call.operatorRegistryApi.plan()), {
			era: 1n,
			changes: [],
			unplaced: 0n,
		});
		const block = await worked(2n);
		assert.deepEqual(await planOf(block.at), { era: 2n, changes: [], unplaced: 0n });
		assert.deepEqual(await loadsAt(block), loads);
		assert.equal((await scoreOf(block.at, people.eve.address)).fitness, 'Suspended');
	});

	it('the views tell how well the exposure is spread', async () => {
		const { at } = await worked(2n);
		const exposed = await exposureOf(at, 2n);
		const view = plain(await at.call.operatorRegistryApi.diversification());
		const { operators, scores, checked } = await readRegistry(at);
		assert.equal(view.exposed, sum([...exposed.values()]));
		assert.deepEqual(view.validators, spreadOf([...exposed.values()]));
		for (const { validator, ours, elected } of scores) {
			assert.equal(ours, exposed.get(validator) ?? 0n);
			assert.equal(elected, keys.has(validator));
		}
		['operators', 'regions', 'providers', 'clients'].forEach((plural, d) => {
			const sums = new Map();
			for (const operator of operators) {
				for (const validator of operator.validators) {
					const label = labelsOf(operator, checked.get(validator))[d];
					sums.set(label, (sums.get(label) ?? 0n) + (exposed.get(validator) ?? 0n));
				}
			}
			assert.deepEqual(view[plural], spreadOf([...sums.values()]), plural);
		});
		const number = ({ effective }) => Number(effective / 10n ** 15n) / 1_000;
		console.log(
			`      as well spread as over ${number(view.validators)} validators, ` +
				`${number(view.operators)} operators and ${number(view.regions)} regions`,
		);
	});

	it('one whose suspension is lifted has still to show what it can', async () => {
		const lifted = await root(tx.suspend(people.dave.address, 0));
		assert.deepEqual(happened(lifted, 'OperatorSuspended'), [
			{ operator: people.dave.address, until: null },
		]);
		assert.equal((await operatorOf(lifted.after, people.dave.address)).suspendedUntil, null);
		const block = await worked(3n);
		loads = await loadsAt(block);
		// Without a seat of its own in the set, it has nothing to show.
		const { fitness, elected } = await scoreOf(block.at, people.eve.address);
		assert.deepEqual([fitness, elected], ['OnProbation', false]);
		assert.ok(!loads.has(people.eve.address));
	});

	/** Takes all points of this era from a validator that makes no more blocks in it. */
	async function missBlocks(validator, era) {
		const { registry, query } = api;
		const key = query.staking.erasRewardPoints.key(era);
		const authorOf = async (at, later) => {
			const [slot, set] = await Promise.all([
				at.query.aura.currentSlot().then(plain),
				at.query.session.validators().then(plain),
			]);
			return set[Number((slot + later) % BigInt(set.length))];
		};
		let { number, at } = await chain.head();
		const { individual: made } = plain(await at.query.staking.erasRewardPoints(era));
		const add = (author) => made.set(author, (made.get(author) ?? 0n) + POINTS);
		for (let tries = 0; tries < 5; tries++) {
			// The author of the block gets its points before the call, which must not take them.
			const points = new Map(made);
			const next = await authorOf(at, 1n);
			points.set(next, (points.get(next) ?? 0n) + POINTS);
			points.delete(validator);
			const value = registry.createType('(u32, BTreeMap<AccountId, u32>)', [
				sum([...points.values()]),
				points,
			]);
			const set = await root(api.tx.system.setStorage([[key, value.toHex()]]));
			const first = number + 1;
			while (number < set.blockNumber) {
				({ number, at } = await chain.waitForBlock(number + 1));
				add(await authorOf(at, 0n));
			}
			if (set.blockNumber !== first) continue;
			made.delete(validator);
			const now = plain(await set.after.query.staking.erasRewardPoints(era));
			assert.deepEqual(now, { total: sum([...made.values()]), individual: made });
			return;
		}
		throw new Error('the points were always set in another block than the next');
	}

	it('a validator leaves, one asks for all, and one misses its blocks', async () => {
		const { at } = await chain.head();
		assert.equal(await activeEra(at), 3n);
		const { scores } = await readRegistry(at);
		const runs = new Map(scores.map(({ validator, operator }) => [validator, operator]));
		const [leaving] = loads.keys();
		const greedy = [...loads.keys()].find((other) => runs.get(other) !== runs.get(leaving));
		const left = await succeed(tx.removeValidator(leaving), keys.get(runs.get(leaving)));
		assert.deepEqual(happened(left, 'ValidatorRemoved'), [
			{ operator: runs.get(leaving), validator: leaving },
		]);
		const all = api.tx.staking.validate({ commission: ONE, blocked: false });
		await succeed(all, keys.get(greedy));
		const others = [leaving, greedy].map((validator) => runs.get(validator));
		const suspended = [...runs.values()].find((one) => keys.has(one) && !others.includes(one));
		others.push(suspended);
		// In this era and the next.
		const { after } = await root(tx.suspend(suspended, 1));
		assert.equal((await operatorOf(after, suspended)).suspendedUntil, 4n);

		// The first one of yet another operator that has made all its blocks of this era.
		const missing = await chain.waitUntil(
			async (block) => {
				const points = plain(await block.at.query.staking.erasRewardPoints(3));
				return [...points.individual]
					.filter(([, made]) => made === BLOCKS_OF_EACH * POINTS)
					.map(([validator]) => validator)
					.filter((validator) => !others.includes(runs.get(validator)))
					.find((validator) => loads.has(validator));
			},
			{ what: 'a validator that has made its blocks', blocks: ERA_BLOCKS },
		);
		await missBlocks(missing, 3n);
		assert.equal(await activeEra(api), 3n);
		unfit = new Map([
			[leaving, 'Leaving'],
			[greedy, 'CommissionTooHigh'],
			[missing, 'MissedBlocks'],
		]);
		for (const validator of keys.keys()) {
			if (runs.get(validator) === suspended) unfit.set(validator, 'Suspended');
		}
		assert.equal(unfit.size, 5);
	});

	it('in the next era nobody nominates them, for reasons that can be read', async () => {
		const block = await worked(4n);
		const { at } = block;
		const { total, individual } = plain(await at.query.staking.erasRewardPoints(3));
		assert.equal(total, BigInt(VALIDATORS - 1) * BLOCKS_OF_EACH * POINTS);
		assert.equal(individual.size, VALIDATORS - 1);

		const { scores, operators } = await readRegistry(at);
		const payout = plain(await at.query.staking.erasValidatorReward(3)) / BigInt(VALIDATORS);
		for (const score of scores) {
			const { validator, netPayout, reliability, penalty, commission } = score;
			const reason = unfit.get(validator);
			if (reason) assert.equal(score.fitness, reason);
			const known = reason === 'MissedBlocks' ? (7n * ONE) / 8n : ONE;
			assert.equal(reliability, keys.has(validator) ? known : ONE / 2n);
			assert.equal(penalty, 0n);
			if (reason === 'CommissionTooHigh') assert.equal(commission, ONE);
			else if (keys.has(validator)) assert.equal(commission, 0n);
			const parts = [reliability, ONE - penalty, ONE - commission];
			assert.equal(
				netPayout,
				parts.reduce((value, part) => (value * part) / ONE, payout),
			);
		}

		const { changes, unplaced } = await planOf(at);
		assert.equal(unplaced, 0n);
		for (const [validator, reason] of unfit) {
			const from = changes.filter((change) => change.from === validator);
			assert.equal(from.length, loads.get(validator), `all leave ${validator}`);
			from.forEach((change) => assert.deepEqual(change.reason, { Unfit: reason }));
		}
		const others = changes.filter(({ from }) => !unfit.has(from));
		others.forEach(({ reason }) => assert.equal(reason, 'Better'));
		assert.ok(BigInt(others.length) <= defaults.churn, `${others.length} more moved`);
		assert.ok(changes.every(({ to }) => to !== null && !unfit.has(to)));

		const now = await loadsAt(block);
		for (const validator of unfit.keys()) assert.ok(!now.has(validator));
		const exposed = await exposureOf(at, 4n);
		for (const validator of unfit.keys()) assert.ok(exposed.get(validator) > 0n, 'still');
		loads = now;
		const name = (account) => {
			const mine = operators.find(({ validators }) => validators.includes(account));
			return `${text(mine.profile.operator)}'s`;
		};
		const told = [...unfit].map(([validator, reason]) => `${name(validator)} ${reason}`);
		console.log(`      ${told.join(', ')}; ${changes.length} stashes moved`);
	});

	it('one era later none of the pool is exposed to them', async () => {
		const { at } = await worked(5n);
		const exposed = await exposureOf(at, 5n);
		assert.ok(sum([...exposed.values()]) >= (DEPOSIT * 98n) / 100n, 'all of it is somewhere');
		for (const [validator, reason] of unfit) {
			assert.equal(exposed.get(validator) ?? 0n, 0n, reason);
		}
	});

	it('who is fit again is nominated again, but no more stashes move than may', async () => {
		const block = await worked(5n);
		for (const [validator, reason] of unfit) {
			const { fitness, reliability } = await scoreOf(block.at, validator);
			// Who has missed blocks has to show that it is back.
			const now = { Suspended: 'Fit', MissedBlocks: 'OnProbation' };
			assert.equal(fitness, now[reason] ?? reason);
			// Seven eighths of seven eighths, and an eighth.
			assert.equal(reliability, reason === 'MissedBlocks' ? (57n * ONE) / 64n : ONE);
		}
		const { changes } = await planOf(block.at);
		assert.deepEqual(
			changes.map(({ reason }) => reason),
			Array(Number(defaults.churn)).fill('Better'),
		);
		assert.ok(changes.every(({ to }) => unfit.get(to) === 'Suspended'));
		loads = await loadsAt(block);
		// There is more to gain: the next plan would move as many again.
		const next = plain(await block.at.call.operatorRegistryApi.plan());
		assert.equal(BigInt(next.changes.length), defaults.churn);
	});

	it('who missed its blocks is fit after its probation', async () => {
		const [missing] = [...unfit].find(([, reason]) => reason === 'MissedBlocks');
		const { at } = await worked(4n + defaults.probation);
		assert.equal((await scoreOf(at, missing)).fitness, 'Fit');
	});

	it('a bond is paid when nothing can be slashed any more', async () => {
		const { charlie, dave, ferdie, gina } = people;
		await chain.waitForEra(due, { blocks: 3 * ERA_BLOCKS });
		// Anybody may do it.
		const { before, after, ...result } = await succeed(tx.releaseBond(ferdie.address), charlie);
		const operator = ferdie.address;
		assert.deepEqual(happened(result, 'BondReleased'), [{ operator, amount: minBond }]);
		assert.deepEqual(happened(result, 'OperatorForgotten'), [{ operator }]);
		assert.equal(await operatorOf(after, operator), null);
		assert.equal(await bondOf(after, operator), 0n);
		assert.equal((await holdOf(after, operator)) - (await holdOf(before, operator)), minBond);
		assert.equal(plain(await after.query.operatorRegistry.validators(gina.address)), null);

		const part = await succeed(tx.releaseBond(dave.address), charlie);
		assert.deepEqual(happened(part, 'BondReleased'), [
			{ operator: dave.address, amount: 300n * HOLD },
		]);
		assert.equal(await bondOf(part.after, dave.address), minBond + 200n * HOLD);
		assert.equal((await operatorOf(part.after, dave.address)).release, null);
		await refuseEach(charlie, [
			[tx.releaseBond(ferdie.address), 'NotRegistered'],
			[tx.releaseBond(dave.address), 'NothingToRelease'],
		]);
	});

	it('a lower cap acts from its block on, and the next plan obeys it', async () => {
		const parametersAt = async (number) =>
			readRegistryParameters((await chain.waitForBlock(Number(number))).at);
		assert.deepEqual(await parametersAt(actsFrom - 1n), defaults);
		assert.deepEqual(await parametersAt(actsFrom), tight);
		// The last round began before.
		const era = actsFrom / BigInt(ERA_BLOCKS) + 1n;
		const last = await worked(era - 1n);
		const judgedBy = async ({ at }) =>
			plain(await at.query.operatorRegistry.currentRound()).parameters;
		assert.deepEqual(await judgedBy(last), defaults);
		const { checked, operators } = await readRegistry(last.at);
		const clientOf = (validator) => {
			const operator = operators.find(({ validators }) => validators.includes(validator));
			return labelsOf(operator, checked.get(validator))[3];
		};
		const onClients = (loads) => {
			const sums = new Map();
			for (const [validator, count] of loads) {
				const client = clientOf(validator);
				sums.set(client, (sums.get(client) ?? 0) + count);
			}
			return [...sums.values()];
		};
		const before = onClients(countOf(await readNominations(last.at, stashes)));
		const tooMany = before.reduce((sum, count) => sum + Math.max(0, count - 22), 0);
		assert.ok(tooMany > 0, `${before} stashes on the clients`);

		// The view tells it, although nobody is scored by them yet.
		const { at } = await chain.waitForBlock(Number(era) * ERA_BLOCKS - 1);
		const forced = ({ changes }) =>
			changes.filter(({ reason }) => reason.ClusterOverCap === 'Client').length;
		assert.equal(forced(plain(await at.call.operatorRegistryApi.plan())), tooMany);

		const block = await worked(era);
		assert.deepEqual(await judgedBy(block), tight);
		assert.equal(forced(await planOf(block.at)), tooMany);
		const after = onClients(await loadsAt(block));
		assert.ok(Math.max(...after) <= 22, `${after} stashes on the clients`);
		console.log(`      ${before} stashes on the clients, then ${after}`);
	});
});
