// SPDX-License-Identifier: Apache-2.0

// The insurance fund's books, kept a second time: from the events of each block, with arithmetic of
// their own. They begin as the chain's and must be the chain's after every block.

/** @import { FundParameters, FundState, LeaversPart, Provision } from './types.js' */

import assert from 'node:assert/strict';
import { Metadata, TypeRegistry } from '@polkadot/types';
import { max, min, sum, up } from './amounts.js';
import { plain } from './chain.js';
import { onStream } from './pool.js';

/** Eras from an offence to its slash on the development chain; not to be read from it. */
export const SLASH_DELAY = 3n;

const RATE = 10n ** 18n;
const BILLION = 10n ** 9n;
// Shares worth less than a millionth of an asset are void.
const WIPED = 1_000_000n;
// A request to withdraw waits for the bonding duration and so many eras, and lapses after as many; and if
// nobody could leave before that, as many after the era in which somebody could again.
const EXTRA_ERAS = 2n;
// What leavers have paid is kept as a part of what was withheld, so fine that only the chain rounds.
const FINE = 10n ** 60n;
const NOTHING = { amount: 0n, start: 0n, end: 0n };
const UNPAID = { operator: 0n, underwriters: 0n, leavers: 0n, reserve: 0n };

/** All that the fund keeps, and what its views say. */
export async function readFund(at) {
	const { insuranceFund } = at.query;
	const api = at.call.insuranceFundApi;
	const [state, provisions, underwriters, coverage, claims] = await Promise.all([
		insuranceFund.fund().then(plain),
		insuranceFund.provisions().then(plain),
		insuranceFund.underwriters.entries(),
		api.coverage().then(plain),
		api.claims(0).then(plain),
	]);
	const positions = new Map(
		underwriters.map(([{ args }, position]) => [plain(args[0]), plain(position)]),
	);
	return { state, provisions, positions, coverage, claims };
}

/**
 * The fund's parameters that act in block `number`.
 *
 * @returns {Promise<FundParameters>}
 */
export async function readFundParameters(at, number) {
	const { current, next } = plain(await at.query.insuranceFund.parameters());
	return next !== null && next[0] <= BigInt(number) ? next[1] : current;
}

/** What the bonds of operators hold: by validator the operator, and by operator the bond. */
export async function readBonds(at) {
	const { validators, operators } = at.query.operatorRegistry;
	const [run, held] = await Promise.all([validators.entries(), operators.entries()]);
	return {
		operators: new Map(run.map(([{ args }, v]) => [plain(args[0]), plain(v).operator])),
		bonds: new Map(held.map(([{ args }, o]) => [plain(args[0]), plain(o).bond])),
	};
}

/** What the chain says that `assets` would buy: a view function, which polkadot.js cannot call. */
export async function previewUnderwrite(api, assets) {
	const opaque = await api.call.metadata.metadataAtVersion(16);
	const { asV16 } = new Metadata(new TypeRegistry(), opaque.unwrap().toU8a(true));
	const pallet = asV16.pallets.find(({ name }) => name.toString() === 'InsuranceFund');
	const { id } = pallet.viewFunctions.find(({ name }) => `${name}` === 'preview_underwrite');
	const argument = api.createType('Bytes', api.createType('u128', assets).toHex(true));
	const input = Buffer.concat([id.toU8a(), argument.toU8a()].map((bytes) => Buffer.from(bytes)));
	const answer = await api.rpc.state.call(
		'RuntimeViewFunction_execute_view_function',
		`0x${input.toString('hex')}`,
	);
	const { asOk: bytes } = api.createType('Result<Bytes, u8>', answer.toU8a(true));
	return plain(api.createType('Option<u128>', bytes.toU8a(true)));
}

/**
 * What is paid for `loss` after the bonds: first by the underwriters, then by the reserve.
 *
 * @param {FundState} state
 * @param {bigint} loss
 * @param {bigint} era
 */
export function split(state, loss, era, leavers = 0n) {
	const rest = loss - leavers;
	const underwriters = min(rest, state.underwriting);
	const reserve = min(rest - underwriters, allowed(state, era));
	return { underwriters, leavers, reserve };
}

/**
 * What the reserve may pay for the slashes that are due in `era`.
 *
 * @param {FundState} state
 * @param {bigint} era
 */
export function allowed({ reserve, limit, allowance, allowanceEra }, era) {
	const fresh = allowanceEra === null || era > allowanceEra;
	return min(fresh ? (reserve * limit) / BILLION : allowance, reserve);
}

/**
 * What underwriters and reserve can pay for the slashes of one era.
 *
 * @param {FundState} state
 */
