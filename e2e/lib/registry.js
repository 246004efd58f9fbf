// SPDX-License-Identifier: Apache-2.0

// The operator registry, computed a second time from chain state: what each validator is worth, how
// well the pool is spread, and whether each plan kept to the caps and did what it says.

/** @import { RegistryParameters, Score } from './types.js' */

import assert from 'node:assert/strict';
import { blake2AsU8a } from '@polkadot/util-crypto';
import { max, min, sum, up } from './amounts.js';
import { eventsNamed, plain, text } from './chain.js';
import { stashAccounts } from './pool.js';

const ONE = 1_000_000_000n;
// What counts as the payout of an era when none has been paid.
const SOME_PAYOUT = 10n ** 15n;
const DIMENSIONS = ['operator', 'region', 'provider', 'client'];
const UNATTESTED = 'unattested';
// After the bonding duration an offence has no consequence, and its slash has landed.
const AFTER_BONDING = 2n;
// Eras in which one that no plan has ever had a stash on may not stand for election.
const IDLE_ERAS = 3n;

/** The part of `stashes` that a cap allows: rounded down, but at least one. */
export function partOf(cap, stashes) {
	const part = (cap * BigInt(stashes)) / ONE;
	return part > 1n ? part : 1n;
}

/** A profile as calls take it, from plain text. */
export function profileOf(...labels) {
	return Object.fromEntries(DIMENSIONS.map((dimension, i) => [dimension, labels[i]]));
}

/**
 * The parameters of the registry that act in a block.
 *
 * @returns {Promise<RegistryParameters>}
 */
export async function readRegistryParameters(at) {
	const [{ current, next }, number] = await Promise.all([
		at.query.operatorRegistry.parameters().then(plain),
		at.query.system.number().then(plain),
	]);
	return next !== null && next[0] <= number ? next[1] : current;
}

/**
 * What the registry knows in a state: operators, validators with their scores, the parameters by
 * which these are judged and planned, and of which validators the profile was checked.
 */
export async function readRegistry(at) {
	const [operators, scores, { parameters }, records] = await Promise.all([
		at.call.operatorRegistryApi.operators().then(plain),
		at.call.operatorRegistryApi.validators().then(plain),
		at.query.operatorRegistry.currentRound().then(plain),
		at.query.operatorRegistry.validators.entries(),
	]);
	const checked = new Map(
		records.map(([{ args }, record]) => [plain(args[0]), plain(record).attested]),
	);
	return { operators, scores, parameters, checked };
}

/** The validator that each of the pool's stashes nominates, as the staking pallet has it. */
export async function readNominations(at, stashes) {
	const nominators = plain(await at.query.staking.nominators.multi(stashes));
	return nominators.map((nominator) => nominator?.targets[0] ?? null);
}

/** How many of `places` there are of each kind; those that are null do not count. */
export function countOf(places) {
	const counts = new Map();
	for (const place of places) {
		if (place !== null) counts.set(place, (counts.get(place) ?? 0) + 1);
	}
	return counts;
}

/**
 * The attested labels of a validator, of whom the profile was checked or not; all who have none
 * share one. The name of the operator does not hang on the validator.
 */
export function labelsOf({ profile, attested }, checked) {
	return DIMENSIONS.map((dimension) =>
		attested[dimension] && (checked || dimension === 'operator')
			? text(profile[dimension])
			: UNATTESTED,
	);
}

/** The labels of each validator. */
function labelsByValidator({ operators, checked }) {
	return new Map(
		operators.flatMap((operator) =>
			operator.validators.map((v) => [v, labelsOf(operator, checked.get(v))]),
		),
	);
}

/** Asserts that `nominations` exceed no cap out of `stashes`. */
export function checkCaps(nominations, registry, stashes, where) {
	const { parameters } = registry;
	const run = labelsByValidator(registry);
	const within = (counts, cap, what) => {
		const most = partOf(cap, stashes);
		for (const [place, count] of counts) {
			assert.ok(count <= most, `${count} of ${stashes} on ${what} ${place} in ${where}`);
		}
	};
	const chosen = nominations.filter((validator) => validator !== null);
	within(countOf(chosen), parameters.validatorCap, 'validator');
	DIMENSIONS.forEach((dimension, d) => {
		const labels = chosen.map((validator) => run.get(validator)[d]);
		within(countOf(labels), parameters[`${dimension}Cap`], dimension);
	});
}

