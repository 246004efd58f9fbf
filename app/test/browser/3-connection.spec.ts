// SPDX-License-Identifier: Apache-2.0

// Nodes that are unknown, wrong, newer, lying, gone and back again.

import { banner, connect, expect, giveWallet, open, ready, shoot, test, type Running } from './fixtures.ts';

test('a link to an unknown node is asked about before anything is sent there', async ({ page, node }) => {
	const sockets: string[] = [];
	page.on('websocket', (socket) => sockets.push(socket.url()));
	await page.goto(`./?rpc=${node.url}`);
	const dialog = page.getByRole('dialog', { name: 'Connect to an unknown node?' });
	await expect(dialog).toContainText(node.url);
	await page.waitForTimeout(1_000);
	expect(sockets).toEqual([]);
	await shoot(page, 'state-unknown-node');
	await dialog.getByRole('button', { name: 'Connect to it' }).click();
	await ready(page);
	expect(sockets.map((url) => url.replace(/\/$/, ''))).toEqual([node.url]);
	// Remembered, with the genesis that was found there.
	await page.goto(`./?rpc=${node.url}`);
	await ready(page);
});

test('no link leads to a node that is reached without encryption elsewhere', async ({ page, node }) => {
	await page.goto(`./?rpc=ws://example.org:9944&x=${node.url.length}`);
	await expect(banner(page)).toContainText('Only a node on this computer may be reached without encryption');
});

test('the genesis of a listed network is demanded', async ({ page, node }) => {
	await page.route('**/networks.json', (route) =>
		route.fulfill({ json: [{ name: 'Holdfast', genesis: `0x${'11'.repeat(32)}`, endpoints: [node.url] }] }),
	);
	await page.goto('./');
	await expect(banner(page)).toContainText('This is Holdfast Development, but another chain than Holdfast');
	await shoot(page, 'state-wrong-network');
	await banner(page).getByRole('button', { name: 'Switch' }).click();
	await expect(page.getByRole('dialog', { name: 'Network' })).toBeVisible();
});

test('a listed genesis is known, and offers no key of everybody', async ({ page, node }) => {
	const genesis = node.chain.api.genesisHash.toHex();
	await page.route('**/networks.json', (route) =>
		route.fulfill({ json: [{ name: 'Listed', genesis, endpoints: [node.url] }] }),
	);
	await page.goto('./');
	await ready(page);
	await expect(page.getByRole('banner')).toContainText('Listed');
	await page.getByRole('banner').getByRole('button', { name: 'Connect a wallet' }).click();
	await expect(page.getByRole('button', { name: /Use Alice/ })).toHaveCount(0);
});

/** What the chain has as its last upgrade: the version, and the name "holdfast" with its length. */
async function lastUpgrade(node: Running): Promise<string> {
	const key = node.chain.api.query.system.lastRuntimeUpgrade.key();
	return (await node.chain.api.rpc.state.getStorage(key)).toHex();
}

/** Lets `change` rewrite what the node says to the page. */
async function between(page: import('@playwright/test').Page, url: string, change: (text: string) => string) {
	await page.routeWebSocket(new RegExp(url.replace(/[.]/g, '\\.')), (socket) => {
		const server = socket.connectToServer();
		socket.onMessage((message) => server.send(message));
		server.onMessage((message) => socket.send(typeof message === 'string' ? change(message) : message));
	});
}

test('a chain that is no Holdfast is named, and nothing is read of it', async ({ page, node }) => {
	const upgrade = await lastUpgrade(node);
	await between(page, node.url, (text) =>
		text
			.replaceAll('Holdfast Development', 'Elsewhere')
			.replaceAll(upgrade, upgrade.replace(/.{16}$/, Buffer.from('elsewher').toString('hex'))),
	);
	await page.goto(`./?rpc=${node.url}`);
	await page.getByRole('button', { name: 'Connect to it' }).click();
	await expect(banner(page)).toContainText('This is Elsewhere, not Holdfast.');
	await expect(page.getByTestId('block')).toHaveText('…');
});

