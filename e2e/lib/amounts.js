// SPDX-License-Identifier: Apache-2.0

// Arithmetic of amounts. Division of BigInt rounds down.

/** @param {bigint[]} amounts */
export function sum(amounts) {
	return amounts.reduce((total, amount) => total + amount, 0n);
}

/**
 * A quotient, rounded up.
 *
 * @param {bigint} dividend
 * @param {bigint} divisor
 */
export function up(dividend, divisor) {
	return (dividend + divisor - 1n) / divisor;
}

/** @param {bigint[]} amounts */
export function min(...amounts) {
	return amounts.reduce((least, amount) => (amount < least ? amount : least));
}

/** @param {bigint[]} amounts */
export function max(...amounts) {
	return amounts.reduce((most, amount) => (amount > most ? amount : most));
}