/** What of the stake behind validators is lost if `seats` of the `elected` equivocate together. */
function fraction(seats, elected) {
	const capped = 3n * seats < elected ? 3n * seats : elected;
	const part = elected > 0n ? (capped * ONE) / elected : ONE;
	return (part * part) / ONE;
}

/**
 * What the operators' own stakes allow, out of `stashes` of `stake` each: the most stashes of each
 * validator and under each operator's name. `held` are the nominations before; `seats` tells how
 * many are elected.
 *
 * @param {{ scores: Score[], parameters: RegistryParameters, run: Map<string, string[]> }} known
 * @param {string[]} held
 * @param {{ stashes: number, stake: bigint, seats: bigint }} size
 */
function limitsByCoverage({ scores, parameters, run }, held, { stashes, stake, seats }) {
	const loads = countOf(held);
	const nameOf = (validator) => run.get(validator)[0];
	const floor = partOf(parameters.floor, stashes);
	const names = new Map();
	for (const { validator, elected } of scores) {
		const name = names.get(nameOf(validator)) ?? { seats: 0n, room: 0n, load: 0n };
		name.seats += elected ? 1n : 0n;
		names.set(nameOf(validator), name);
	}
	const validators = new Map();
	for (const account of new Set(scores.map(({ operator }) => operator))) {
		const all = scores.filter(({ operator }) => operator === account);
		const fit = all.filter(({ fitness }) => fitness === 'Fit');
		const [{ validator, bond }] = all;
		const unknown = nameOf(validator) === UNATTESTED;
		const keeps = !unknown && !all.some(({ releasing }) => releasing);
		const name = names.get(nameOf(validator));
		const own = sum(fit.map(({ own, elected }) => (elected ? own : 0n)));
		const lost = fraction(max(name.seats, 1n), seats);
		// What it would lose itself: its bond, and the part that is taken of its own stake.
		const atRisk = bond + (own * lost) / ONE;
		const stakes = lost > 0n ? (atRisk * parameters.coverageMultiple * ONE) / lost : null;
		const covered = stakes === null ? BigInt(stashes) : stakes / max(stake, 1n);
		// A bond of whom nothing is known covers nothing.
		const room = unknown || fit.length === 0 ? 0n : covered;
		const has = (one) => BigInt(loads.get(one.validator) ?? 0);
		const load = (one) => (keeps ? has(one) : 0n);
		name.room += room;
		name.load += sum(fit.map(load));
		const most = partOf(parameters.validatorCap, stashes);
		for (const one of all) validators.set(one.validator, 0n);
		// They share it, first who has most, then who earns most. What one keeps, the next ones lack.
		const earns = ({ netPayout, others }) => (netPayout * stake) / max(others + stake, 1n);
		const byMost = (a, b) => Number(has(b) - has(a)) || Number(earns(b) - earns(a));
		let left = max(room, floor);
		for (const [i, one] of fit.toSorted(byMost).entries()) {
			const share = up(left, BigInt(fit.length - i));
			const limit = min(most, max(share, load(one)));
			validators.set(one.validator, limit);
			left = max(left - limit, 0n);
		}
	}
	const cap = partOf(parameters.operatorCap, stashes);
	const operators = new Map();
	for (const [name, { room, load }] of names) {
		operators.set(name, min(cap, max(room, floor, load)));
	}
	return { validators, operators };
}

/** How well amounts are spread: `1 / sum of squared parts`, with 18 decimals. */
export function spreadOf(amounts) {
	const total = sum(amounts);
	if (total === 0n) return { effective: 0n, nakamoto: 0n, largest: 0n };
	const sorted = amounts.toSorted((a, b) => (a < b ? 1 : a > b ? -1 : 0));
	const parts = sorted.map((amount) => (amount * ONE) / total);
	let [held, nakamoto] = [0n, 0n];
	for (const amount of sorted) {
		if (held > total / 3n) break;
		held += amount;
		nakamoto += 1n;
	}
	const effective = 10n ** 36n / sum(parts.map((part) => part ** 2n));
	return { effective, nakamoto, largest: parts[0] };
}

