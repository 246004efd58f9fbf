// SPDX-License-Identifier: Apache-2.0

// Somebody comes, stakes, leaves, underwrites, and sees a slash: on one chain, one test after the other.

import { activeEra, format, HOLD, plain } from '../../../e2e/lib/chain.js';
import { holdOf, stashAccounts, stholdOf } from '../../../e2e/lib/pool.js';
import {
	ask,
	banner,
	connect,
	done,
	expect,
	giveWallet,
	go,
	open,
	ready,
	shoot,
	sign,
	test,
	type Running,
} from './fixtures.ts';

test.describe.configure({ mode: 'serial' });

const DEPOSIT = '20,000.0123456789';
const digits = (text: string) => BigInt(text.replace(/[^\d]/g, ''));

/** Lets root make a call that must succeed. */
async function asRoot(node: Running, call: unknown) {
	const { chain } = node;
	const sent = await chain.send(chain.api.tx.sudo.sudo(call), chain.account('//Alice'));
	const [sudid] = sent.events.filter(({ name }) => name === 'sudo.Sudid');
	expect(sudid?.data.sudoResult).toBe(null);
	return sent;
}

/** A validator to which the pool's stake is exposed in this era. */
async function exposed(node: Running, era: bigint): Promise<string> {
	const { at } = await node.chain.head();
	const stashes = stashAccounts(node.chain.api);
	const pages = await at.query.staking.erasStakersPaged.entries(era);
	for (const [{ args }, page] of pages) {
		if (plain(page).others.some(({ who }: { who: string }) => stashes.includes(who))) return plain(args[1]);
	}
	throw new Error(`nobody is exposed in era ${era}`);
}

test('without a wallet everything can be read, and the page says what to do', async ({ page, node }) => {
	await open(page, node.url);
	await expect(banner(page)).toContainText('No wallet found in this browser');
	await expect(page.getByText('You hold')).toBeVisible();
	// No button that would do nothing.
	await page.getByRole('main').getByRole('button', { name: 'Connect a wallet to Stake' }).click();
	const dialog = page.getByRole('dialog', { name: 'Account' });
	await expect(dialog.getByRole('link', { name: 'Talisman' })).toBeVisible();
	await expect(dialog.getByRole('button', { name: 'Use Alice (development key)' })).toBeVisible();
	await shoot(page, 'state-no-wallet');
	await dialog.getByLabel('Look at an address').fill('5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQx');
	await dialog.getByRole('button', { name: 'Look' }).click();
	await expect(dialog.getByText('This is no address of an account.')).toBeVisible();
	await dialog.getByLabel('Look at an address').fill(node.chain.account('//Ferdie').address);
	await dialog.getByRole('button', { name: 'Look' }).click();
	await go(page, 'you');
	await expect(page.getByText('HOLD to spend').locator('..')).toContainText('999,999.99');
});

test('the development key stakes', async ({ page, node }) => {
	await open(page, node.url);
	await page.getByRole('banner').getByRole('button', { name: 'Connect a wallet' }).click();
	await page.getByRole('button', { name: 'Use Alice (development key)' }).click();
	await page.getByRole('button', { name: 'Close' }).click();
	await page.getByLabel('Amount', { exact: true }).fill('1000');
	await page.getByRole('button', { name: 'Stake', exact: true }).click();
	expect(await sign(page)).toContain('1,000 HOLD staked.');
});