export function payable({ underwriting, reserve, limit }) {
	return underwriting + (reserve * limit) / BILLION;
}

/**
 * The era in which a request lapses that is mature from `maturesIn` on.
 *
 * @param {FundState} state
 * @param {bigint} maturesIn
 */
function lapsesIn({ blocked }, maturesIn) {
	const end = maturesIn + EXTRA_ERAS;
	const held = blocked !== null && blocked.from < end && maturesIn <= blocked.until;
	return held ? max(end, blocked.until + 1n + EXTRA_ERAS) : end;
}

/**
 * What `shares` of underwriters bring if they leave in block `number`, and what they forfeit.
 *
 * @param {FundState} state
 * @param {number} number
 * @param {bigint} shares
 */
export function exit(state, number, shares) {
	const unreleased = onStream(state, number);
	const released = state.underwriting - unreleased;
	const assets = min((shares * (released + 1n)) / (state.shares + 1n), released);
	return { assets, forfeited: (unreleased * shares) / state.shares };
}

/**
 * What is withheld from them for the open reports, provision by provision.
 *
 * @param {FundState} state
 * @param {Provision[]} provisions
 * @param {bigint} shares
 */
export function withheldFrom(state, provisions, shares) {
	return provisions.map(({ amount, locked }) => up((amount - locked) * shares, state.shares));
}

/**
 * The part of the rewards that is the premium: it rises with the square of what is lacking.
 *
 * @param {FundState} state
 * @param {FundParameters} parameters
 */
export function premiumRate(state, parameters) {
	const { target, slashable } = state;
	const { premiumMin, premiumMax } = parameters;
	const short = target - payable(state);
	if (!slashable || short <= 0n) return premiumMin;
	const lacking = (short * BILLION) / target;
	return premiumMin + ((premiumMax - premiumMin) * lacking ** 2n) / BILLION ** 2n;
}

export class Fund {
	/** From what the chain has at the end of a block. */
	constructor({ state, provisions, positions, claims }, bondingDuration) {
		this.bondingDuration = bondingDuration;
		/** @type {FundState} */
		this.state = structuredClone(state);
		this.positions = structuredClone(positions);
		assert.deepEqual([provisions, claims], [[], []], 'a scenario begins without reports');
		/** @type {Provision[]} */
		this.provisions = [];
		this.claims = [];
		// What leavers have left, by request; and provisions that are settled, by number.
		/** @type {Map<bigint, LeaversPart[]>} */
		this.leavers = new Map();
		/** @type {Map<bigint, Provision & { assets: bigint }>} */
		this.outcomes = new Map();
	}

	/**
	 * What is to be known of a block before its events are booked. `bonds` are what operators had
	 * before it, `risk` what the registry had measured by then.
	 */
	begin({ number, parameters, bonds, risk, era }) {
		this.block = { number, parameters, risk, era };
		this.bonds = bonds && structuredClone(bonds);
		this.due = null;
		this.closed = null;
	}

	/** Premium and fee out of `reward`, of which `fee` is set aside for the fund, and `rest` is left. */
	dues(reward, fee, rest) {
		const { state } = this;
		const { parameters } = this.block;
		const premium = min(
			(premiumRate(state, parameters) * reward) / BILLION,
			(state.underwriting * parameters.yieldMax) / BILLION,
		);
		const lacking = max(state.target - payable(state) - premium, 0n);
		const needed = state.limit > 0n ? up(lacking * BILLION, state.limit) : 0n;
		this.due = { premium: min(premium, rest), fee: min(fee, needed) };
		return this.due;
	}

	/** Books an event of the fund. */
	book(name, data) {
		const where = `${name} in block ${this.block.number}`;
		const handler = Fund.#handlers[name];
		assert.ok(handler, `no scenario expects ${where}`);
		handler.call(this, data, where);
	}

	/**
	 * What each event changes in the books.
	 *
	 * @type {Record<string, (this: Fund, data: any, where: string) => void>}
	 */
	static #handlers = {
		Underwritten({ who, assets, shares }, where) {
			const { state } = this;
			const bought = (assets * (state.shares + 1n)) / (state.underwriting + 1n);
			assert.equal(shares, bought, where);
			state.underwriting += assets;
			state.shares += shares;
			this.#position(who).shares += shares;
		},

		WithdrawalRequested({ who, request, shares, maturesIn }, where) {
			assert.equal(request, this.state.nextRequest++, where);
			assert.equal(maturesIn, this.block.era + this.bondingDuration + EXTRA_ERAS, where);
			this.#position(who).requests.push({ id: request, shares, maturesIn });
		},