/** Follows the registry from its genesis on, block by block. */
export class Registry {
	#stashes;
	#bondingDuration;
	#minBond;
	#records;
	#nominations;

	constructor(chain) {
		this.#stashes = stashAccounts(chain.api);
		this.#bondingDuration = plain(chain.api.consts.staking.bondingDuration);
		this.#minBond = plain(chain.api.consts.operatorRegistry.minBond);
	}

	/** Takes note of what happened in a block, in era `era`; checks the plan that it completes. */
	async follow({ at, events, number }, era) {
		if (!this.#records) {
			const validators = await at.query.operatorRegistry.validators.entries();
			const names = validators.map(([{ args }]) => plain(args[0]));
			this.#records = new Map(names.map((validator) => [validator, newRecord(0n)]));
			this.#nominations = await readNominations(at, this.#stashes);
		}
		for (const { name, data } of events)
			await Registry.#handlers[name]?.call(this, data, at, era);
		const [completed] = eventsNamed(events, 'liquidStaking.EraWorkCompleted');
		if (completed) await this.#check(at, completed.era, `block ${number}`);
	}

	/**
	 * What each event changes in the notes. Others leave them as they are.
	 *
	 * @type {Record<string, (this: Registry, data: any, at: any, era: bigint) => unknown>}
	 */
	static #handlers = {
		'operatorRegistry.ValidatorForgotten'({ validator }) {
			this.#records.delete(validator);
		},