test('a deposit brings at least what was promised, to the last digit', async ({ page, node }) => {
	await giveWallet(page, node, ['//Bob', '//Charlie']);
	await open(page, node.url);
	await connect(page, 'Bob');
	const bob = node.chain.account('//Bob').address;
	const amount = page.getByLabel('Amount', { exact: true });
	await amount.fill('0.5');
	await expect(page.getByRole('alert')).toContainText('The least is 1 HOLD.');
	await expect(page.getByRole('button', { name: 'Stake', exact: true })).toBeDisabled();
	await amount.fill('1.00000000001');
	await expect(page.getByRole('alert')).toContainText('10 decimals');
	await page.getByRole('button', { name: 'Max Amount' }).click();
	await expect(page.getByTestId('promise')).toBeVisible();
	await amount.fill(DEPOSIT);
	const promised = digits((await page.getByTestId('promise').getByRole('strong').innerText()).replace('stHOLD', ''));
	await page.getByRole('button', { name: 'Stake', exact: true }).click();
	const preview = page.getByRole('dialog', { name: 'Stake' });
	await expect(preview.getByText('0.00')).toBeVisible();
	await preview.getByText('Call data (multisig, Apps)').click();
	// liquidStaking.deposit, and the amount in the smallest unit.
	const units = 200_000_123_456_789n;
	const little = Buffer.from(units.toString(16).padStart(32, '0'), 'hex').reverse().toString('hex');
	await expect(preview.locator('.data')).toHaveText(new RegExp(`^0x3200${little}`));
	await shoot(page, 'state-preview');
	expect(await sign(page)).toMatch(/^Final, in block \d+\. 20,000\.0123456789 HOLD staked\./);
	await done(page);
	const { at } = await node.chain.head();
	const shares = await stholdOf(at, bob);
	expect(shares).toBeGreaterThanOrEqual(promised);
	await expect(page.getByText('You hold').locator('..')).toContainText(format(shares, 'stHOLD'));
	await expect(amount).toHaveValue('');
});

test('a refused signature is told, and nothing is sent', async ({ page, node }) => {
	const wallet = await giveWallet(page, node, ['//Bob']);
	wallet.refuse = true;
	await open(page, node.url);
	await connect(page);
	const bob = node.chain.account('//Bob').address;
	const nonce = (await node.chain.api.rpc.system.accountNextIndex(bob)).toNumber();
	await page.getByLabel('Amount', { exact: true }).fill('5');
	await page.getByRole('button', { name: 'Stake', exact: true }).click();
	expect(await sign(page)).toBe('You did not sign. Nothing was sent.');
	await shoot(page, 'state-refused');
	await done(page);
	// What was typed is still there.
	await expect(page.getByLabel('Amount', { exact: true })).toHaveValue('5');
	expect((await node.chain.api.rpc.system.accountNextIndex(bob)).toNumber()).toBe(nonce);
});

test('an underwriter comes', async ({ page, node }) => {
	await giveWallet(page, node, ['//Dave']);
	await open(page, node.url, '#/insurance');
	await connect(page);
	await page.getByLabel('Amount to underwrite').fill('50');
	await expect(page.getByRole('alert')).toContainText('The least is 100 HOLD.');
	await page.getByLabel('Amount to underwrite').fill('2,500.5');
	await page.getByRole('button', { name: 'Underwrite', exact: true }).click();
	expect(await sign(page)).toContain('2,500.5 HOLD underwritten, for 2,500.5 shares of the fund.');
	await done(page);
	await expect(page.getByRole('region', { name: 'Yours in the fund' })).toContainText('2,500.5');
	await page.getByLabel('Shares to withdraw').fill('0.5');
	await page.getByRole('button', { name: 'Ask to withdraw' }).click();
	expect(await sign(page)).toMatch(/Request 0 is noted\. Withdraw it in era \d+ or the one after\./);
	await done(page);
	await expect(page.getByRole('region', { name: 'Requests to withdraw' })).toContainText(/era \d+/);
});

test('who queues sees the batch, open and then claimable', async ({ page, node }) => {
	await giveWallet(page, node, ['//Bob', '//Charlie']);
	const { chain } = node;
	const charlie = chain.account('//Charlie');
	const { api } = chain;
	expect((await chain.send(api.tx.liquidStaking.deposit(3_000n * HOLD, 0), charlie)).dispatchError).toBe(null);
	expect((await chain.send(api.tx.liquidStaking.requestRedeem(100n * HOLD), charlie)).dispatchError).toBe(null);
	await open(page, node.url, '#/redeem');
	await connect(page, 'Bob');
	await page.getByLabel('Amount to queue').fill('1000');
	await page.getByRole('button', { name: 'Queue', exact: true }).click();
	expect(await sign(page)).toContain('1,000 stHOLD queued in batch');
	await done(page);
	const row = page
		.getByRole('region', { name: /^Redemptions of/ })
		.getByRole('row')
		.nth(1);
	await expect(row).toContainText('Open');
	await expect(row).toContainText('joins until');
	await shoot(page, 'state-queued');
	// Deposits of the same era pay for it.
	await expect(row).toContainText('Claimable');
});