		Withdrawn(data, where) {
			this.#withdraw(data, where);
		},

		WithheldPaid(data, where) {
			this.#collect(data, where);
		},

		ReserveToppedUp({ assets }) {
			this.state.reserve += assets;
		},

		DebtRepaid({ assets }) {
			this.state.reserve += assets;
		},

		Collected(data, where) {
			assert.deepEqual(data, this.due, where);
			this.state.reserve += data.fee;
			if (this.state.shares === 0n) this.state.reserve += data.premium;
			else this.#putOnStream(data.premium);
			this.due = null;
		},

		TargetSet(data, where) {
			const { state } = this;
			const { number, parameters, era, risk } = this.block;
			const blocks = BigInt(number) - state.eraStart;
			if (state.era !== null) state.eraLength = blocks / (data.era - state.era);
			Object.assign(state, { era, eraStart: BigInt(number), slashable: true });
			state.target = min(
				max(risk.largestLoss + risk.expectedLoss, parameters.targetFloor),
				parameters.targetCap,
			);
			state.limit = parameters.reserveLimit;
			const { target } = state;
			const assets = payable(state);
			const premium = premiumRate(state, parameters);
			assert.deepEqual(data, { era, target, assets, premium }, where);
			this.#noteBlocked(era);
			if (state.reported > 0n) this.#countBonds();
		},

		ClaimOpened({ claim, validator, appliedIn, amount }, where) {
			assert.equal(claim, this.state.nextClaim++, where);
			const offenceEra = appliedIn - SLASH_DELAY;
			const known = { id: claim, validator, offenceEra, appliedIn, open: amount };
			this.claims.push({ ...known, lost: 0n, paid: { ...UNPAID }, state: 'Open' });
			this.#provide(appliedIn, amount);
			this.#told();
		},

		ClaimChanged({ claim: id, amount }, where) {
			const claim = this.#claim(id, where);
			const more = amount - claim.open;
			if (more > 0n) this.#provide(claim.appliedIn, more);
			else this.#settle(claim.appliedIn, -more, 0n);
			claim.open = amount;
			this.#told();
		},

		ClaimReleased({ claim: id, amount, state }, where) {
			const claim = this.#claim(id, where);
			assert.equal(amount, claim.open, where);
			this.#settle(claim.appliedIn, claim.open, 0n);
			const unpaid = claim.appliedIn <= this.block.era ? 'Expired' : 'Cancelled';
			Object.assign(claim, { open: 0n, state: claim.lost > 0n ? 'Applied' : unpaid });
			assert.equal(state, claim.state, where);
			this.#told();
		},

		LossCovered(data, where) {
			this.#cover(data, where);
		},

		ClassClosed(data, where) {
			assert.deepEqual(data, this.closed, where);
		},