		async 'operatorRegistry.ValidatorConfirmed'({ validator, fitFrom }, at, era) {
			if (!this.#records.has(validator)) {
				const offence = await lastOffence(at, validator);
				const penalty = offence === null ? 0n : ONE / 2n;
				// A newcomer starts with half of it.
				const reliability = (ONE - penalty) / 2n;
				const known = { lastOffence: offence, penalty, reliability };
				this.#records.set(validator, { ...newRecord(era), ...known });
			}
			const record = this.#records.get(validator);
			const { probation } = await readRegistryParameters(at);
			record.fitFrom = fitFrom;
			record.toShow = max(record.toShow, probation);
		},
	};

	async #check(at, era, where) {
		const known = await readRegistry(at);
		const registry = { ...known, run: labelsByValidator(known) };
		const elected = await this.#readElected(at, era);
		await this.#checkScores(at, era, registry, elected, where);
		await this.#checkSpread(at, era, registry, elected, where);
		await this.#checkPlan(at, era, registry, elected, where);
		await this.#checkRecords(at, where);
	}

	/** Who is elected in an era: the stake behind each of them, and the pool's part of it. */
	async #readElected(at, era) {
		const [overviews, pages] = await Promise.all([
			at.query.staking.erasStakersOverview.entries(era),
			at.query.staking.erasStakersPaged.entries(era),
		]);
		const elected = new Map(
			overviews.map(([{ args }, overview]) => [
				plain(args[1]),
				{ total: plain(overview).total, own: plain(overview).own, ours: 0n },
			]),
		);
		for (const [{ args }, page] of pages) {
			const ours = plain(page).others.filter(({ who }) => this.#stashes.includes(who));
			elected.get(plain(args[1])).ours += sum(ours.map(({ value }) => value));
		}
		return elected;
	}

	async #checkScores(at, era, { operators, scores, parameters, checked }, elected, where) {
		const { staking, operatorRegistry } = at.query;
		const before = era > 0n ? era - 1n : null;
		const [points, payout, electedBefore] = await Promise.all([
			before === null ? null : staking.erasRewardPoints(before).then(plain),
			before === null ? 0n : staking.erasValidatorReward(before).then(plain),
			before === null ? elected : this.#readElected(at, before),
		]);
		assert.deepEqual(
			new Set(scores.map(({ validator }) => validator)),
			new Set(this.#records.keys()),
			`all validators are scored in ${where}`,
		);
		const owing = await Promise.all(
			['debts', 'owedBy'].map((what) => operatorRegistry[what].keys()),
		);
		assert.deepEqual(owing, [[], []], 'no scenario makes debts');
		for (const score of scores) {
			const { validator } = score;
			const operator = operators.find(({ account }) => account === score.operator);
			const [{ leftIn }, candidate, keys, offered, elector, electorBefore, ledger, offence] =
				await Promise.all([
					operatorRegistry.validators(validator).then(plain),
					staking.validators.size(validator).then((size) => !size.isZero()),
					at.query.session.nextKeys.size(validator).then((size) => !size.isZero()),
					staking.validators(validator).then(plain),
					staking.erasValidatorPrefs(era, validator).then(plain),
					staking.erasValidatorPrefs(before ?? era, validator).then(plain),
					staking.ledger(validator).then(plain),
					lastOffence(at, validator),
				]);
			const made =
				points?.total > 0n && electedBefore.has(validator)
					? fill(
							(points.individual.get(validator) ?? 0n) * BigInt(electedBefore.size),
							points.total,
						)
					: null;
			const asked = candidate ? offered.commission : 0n;
			const commission = [elector, electorBefore].reduce(
				(highest, elected) => max(highest, elected.commission),
				asked,
			);
			const {
				total,
				own: exposedOwn,
				ours,
			} = elected.get(validator) ?? { total: null, ours: 0n };
			const record = this.#records.get(validator);
			const due = record.planned !== null && record.planned + 2n <= era;
			const unexposed = ours === 0n && due;
			// Who was not nominated has refused nothing.
			const refused = unexposed && this.#nominations.includes(validator);
			const absent = refused ? 1 + (electedBefore.has(validator) ? 0 : 1) : 0;
			observe(record, { made, absent, offence, commission }, era, this.#bondingDuration);
			const missed = made !== null && made < parameters.minPoints;
			if (made !== null && !missed) record.toShow = max(record.toShow - 1n, 0n);
			if (ours > 0n) record.exposed = era;
			if (unexposed) record.planned = null;
			if (missed || refused) {
				record.fitFrom = max(record.fitFrom, era + parameters.probation);
				record.planned = null;
				record.toShow = max(record.toShow, parameters.probation);
			}
			record.idle = candidate && keys ? null : (record.idle ?? era);
			const planned = record.planned !== null || record.exposed !== null;
			const liability = this.#bondingDuration + AFTER_BONDING;
			const most = planned ? liability : IDLE_ERAS;
			const gone = record.idle !== null && record.idle + most <= era;

			const { reliability, penalty } = record;
			const highest = max(record.now, record.before);
			const offended = record.lastOffence;
			const released = /** @type {bigint} */ (operator.release?.amount ?? 0n);
			const bond = max(operator.bond - released, 0n);
			const fitness = [
				['Leaving', leftIn !== null || gone || operator.leaving],
				['Suspended', operator.suspendedUntil !== null && operator.suspendedUntil >= era],
				['NotACandidate', !candidate],
				['NoKeys', !keys],
				['Blocked', offered.blocked],
				['CommissionTooHigh', highest > parameters.maxCommission],
				['Offended', offended !== null && offended + this.#bondingDuration >= era],
				['MissedBlocks', missed],
				['NotExposed', refused],
				['BondTooSmall', bond < this.#minBond],
				['OnProbation', record.fitFrom > era || record.toShow > 0n],
				['Fit', true],
			].find(([, is]) => is)[0];
			const even = (payout || SOME_PAYOUT) / BigInt(elected.size);
			const netPayout = [reliability, ONE - penalty, ONE - highest].reduce(
				(/** @type {bigint} */ left, part) => (left * part) / ONE,
				even,
			);
			const active = ledger?.active ?? 0n;
			// Of one that is elected, what is exposed and still there.
			const own = total === null ? active : min(active, exposedOwn);
			const atRisk = fitness === 'Fit' && total !== null ? own : 0n;
			if (atRisk < record.atRisk) record.fell = era;
			record.atRisk = atRisk;
			const fell = record.fell !== null && record.fell + liability > era;
			assert.deepEqual(
				score,
				{
					validator,
					operator: operator.account,
					bond,
					releasing: operator.release !== null || fell,
					clusters: clustersOf(operator, checked.get(validator)),
					fitness,
					netPayout,
					reliability,
					penalty,
					commission: highest,
					own,
					others: (total ?? own) - ours,
					ours,
					elected: total !== null,
				},
				where,
			);
		}
	}

	async #checkSpread(at, era, { run, parameters }, elected, where) {
		const listed = [...elected].filter(([validator]) => run.has(validator));
		const gather = (of) => {
			const sums = new Map();
			for (const [validator, { ours }] of listed) {
				const { amount, seats } = sums.get(of(validator)) ?? { amount: 0n, seats: 0n };
				sums.set(of(validator), { amount: amount + ours, seats: seats + 1n });
			}
			return [...sums.values()];
		};
		const spread = (d) => spreadOf(gather((v) => run.get(v)[d]).map(({ amount }) => amount));
		const seats = BigInt(elected.size);
		const losses = gather((validator) => run.get(validator)[0]).map((one) => {
			const lost = fraction(one.seats, seats) * one.amount;
			return up(lost, ONE);
		});
		const exposed = listed.map(([, { ours }]) => ours);
		assert.deepEqual(
			plain(await at.call.operatorRegistryApi.diversification()),
			{
				era,
				exposed: sum(exposed),
				validators: spreadOf(exposed),
				operators: spread(0),
				regions: spread(1),
				providers: spread(2),
				clients: spread(3),
				largestLoss: max(0n, ...losses),
				expectedLoss: up(sum(losses) * parameters.incident, ONE),
			},
			where,
		);
	}

	async #checkPlan(at, era, registry, elected, where) {
		const plan = plain(await at.query.operatorRegistry.lastPlan());
		const before = this.#nominations;
		const after = await readNominations(at, this.#stashes);
		this.#nominations = after;
		assert.equal(plan.era, era, where);

		// What it says is what has changed.
		const moves = after.flatMap((to, stash) =>
			to === before[stash] ? [] : [{ stash: BigInt(stash), from: before[stash], to }],
		);
		assert.deepEqual(
			plan.changes.map(({ stash, from, to }) => ({ stash, from, to })),
			moves,
			where,
		);
		const placed = after.filter((validator) => validator !== null).length;
		const stashes = placed + Number(plan.unplaced);
		checkCaps(after, registry, stashes, where);

		const { parameters, run } = registry;
		const stake = await this.#stakeOfEach(at);
		const least = [...elected.values()].reduce(
			(least, { total }) => (least === null ? total : min(least, total)),
			null,
		);
		const free = BigInt(elected.size) < plain(await at.query.staking.validatorCount());
		const loadsBefore = countOf(before);
		// Who is not elected needs enough to pass the last one by a twentieth.
		const electable = ({ validator, elected, others }) => {
			const ours = stake * BigInt(loadsBefore.get(validator) ?? 1);
			return elected || free || others + ours >= least + up(least * 5n, 100n);
		};
		const scores = registry.scores.map((score) =>
			score.fitness === 'Fit' && !electable(score)
				? { ...score, fitness: 'NotElectable' }
				: score,
		);
		const limits = limitsByCoverage({ scores, parameters, run }, before, {
			stashes,
			stake,
			seats: BigInt(elected.size),
		});
		const names = (validators) => validators.map((v) => run.get(v)?.[0] ?? null);
		for (const [validator, count] of countOf(after)) {
			const most = limits.validators.get(validator);
			assert.ok(count <= most, `${count} of at most ${most} on ${validator} in ${where}`);
		}
		for (const [name, count] of countOf(names(after))) {
			const most = limits.operators.get(name);
			assert.ok(count <= most, `${count} of at most ${most} of ${name} in ${where}`);
		}

		const fitness = new Map(scores.map((score) => [score.validator, score.fitness]));
		after.forEach((to) => to && assert.equal(fitness.get(to), 'Fit', where));
		const held = before.filter((validator) => fitness.get(validator) === 'Fit');
		for (const { from, reason } of plan.changes) {
			if (from === null) assert.equal(reason, 'New', where);
			else if (!fitness.has(from)) assert.equal(reason, 'Unlisted', where);
			else if (fitness.get(from) !== 'Fit') {
				assert.deepEqual(reason, { Unfit: fitness.get(from) }, where);
			} else if (reason === 'ValidatorOverCap') {
				const count = countOf(held).get(from);
				assert.ok(count > limits.validators.get(from), where);
			} else if (reason.ClusterOverCap) {
				const dimension = reason.ClusterOverCap.toLowerCase();
				const d = DIMENSIONS.indexOf(dimension);
				const labels = held.map((validator) => run.get(validator)[d]);
				const label = run.get(from)[d];
				const cap = partOf(parameters[`${dimension}Cap`], stashes);
				const most = dimension === 'operator' ? limits.operators.get(label) : cap;
				assert.ok(countOf(labels).get(label) > most, where);
			} else assert.equal(reason, 'Better', where);
		}
		const better = plan.changes.filter(({ reason }) => reason === 'Better').length;
		assert.ok(better <= parameters.churn, `${better} stashes moved in ${where}`);

		for (const [validator, record] of this.#records) {
			const chosen = after.includes(validator);
			record.planned = chosen ? (record.planned ?? era) : null;
			if (chosen) record.exposed = max(record.exposed ?? 0n, era);
		}
	}

	/** What a stash has staked, on average. */
	async #stakeOfEach(at) {
		const ledgers = plain(await at.query.staking.ledger.multi(this.#stashes));
		const active = ledgers.map((ledger) => ledger?.active ?? 0n);
		const staked = active.filter((amount) => amount > 0n);
		return staked.length > 0 ? sum(staked) / BigInt(staked.length) : 0n;
	}

	/** Asserts that the chain has taken the same notes of each validator. */
	async #checkRecords(at, where) {
		const records = await at.query.operatorRegistry.validators.entries();
		for (const [{ args }, record] of records) {
			const { now, before, toShow, atRisk, fell, ...noted } = this.#records.get(
				plain(args[0]),
			);
			const { operator, attested, leftIn, ...stored } = plain(record);
			assert.deepEqual(stored, { ...noted, commission: [now, before] }, where);
			const standing = plain(await at.query.operatorRegistry.standings(plain(args[0])));
			assert.deepEqual(standing, { own: atRisk, fell, toShow }, where);
		}
	}
}