test('a claim pays to the unit', async ({ page, node }) => {
	await giveWallet(page, node, ['//Bob']);
	await open(page, node.url, '#/redeem');
	await connect(page);
	const bob = node.chain.account('//Bob').address;
	const [redemption] = await ask(node, 'liquidStakingApi', 'redemptionsOf', bob);
	const before = await holdOf((await node.chain.head()).at, bob);
	await page.getByRole('button', { name: /Claim batch/ }).click();
	const words = await sign(page);
	expect(words).toContain(`${format(redemption.assets)} paid from batch ${redemption.batch}.`);
	const after = await holdOf((await node.chain.head()).at, bob);
	const fee = before + redemption.assets - after;
	expect(fee > 0n && fee < HOLD / 10n, 'nothing but the fee is missing').toBe(true);
	await done(page);
	await expect(page.getByText('Nothing is on its way.')).toBeVisible();
});

test('a dispatch that fails is a failure, in words', async ({ page, node }) => {
	const wallet = await giveWallet(page, node, ['//Bob']);
	await open(page, node.url, '#/redeem');
	await connect(page);
	const charlie = node.chain.account('//Charlie');
	await page.getByText('Claim for somebody else').click();
	await page.getByLabel('Their address').fill(charlie.address);
	await page.getByRole('button', { name: /Claim batch/ }).click();
	// While the wallet is open, Charlie takes it himself.
	const [{ batch }] = await ask(node, 'liquidStakingApi', 'redemptionsOf', charlie.address);
	wallet.before = () => node.chain.send(node.chain.api.tx.liquidStaking.claim(batch, charlie.address), charlie);
	expect(await sign(page)).toMatch(
		/^In block \d+, but it failed: There is nothing to claim, or it was claimed already\. Only the fee was taken\.$/,
	);
	await shoot(page, 'state-failed');
});

test('who leaves at once gets at least the quote, less the tolerance', async ({ page, node }) => {
	await giveWallet(page, node, ['//Bob']);
	await open(page, node.url, '#/redeem');
	await connect(page);
	const bob = node.chain.account('//Bob').address;
	const amount = page.getByLabel('Amount to redeem');
	await amount.fill('15000');
	await expect(page.getByRole('alert')).toContainText('More than the buffer holds. Ask for less, or queue.');
	await amount.fill('20');
	await page.getByRole('button', { name: 'Redeem at once' }).click();
	const dialog = page.getByRole('dialog', { name: 'Redeem at once' });
	const text = await dialog.getByText('You get at least').locator('..').innerText();
	const least = /([\d,.]+) HOLD/.exec(text)![1]!;
	const before = await holdOf((await node.chain.head()).at, bob);
	const words = await sign(page);
	const got = /You got ([\d,.]+) HOLD/.exec(words)![1]!;
	const units = (text: string) => {
		const [whole, fraction = ''] = text.replaceAll(',', '').split('.');
		return BigInt(whole!) * HOLD + BigInt(fraction.padEnd(10, '0'));
	};
	expect(units(got)).toBeGreaterThanOrEqual(units(least));
	const after = await holdOf((await node.chain.head()).at, bob);
	expect(before + units(got) - after < HOLD / 10n).toBe(true);
});

test('an account with only stHOLD is told that it cannot pay a fee', async ({ page, node }) => {
	const { chain } = node;
	const nobody = chain.account('//Nobody');
	const give = chain.api.tx.assets.transfer(1, nobody.address, 50n * HOLD);
	expect((await chain.send(give, chain.account('//Bob'))).dispatchError).toBe(null);
	await giveWallet(page, node, ['//Nobody']);
	await open(page, node.url, '#/you');
	await connect(page);
	await expect(page.getByText('holds stHOLD and no HOLD')).toBeVisible();
	await expect(page.getByRole('main')).toContainText('50 stHOLD');
	await shoot(page, 'state-only-sthold');
	await go(page, 'redeem');
	await page.getByLabel('Amount to queue').fill('50');
	await page.getByRole('button', { name: 'Queue', exact: true }).click();
	expect(await sign(page)).toBe('The account has too little HOLD to pay the fee. Nothing was sent.');
});

