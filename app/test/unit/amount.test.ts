// SPDX-License-Identifier: Apache-2.0

import assert from 'node:assert/strict';
import test from 'node:test';
import * as amount from '../../src/lib/amount.ts';

const { parseAmount, format, plain, least, percent, share, rate, fixed, split, rateUnits } = amount;

test('an amount is read to its last digit', () => {
	const read = (text: string) => parseAmount(text).units;
	assert.equal(read('1'), 10_000_000_000n);
	assert.equal(read('0.0000000001'), 1n);
	assert.equal(read('.5'), 5_000_000_000n);
	assert.equal(read('1.'), 10_000_000_000n);
	assert.equal(read(' 1,234,567.0123456789 '), 12_345_670_123_456_789n);
	// As a float this would be ...984.
	assert.equal(read('90071992547.40992001'), 900_719_925_474_099_200_100n);
	assert.equal(read('34028236692093846346337460743.1768211455'), 2n ** 128n - 1n);
});

test('what is not clearly an amount is a problem, and no guess', () => {
	for (const text of ['', '.', '-1', '+1', '1e3', '1,5', '12,34', '1.5.5', '0x10', '١', '1_000', 'NaN', '1 000']) {
		assert.ok(parseAmount(text).problem, text);
	}
	assert.match(parseAmount('0.00000000001').problem!, /10 decimals; this has 11/);
	assert.match(parseAmount('34028236692093846346337460743.1768211456').problem!, /No account holds/);
});

test('what is shown is what is read', () => {
	let seed = 1n;
	for (let i = 0; i < 5_000; i++) {
		seed = (seed * 6364136223846793005n + 1442695040888963407n) % 2n ** 64n;
		const units = (seed * seed) >> (seed % 128n);
		assert.equal(parseAmount(format(units)).units, units);
		assert.equal(parseAmount(plain(units)).units, units);
		const { whole, head, tail } = split(units);
		assert.equal(`${whole}${head && `.${head}${tail}`}`, format(units));
	}
});

test('amounts are shown with groups, and without zeros at the end', () => {
	assert.equal(format(0n), '0');
	assert.equal(format(12_345_678_900_000n), '1,234.56789');
	assert.equal(format(-1n), '−0.0000000001');
	assert.deepEqual(split(10_000_100_000n), { sign: '', whole: '1', head: '0000', tail: '1' });
	assert.deepEqual(split(15_000_000_000n), { sign: '', whole: '1', head: '5', tail: '' });
});

test('the least that is accepted is at most 0.05 % below the quote, never more', () => {
	assert.equal(least(0n), 0n);
	assert.equal(least(1n), 1n);
	assert.equal(least(1_999n), 1_999n);
	assert.equal(least(2_000n), 1_999n);
	assert.equal(least(10n ** 30n), 10n ** 30n - 5n * 10n ** 26n);
	for (let quote = 0n; quote < 10_000n; quote++) {
		const missing = quote - least(quote);
		assert.ok(missing >= 0n && missing * 2_000n <= quote);
	}
});

test('parts and rates are exact, and round down', () => {
	assert.equal(percent(25_000_000), '2.5 %');
	assert.equal(percent(1), '0.0000001 %');
	assert.equal(percent(1_000_000_000), '100 %');
	assert.equal(share(1n, 3n), '33.33 %');
	assert.equal(share(2n, 3n, 1), '66.6 %');
	assert.equal(share(1n, 0n), '–');
	assert.equal(rate(123_499_999_999_999_999n), '12.34 %');
	assert.equal(rate(-1n), '−0.01 %');
	assert.equal(rate(0n), '0 %');
	assert.equal(fixed(1_234_567_890_123_456_789n, 10), '1.2345678901');
	assert.equal(rateUnits(1_012_345_678_999_999_999n), 10_123_456_789n);
});

test('what is divided rounds to the side that is named', () => {
	assert.equal(amount.down(10n, 1n, 3n), 3n);
	assert.equal(amount.up(10n, 1n, 3n), 4n);
	assert.equal(amount.up(9n, 1n, 3n), 3n);
	assert.equal(amount.down(10n, 1n, 0n), 0n);
	assert.equal(amount.less(3n, 5n), 0n);
});