function newRecord(window) {
	return {
		fitFrom: 0n,
		reliability: ONE,
		penalty: 0n,
		lastOffence: null,
		now: 0n,
		before: 0n,
		window,
		planned: null,
		exposed: null,
		idle: null,
		toShow: 0n,
		atRisk: 0n,
		fell: null,
	};
}

/**
 * Takes note of the last era, and of `absent` ones without points: an eighth of the reliability is
 * new, the penalty fades by a 64th.
 */
function observe(record, { made, absent, offence, commission }, era, window) {
	if (made !== null) record.reliability = (7n * record.reliability + made) / 8n;
	for (let i = 0; i < absent; i++) record.reliability = (7n * record.reliability) / 8n;
	record.penalty -= record.penalty / 64n;
	if (offence !== null && (record.lastOffence === null || offence > record.lastOffence)) {
		record.penalty = ONE - (ONE - record.penalty) / 2n;
		record.lastOffence = offence;
	}
	const age = era - record.window;
	if (age < window) {
		record.now = max(record.now, commission);
	} else {
		record.before = age < 2n * window ? record.now : 0n;
		record.now = commission;
		record.window = era;
	}
}

/** The last era in which a validator was slashed, applied or not. */
async function lastOffence(at, validator) {
	const spans = plain(await at.query.staking.slashingSpans(validator));
	return spans !== null && spans.spanIndex > 0n ? spans.lastNonzeroSlash : null;
}

/** 64 bits of the hash of an attested label; nobody else has zero. */
export function clusterOf(label) {
	return max(Buffer.from(blake2AsU8a(label, 256)).readBigUInt64LE(), 1n);
}

function clustersOf(operator, checked) {
	return labelsOf(operator, checked).map((label) =>
		label === UNATTESTED ? 0n : clusterOf(label),
	);
}

/** A part of at most one, in billionths. */
function fill(numerator, denominator) {
	return numerator < denominator ? (numerator * ONE) / denominator : ONE;
}