test('a report is told with who pays, and gone when it is cancelled', async ({ page, node }) => {
	await giveWallet(page, node, ['//Bob']);
	await open(page, node.url, '#/insurance');
	await connect(page);
	const { chain } = node;
	const era = await activeEra((await chain.head()).at);
	const validator = await exposed(node, era);
	const offence = chain.api.tx.rootOffences.createOffence([[validator, 500_000_000]], null, null);
	const { blockNumber } = await asRoot(node, offence);
	await chain.waitForEvent('insuranceFund.ClaimOpened', { from: blockNumber, blocks: 6 });
	await expect(banner(page)).toContainText('A slash is reported: up to');
	const [claim] = await ask(node, 'insuranceFundApi', 'claims', 0);
	await expect(banner(page)).toContainText(`up to ${format(claim.open)} in era ${claim.appliedIn}`);
	await expect(banner(page)).toContainText(`operator ${format(claim.open)}`);
	await expect(page.getByRole('region', { name: 'Table of claims' })).toContainText('Open');
	await shoot(page, 'state-report-open');
	await asRoot(node, chain.api.tx.staking.cancelDeferredSlash(claim.appliedIn, [0]));
	await expect(banner(page)).not.toContainText('A slash is reported');
	await expect(page.getByRole('region', { name: 'Table of claims' })).toContainText('Cancelled');
});

test('a slash that lands is told with who paid', async ({ page, node }) => {
	await giveWallet(page, node, ['//Bob']);
	await open(page, node.url, '#/insurance');
	await connect(page);
	const { chain } = node;
	const era = await activeEra((await chain.head()).at);
	const validator = await exposed(node, era);
	const { blockNumber } = await asRoot(
		node,
		chain.api.tx.rootOffences.createOffence([[validator, 900_000_000]], null, null),
	);
	const { data } = await chain.waitForEvent('insuranceFund.LossCovered', { from: blockNumber, blocks: 400 });
	expect(data.loss > 0n).toBe(true);
	await expect(banner(page)).toContainText(/Era \d+: .* HOLD slashed, .* HOLD paid in the same block\./);
	const claims = await ask(node, 'insuranceFundApi', 'claims', 0);
	const { lost, paid } = claims.at(-1);
	const sum = Object.values(paid as Record<string, bigint>).reduce((a, b) => a + b, 0n);
	await expect(banner(page)).toContainText(`${format(lost)} slashed, ${format(sum < lost ? sum : lost)} paid`);
	const table = page.getByRole('region', { name: 'Table of claims' });
	await expect(table).toContainText('Applied');
	await shoot(page, 'state-slash-applied');
});

test('an operator sees why a validator is not nominated', async ({ page, node }) => {
	await giveWallet(page, node, ['//Validator//4', '//Eve']);
	await open(page, node.url, '#/operators');
	await connect(page, 'Validator//4');
	await expect(page.getByRole('heading', { name: 'You are cedar' })).toBeVisible();
	const own = page.getByRole('region', { name: 'Validators of this operator' });
	await expect(own.getByRole('row')).toHaveCount(3);
	await shoot(page, 'state-operator');
	await page.getByLabel('Add a validator').fill(node.chain.account('//Eve').address);
	await page.getByRole('button', { name: 'Add', exact: true }).click();
	expect(await sign(page)).toMatch(/^Final|failed: The account does not stand for election\./);
	await done(page);
	await page.getByLabel('Bond more').fill('12.5');
	await page.getByRole('button', { name: 'Bond more' }).click();
	expect(await sign(page)).toContain('12.5 HOLD bonded.');
});

test('the account is remembered, and the wallet asked again', async ({ page, node }) => {
	await giveWallet(page, node, ['//Bob', '//Charlie']);
	await open(page, node.url);
	await connect(page, 'Charlie');
	await page.reload();
	await ready(page);
	await expect(page.getByRole('banner').getByRole('button', { name: /Charlie/ })).toBeVisible();
});
