// SPDX-License-Identifier: Apache-2.0

// Every page in light and dark, on a desktop and on a phone: what axe finds, and pictures to look at.

import { connect, expect, faults, giveWallet, go, open, shoot, test } from './fixtures.ts';

const PAGES = ['stake', 'redeem', 'validators', 'insurance', 'operators', 'you', 'status'];
const SIZES = { desktop: { width: 1280, height: 900 }, phone: { width: 390, height: 844 } };

for (const [size, viewport] of Object.entries(SIZES)) {
	for (const colorScheme of ['light', 'dark'] as const) {
		test(`axe finds nothing: ${size}, ${colorScheme}`, async ({ browser, node, baseURL }) => {
			const context = await browser.newContext({
				viewport,
				colorScheme,
				reducedMotion: 'reduce',
				baseURL: baseURL!,
			});
			const page = await context.newPage();
			const complaints: string[] = [];
			page.on('console', (message) => {
				if (message.type() === 'error') complaints.push(message.text());
			});
			page.on('pageerror', (error) => complaints.push(error.message));
			await giveWallet(page, node, ['//Bob', '//Validator//4']);
			await open(page, node.url);
			await connect(page, 'Bob');
			const found: string[] = [];
			const look = async (name: string) => {
				await expect(page.getByRole('main').getByRole('heading', { level: 1 })).toBeVisible();
				// Figures, and not "…".
				await expect(page.getByRole('main').getByText('…', { exact: true })).toHaveCount(0);
				await shoot(page, `${name}-${size}-${colorScheme}`);
				found.push(...(await faults(page)).map((fault) => `${name}: ${fault}`));
				const wide = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
				if (wide > 0) found.push(`${name}: ${wide} pixels wider than the screen`);
			};
			for (const name of PAGES) {
				await go(page, name);
				await expect(page.getByRole('link', { name: new RegExp(`^${name}$`, 'i') })).toHaveAttribute(
					'aria-current',
					'page',
				);
				await look(name);
			}
			await go(page, 'validators');
			await page.getByRole('region', { name: 'Table of all validators' }).getByRole('link').first().click();
			await expect(page.getByRole('heading', { name: 'Validator', exact: true })).toBeVisible();
			await look('validator');
			await page.getByRole('banner').getByRole('button', { name: /Bob/ }).click();
			await shoot(page, `account-${size}-${colorScheme}`);
			found.push(...(await faults(page)).map((fault) => `account: ${fault}`));
			await page.keyboard.press('Escape');
			await go(page, 'stake');
			await page.getByLabel('Amount', { exact: true }).fill('10');
			await page.getByRole('button', { name: 'Stake', exact: true }).click();
			await expect(page.getByRole('dialog', { name: 'Stake' })).toBeVisible();
			await shoot(page, `send-${size}-${colorScheme}`);
			found.push(...(await faults(page)).map((fault) => `send: ${fault}`));
			expect(found).toEqual([]);
			expect(complaints).toEqual([]);
			await context.close();
		});
	}
}

test('all of it can be done by keyboard', async ({ page, node }) => {
	await giveWallet(page, node, ['//Bob']);
	await open(page, node.url);
	await connect(page);
	await page.keyboard.press('Tab');
	for (let i = 0; i < 40; i++) {
		const at = await page.evaluate(() => document.activeElement?.getAttribute('placeholder'));
		if (at === '0') break;
		await page.keyboard.press('Tab');
	}
	await page.keyboard.type('25');
	await expect(page.getByTestId('promise')).toBeVisible();
	await page.keyboard.press('Enter');
	const dialog = page.getByRole('dialog', { name: 'Stake' });
	await expect(dialog).toBeVisible();
	await page.keyboard.press('Escape');
	await expect(dialog).toBeHidden();
});