		// Moves nothing in the books.
		ParametersSet() {},
	};

	// A premium is released over an era, and what is on the stream no faster than before.
	#putOnStream(premium) {
		const { state } = this;
		const { number } = this.block;
		const unreleased = onStream(state, number);
		const end = BigInt(number) + max(state.eraLength, 1n);
		state.underwriting += premium;
		state.stream = {
			amount: unreleased + premium,
			start: BigInt(number),
			end: unreleased > 0n ? max(end, state.stream.end) : end,
		};
	}

	/** Asserts that the chain's books are these, and that its account `has` what they say. */
	check({ state, provisions, positions, coverage, claims }, has, where) {
		const { state: mine } = this;
		assert.equal(this.due, null, `the fund got its dues in ${where}`);
		assert.deepEqual(state, mine, `the fund in ${where}`);
		assert.deepEqual(positions, this.positions, `underwriters in ${where}`);
		assert.deepEqual(claims, this.claims, `claims in ${where}`);
		const known = ({ id, appliedIn, amount, locked, released, parts }) =>
			[id, appliedIn, amount, locked, released, BigInt(parts)].join();
		assert.deepEqual(provisions.map(known), this.provisions.map(known), where);
		const { underwriting, reserve, withheld, reported, target } = mine;
		const assets = payable(mine);
		assert.deepEqual(
			coverage,
			{
				assets,
				underwriters: underwriting,
				reserve: assets - underwriting,
				reserveHeld: reserve,
				target,
				ratio: target > 0n ? (assets * RATE) / target : 2n ** 128n - 1n,
				provisional: reported,
				premium: premiumRate(mine, this.block.parameters),
			},
			`the view of the fund in ${where}`,
		);
		assert.equal(sum(this.claims.map(({ open }) => open)), reported, where);
		assert.equal(has, underwriting + reserve + withheld, `the fund's account in ${where}`);
		const open = [...positions.values()].filter((position) => position.class === mine.class);
		const shares = sum(open.map((position) => position.shares));
		assert.equal(shares, mine.shares, `shares of underwriters in ${where}`);
	}

	// What an underwriter has, without requests that have lapsed.
	#position(who) {
		const old = this.positions.get(who);
		const known = old?.class === this.state.class ? old : { shares: 0n, requests: [] };
		const open = ({ maturesIn }) => this.block.era < lapsesIn(this.state, maturesIn);
		const position = {
			class: this.state.class,
			shares: known.shares,
			requests: known.requests.filter(open),
		};
		this.positions.set(who, position);
		return position;
	}

	#claim(id, where) {
		const claim = this.claims.find((claim) => claim.id === id);
		assert.equal(claim?.state, 'Open', where);
		return claim;
	}

	#withdraw({ who, request, shares, assets, withheld }, where) {
		const { state } = this;
		const { number, era } = this.block;
		const position = this.positions.get(who);
		const index = position.requests.findIndex(({ id }) => id === request);
		const [{ maturesIn, ...asked }] = position.requests.splice(index, 1);
		assert.deepEqual(asked, { id: request, shares }, where);
		assert.ok(era >= maturesIn && era < lapsesIn(state, maturesIn), where);
		const worth = exit(state, number, shares);
		const parts = withheldFrom(state, this.provisions, shares);
		assert.equal(withheld, sum(parts), where);
		assert.equal(assets, worth.assets - withheld, where);
		const left = [];
		parts.forEach((part, i) => {
			if (part === 0n) return;
			const provision = this.provisions[i];
			if (provision.parts === 0) Object.assign(provision, { open: FINE, paid: 0n });
			const { open, paid } = provision;
			provision.locked += part;
			provision.parts += 1;
			left.push({ provision: provision.id, assets: part, open, paid });
		});
		if (left.length > 0) this.leavers.set(request, left);
		position.shares -= shares;
		if (position.shares === 0n) this.positions.delete(who);
		state.underwriting -= worth.assets + worth.forfeited;
		state.shares -= shares;
		this.#shorten(worth.forfeited);
		state.reserve += worth.forfeited;
		state.withheld += withheld;
		state.locked += withheld;
		state.bonds = max(state.bonds - withheld, 0n);
		if (state.shares === 0n) this.#clear();
	}

	// The premium to come, less `amount`.
	#shorten(amount) {
		const { state } = this;
		const { number } = this.block;
		const left = onStream(state, number) - amount;
		state.stream = { ...state.stream, amount: left, start: BigInt(number) };
	}

	#clear() {
		const { state } = this;
		state.reserve += state.underwriting;
		Object.assign(state, { underwriting: 0n, shares: 0n, stream: { ...NOTHING } });
	}

	// After each report that is told; the last one decides.
	#told() {
		this.#noteDue();
		this.#countBonds();
		this.#noteBlocked(this.block.era);
	}

	#noteDue() {
		const eras = this.provisions.map(({ appliedIn }) => appliedIn);
		this.state.firstDue = eras.length > 0 ? min(...eras) : null;
	}

	// Whether all that the underwriters have is reported, but for a millionth.
	#noteBlocked(era) {
		const { state } = this;
		const liable = state.reported - state.locked;
		const has = state.underwriting - onStream(state, this.block.number);
		if (state.shares === 0n || liable <= 0n || has > liable + has / WIPED) return;
		const { blocked } = state;
		const goesOn = blocked !== null && era < blocked.until + 1n + EXTRA_ERAS;
		state.blocked = { from: goesOn ? blocked.from : era, until: era };
	}

	// What bonds will pay of the open claims: each once, and what is due first. Leavers bear their part of
	// what bonds do not pay, so that the others are spared the rest only.
	#countBonds() {
		const { operators, bonds } = this.bonds;
		const left = new Map(bonds);
		const paid = new Map();
		const open = this.claims.filter(({ state }) => state === 'Open');
		open.sort((a, b) => Number(a.appliedIn - b.appliedIn));
		for (const { validator, appliedIn, open: amount } of open) {
			const run = operators.get(validator);
			const part = min(left.get(run) ?? 0n, amount);
			left.set(run, (left.get(run) ?? 0n) - part);
			paid.set(appliedIn, (paid.get(appliedIn) ?? 0n) + part);
		}
		const spare = (/** @type {Provision} */ { appliedIn, amount, locked }) => {
			const part = paid.get(appliedIn) ?? 0n;
			return part - up(part * locked, amount);
		};
		this.state.bonds = sum(this.provisions.map(spare));
	}

	#provide(era, amount) {
		const { state } = this;
		state.reported += amount;
		const provision = this.provisions.find(({ appliedIn }) => appliedIn === era);
		if (provision) provision.amount += amount;
		else this.provisions.push(this.#provision(era, amount));
	}

	#provision(appliedIn, amount) {
		const id = this.state.nextProvision++;
		const none = { locked: 0n, released: 0n, parts: 0, open: FINE, paid: 0n };
		return { id, appliedIn, amount, ...none };
	}

	// `reported` is not open any more; leavers have paid `paid` for it, and get back the rest.
	#settle(era, reported, paid) {
		const { state, provisions } = this;
		const index = provisions.findIndex(({ appliedIn }) => appliedIn === era);
		const provision = provisions[index];
		const { amount, locked, open } = provision;
		const resolved = max((locked * reported) / amount, paid);
		const released = resolved - paid;
		if (locked > 0n) {
			provision.open = (open * (locked - resolved)) / locked;
			provision.paid += (open * paid) / locked;
		}
		provision.amount -= reported;
		provision.locked -= resolved;
		provision.released += released;
		state.reported -= reported;
		state.locked -= released;
		const left = provision.parts > 0;
		if (provision.locked > 0n || (provision.amount > 0n && !left)) return;
		if (left) this.outcomes.set(provision.id, { ...provision, assets: provision.released });
		if (provision.amount > 0n) provisions[index] = this.#provision(era, provision.amount);
		else provisions.splice(index, 1);
	}

	// What was withheld from a leaver, less what he has paid since.
	#collect({ request, assets }, where) {
		const { state } = this;
		const left = this.leavers.get(request);
		const done = left.filter(({ provision }) => this.outcomes.has(provision));
		assert.equal(done.length, 1, `no scenario settles two at once: ${where}`);
		const [part] = done;
		const outcome = this.outcomes.get(part.provision);
		const rest = part.assets - up(part.assets * (outcome.paid - part.paid), part.open);
		assert.ok(assets <= rest && assets + 2n >= rest, `${assets} of ${rest}: ${where}`);
		outcome.assets -= assets;
		outcome.parts -= 1;
		state.withheld -= assets;
		if (outcome.parts === 0) {
			state.withheld -= outcome.assets;
			state.reserve += outcome.assets;
			this.outcomes.delete(part.provision);
		}
		const others = left.filter((other) => other !== part);
		if (others.length > 0) this.leavers.set(request, others);
		else this.leavers.delete(request);
	}

	// The bond, the underwriters with those who have left, the reserve: each as far as it goes. All
	// slashes of the scenarios were reported to the unit.
	#cover({ claim: id, validator, loss, paid }, where) {
		const { state } = this;
		const { number } = this.block;
		const claim = this.#claim(id, where);
		assert.equal(claim.validator, validator, where);
		assert.ok(loss <= claim.open, where);
		const { operators, bonds } = this.bonds;
		const run = operators.get(validator);
		const operator = min(bonds.get(run) ?? 0n, loss);
		bonds.set(run, (bonds.get(run) ?? 0n) - operator);

		const era = claim.appliedIn;
		const provision = this.provisions.find(({ appliedIn }) => appliedIn === era);
		const rest = loss - operator;
		const leavers = min(up(rest * provision.locked, provision.amount), provision.locked);
		const mine = { operator, ...split(state, rest, era, leavers) };
		assert.deepEqual(paid, mine, where);
		this.paid = sum(Object.values(mine));
		// A unit more where leavers' parts are rounded; until all is counted anew.
		const rounding = provision.locked > 0n ? 1n : 0n;
		state.bonds = max(state.bonds - operator - rounding, 0n);

		if (mine.reserve > 0n) {
			state.allowance = allowed(state, era) - mine.reserve;
			state.allowanceEra = max(state.allowanceEra ?? era, era);
			state.reserve -= mine.reserve;
		}
		state.withheld -= leavers;
		state.locked -= leavers;
		state.underwriting -= mine.underwriters;
		const excess = onStream(state, number) - state.underwriting;
		if (excess > 0n) this.#shorten(excess);
		const { underwriting, shares } = state;
		if (shares > 0n && (underwriting === 0n || underwriting < shares / WIPED)) {
			this.closed = { class: state.class, rest: underwriting };
			this.#clear();
			state.class += 1n;
		}

		this.#settle(era, loss, leavers);
		claim.open -= loss;
		claim.lost += loss;
		for (const [who, part] of Object.entries(mine)) claim.paid[who] += part;
		if (claim.open === 0n) claim.state = 'Applied';
		this.#noteDue();
		if (state.era !== null) this.#noteBlocked(state.era);
	}
}