test('a newer runtime can be read, and gets nothing', async ({ page, node }) => {
	await giveWallet(page, node, ['//Bob']);
	const upgrade = await lastUpgrade(node);
	// The version is a compact number: four more are one more.
	const version = (Number.parseInt(upgrade.slice(2, 4), 16) + 4).toString(16).padStart(2, '0');
	await between(page, node.url, (text) => text.replaceAll(upgrade, `0x${version}${upgrade.slice(4)}`));
	await open(page, node.url);
	await connect(page);
	await expect(banner(page)).toContainText(
		'The chain was upgraded after this page was made. Reading works; sending is off until you reload.',
	);
	await page.getByLabel('Amount', { exact: true }).fill('10');
	await expect(page.getByText('You get, as things stand').locator('..')).toContainText('stHOLD');
	await expect(page.getByRole('button', { name: 'Stake', exact: true })).toBeDisabled();
	await shoot(page, 'state-newer-runtime');
});

test('a node that describes calls otherwise gets nothing signed', async ({ page, node }) => {
	const wallet = await giveWallet(page, node, ['//Bob']);
	// "redeem_instantly" under another name: the description is a lie, and all else is not.
	const name = Buffer.from('redeem_instantly').toString('hex');
	const other = Buffer.from('redeem_instantlx').toString('hex');
	await between(page, node.url, (text) => (text.length > 100_000 ? text.replaceAll(name, other) : text));
	await open(page, node.url);
	await connect(page);
	await expect(banner(page)).toContainText('This node describes the calls of the chain otherwise');
	await page.getByLabel('Amount', { exact: true }).fill('10');
	await expect(page.getByRole('button', { name: 'Stake', exact: true })).toBeDisabled();
	expect(wallet.signed).toBe(0);
});

test('a tab that slept connects anew', async ({ page, node }) => {
	await open(page, node.url);
	const sockets: string[] = [];
	page.on('websocket', (socket) => sockets.push(socket.url()));
	await page.evaluate(() => {
		const now = Date.now.bind(Date);
		Date.now = () => now() + 300_000;
		document.dispatchEvent(new Event('visibilitychange'));
	});
	await expect.poll(() => sockets.length).toBe(1);
	await ready(page);
	await expect(banner(page)).not.toContainText('is lost');
});

test('an era that is late is told', async ({ page, node }) => {
	const { chain } = node;
	const root = (call: unknown) => chain.send(chain.api.tx.sudo.sudo(call), chain.account('//Alice'));
	await root(chain.api.tx.staking.forceNoEras());
	await open(page, node.url);
	await expect(banner(page)).toContainText(/Era \d+ is late by .* Redemptions and rewards wait; nothing is lost\./);
	await shoot(page, 'state-era-late');
	await root(chain.api.tx.staking.forceNewEra());
	await expect(banner(page)).not.toContainText('is late');
});

test('a node that goes away is told of, and found again when it is back', async ({ page, node }) => {
	await giveWallet(page, node, ['//Bob']);
	await open(page, node.url);
	await connect(page);
	await page.getByLabel('Amount', { exact: true }).fill('10');
	await expect(page.getByTestId('promise')).toBeVisible();
	await node.kill();
	await expect(banner(page)).toContainText(`The connection to ${node.url} is lost. What you see is of block`);
	await expect(page.getByRole('button', { name: 'Stake', exact: true })).toBeDisabled();
	const seen = Number((await page.getByTestId('block').innerText()).replaceAll(',', ''));
	expect(seen).toBeGreaterThan(0);
	await shoot(page, 'state-lost');
	await node.back();
	await ready(page);
	await expect(banner(page)).not.toContainText('is lost');
	await expect
		.poll(async () => Number((await page.getByTestId('block').innerText()).replaceAll(',', '')))
		.toBeGreaterThan(seen);
	// And it is of use again.
	await page.getByRole('button', { name: 'Stake', exact: true }).click();
	await page.getByRole('button', { name: 'Sign and send' }).click();
	await expect(page.getByTestId('stage')).toHaveText(/^Final/);
});

test('what is under way when the node goes is not called lost before that is known', async ({ page, node }) => {
	const wallet = await giveWallet(page, node, ['//Bob']);
	await open(page, node.url);
	await connect(page);
	await page.getByLabel('Amount', { exact: true }).fill('10');
	await page.getByRole('button', { name: 'Stake', exact: true }).click();
	// The node goes while the wallet is open.
	wallet.before = () => node.kill();
	await page.getByRole('button', { name: 'Sign and send' }).click();
	await expect(page.getByTestId('stage')).toContainText('Nothing was sent');
});
