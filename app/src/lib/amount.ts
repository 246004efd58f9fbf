// SPDX-License-Identifier: Apache-2.0

// Amounts are whole numbers of the smallest unit, 10⁻¹⁰ HOLD or stHOLD. No float touches them.

export const DECIMALS = 10;
export const UNIT = 10n ** BigInt(DECIMALS);
/** Fixed point numbers of the chain have 18 decimals. */
export const FIXED = 10n ** 18n;
/** Parts of the chain are in billionths. */
export const BILLION = 1_000_000_000n;
const MOST = 2n ** 128n - 1n;

export type Parsed = { units: bigint; problem?: undefined } | { units?: undefined; problem: string };

/** Reads what somebody has typed or pasted. Nothing is guessed: what is not clear is a problem. */
export function parseAmount(text: string, symbol = 'HOLD'): Parsed {
	const typed = text.trim();
	const match = /^(\d+|\d{1,3}(?:,\d{3})+)(?:\.(\d*))?$|^\.(\d+)$/.exec(typed);
	if (!match) {
		return { problem: `Write an amount in ${symbol}, such as 1250 or 1,250.5.` };
	}
	const whole = (match[1] ?? '0').replaceAll(',', '');
	const fraction = match[2] ?? match[3] ?? '';
	if (fraction.length > DECIMALS) {
		return { problem: `${symbol} has ${DECIMALS} decimals; this has ${fraction.length}.` };
	}
	const units = BigInt(whole) * UNIT + BigInt(fraction.padEnd(DECIMALS, '0'));
	return units > MOST ? { problem: 'No account holds as much.' } : { units };
}

export interface Split {
	sign: '' | '−';
	whole: string;
	/** The first four decimals, with trailing zeros only where more decimals follow. */
	head: string;
	/** The decimals after these, without trailing zeros. */
	tail: string;
}

/** The parts in which an amount is shown: all of its digits, those that weigh little set apart. */
export function split(units: bigint): Split {
	const size = units < 0n ? -units : units;
	const digits = (size % UNIT).toString().padStart(DECIMALS, '0').replace(/0+$/, '');
	return {
		sign: units < 0n ? '−' : '',
		whole: group(size / UNIT),
		head: digits.slice(0, 4),
		tail: digits.slice(4),
	};
}

/** `12345678900000n` as `1,234.56789`. */
export function format(units: bigint): string {
	const { sign, whole, head, tail } = split(units);
	return `${sign}${whole}${head && `.${head}${tail}`}`;
}

/** As a text field takes it: without groups. */
export function plain(units: bigint): string {
	return format(units).replaceAll(',', '');
}

export function group(whole: bigint | number): string {
	return whole.toString().replace(/\B(?=(\d{3})+$)/g, ',');
}

/** `amount * numerator / denominator`, rounded down. */
export function down(amount: bigint, numerator: bigint, denominator: bigint): bigint {
	return denominator === 0n ? 0n : (amount * numerator) / denominator;
}

/** `amount * numerator / denominator`, rounded up. */
export function up(amount: bigint, numerator: bigint, denominator: bigint): bigint {
	return denominator === 0n ? 0n : (amount * numerator + denominator - 1n) / denominator;
}

/** What may be lost of a quote between signing and the block, in hundred thousandths: 0.05 %. */
export const TOLERANCE = 50n;

/** The least that is accepted for a quote: the tolerance below it, rounded in favour of who signs. */
export function least(quote: bigint): bigint {
	return quote - down(quote, TOLERANCE, 100_000n);
}

/** Billionths in per cent, exactly: `25_000_000` as `2.5 %`. */
export function percent(billionths: bigint | number): string {
	return `${decimal(BigInt(billionths), 7)} %`;
}

/** `part` of `whole` in per cent, cut after `decimals`; "–" where there is no whole. */
export function share(part: bigint, whole: bigint, decimals = 2): string {
	if (whole === 0n) return '–';
	return `${decimal(down(part, 100n * 10n ** BigInt(decimals), whole), decimals)} %`;
}

/** A fixed point number of 18 decimals in per cent, rounded down, with a sign: an annual rate. */
export function rate(fixed: bigint): string {
	const scale = FIXED / 10_000n;
	const parts = fixed >= 0n ? fixed / scale : -((-fixed + scale - 1n) / scale);
	return `${decimal(parts, 2)} %`;
}

/** A fixed point number of 18 decimals, cut after `decimals`. */
export function fixed(value: bigint, decimals: number): string {
	return decimal(value / 10n ** BigInt(18 - decimals), decimals);
}

/** What one share is worth, in units of assets, rounded down. */
export function rateUnits(fixedRate: bigint): bigint {
	return fixedRate / (FIXED / UNIT);
}

/** A whole number of `10^-decimals`, without trailing zeros. */
function decimal(value: bigint, decimals: number): string {
	const size = value < 0n ? -value : value;
	const one = 10n ** BigInt(decimals);
	const fraction = (size % one).toString().padStart(decimals, '0').replace(/0+$/, '');
	return `${value < 0n ? '−' : ''}${group(size / one)}${decimals && fraction ? `.${fraction}` : ''}`;
}

export const min = (a: bigint, b: bigint) => (a < b ? a : b);
export const max = (a: bigint, b: bigint) => (a > b ? a : b);
export const sum = (amounts: bigint[]) => amounts.reduce((total, one) => total + one, 0n);

/** Takes away at most what there is. */
export const less = (from: bigint, amount: bigint) => (from > amount ? from - amount : 0n);
