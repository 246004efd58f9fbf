// SPDX-License-Identifier: Apache-2.0

// A node, a connection to it beside the page, and a wallet with real keys in the page.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test as base, expect, type Page } from '@playwright/test';
import axe from 'axe-core';
import { Chain, plain } from '../../../e2e/lib/chain.js';
import { startNode, type Node } from '../../../e2e/lib/node.js';

/** Where screenshots go, to be looked at. Outside of the repository. */
const SHOTS = process.env.HOLDFAST_APP_SHOTS ?? path.join(os.tmpdir(), 'holdfast-app-shots');

export interface Running {
	url: string;
	chain: Chain;
	/** Ends the node; `back` starts it again at the same address, with its chain. */
	kill(): Promise<void>;
	back(): Promise<void>;
}

export const test = base.extend<object, { node: Running }>({
	node: [
		async ({}, use) => {
			const basePath = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-app-'));
			let node: Node | undefined = await startNode({ basePath });
			// To a page that is made for another runtime, every test would fail for that alone.
			const script = new URL('../../scripts/metadata.js', import.meta.url).pathname;
			execFileSync('node', [script, '--check', '--url', node.url], { stdio: 'inherit' });
			const running: Running = {
				url: node.url,
				chain: await Chain.connect(node.url),
				async kill() {
					await running.chain.disconnect();
					await node?.stop();
					node = undefined;
				},
				async back() {
					node = await startNode({ basePath, port: Number(new URL(running.url).port) });
					running.chain = await Chain.connect(running.url);
				},
			};
			await use(running);
			await running.chain.disconnect();
			await node?.stop();
			fs.rmSync(basePath, { recursive: true, force: true });
		},
		{ scope: 'worker', timeout: 600_000 },
	],
});
export { expect };

/** What the wallet does with a transaction before it signs: `refuse`, or something else first. */
export interface Wallet {
	refuse: boolean;
	before?: (() => Promise<unknown>) | undefined;
	signed: number;
}

/** Gives the page a wallet that holds `uris`, and signs as an extension does: elsewhere. */
export async function giveWallet(page: Page, node: Running, uris: string[]): Promise<Wallet> {
	const wallet: Wallet = { refuse: false, signed: 0 };
	const pairs = new Map(uris.map((uri) => [node.chain.account(uri).address, node.chain.account(uri)]));
	await page.exposeFunction('holdfastTestSign', async (payload: Record<string, never>) => {
		await wallet.before?.();
		if (wallet.refuse) return null;
		const { registry } = node.chain.api;
		const typed = registry.createType('ExtrinsicPayload', payload, { version: payload.version });
		wallet.signed++;
		return typed.sign(pairs.get(payload.address));
	});
	const accounts = [...pairs.keys()].map((address, i) => ({
		address,
		name: uris[i]!.replace('//', ''),
		type: 'sr25519',
	}));
	await page.addInitScript((accounts) => {
		const extension = {
			accounts: {
				get: async () => accounts,
				subscribe(hear: (found: typeof accounts) => void) {
					hear(accounts);
					return () => {};
				},
			},
			signer: {
				async signPayload(payload: unknown) {
					const sign = (window as unknown as Record<string, (it: unknown) => Promise<unknown>>)[
						'holdfastTestSign'
					]!;
					const signed = await sign(payload);
					if (signed === null) throw new Error('Cancelled');
					return signed;
				},
				async signRaw() {
					throw new Error('not of this page');
				},
			},
		};
		Object.assign(window, { injectedWeb3: { 'test-wallet': { version: '1', enable: async () => extension } } });
	}, accounts);
	return wallet;
}

/** Opens the page at a node that it does not know, and agrees to it. */
export async function open(page: Page, url: string, hash = '#/stake'): Promise<void> {
	await page.goto(`./?rpc=${url}${hash}`);
	await page.getByRole('button', { name: 'Connect to it' }).click();
	await ready(page);
}

export async function ready(page: Page): Promise<void> {
	await expect(page.getByText('Connected', { exact: true })).toBeVisible();
	await expect(page.getByTestId('block')).toHaveText(/\d/);
}

export async function connect(page: Page, name?: string): Promise<void> {
	await page.getByRole('banner').getByRole('button', { name: 'Connect a wallet' }).click();
	const dialog = page.getByRole('dialog', { name: 'Account' });
	await dialog.getByRole('button', { name: 'Connect test-wallet' }).click();
	await expect(dialog.getByRole('button', { name: 'Connected to test-wallet' })).toBeVisible();
	if (name) await dialog.getByRole('radio', { name }).check();
	await dialog.getByRole('button', { name: 'Close' }).click();
}

export async function go(page: Page, name: string): Promise<void> {
	await page.evaluate((to) => {
		location.hash = to;
	}, `#/${name}`);
}

/** Signs what the open preview shows, and returns what the page says at the end. */
export async function sign(page: Page, ends = /^Final|but it failed|Nothing was sent/): Promise<string> {
	await page.getByRole('button', { name: 'Sign and send' }).click();
	const stage = page.getByTestId('stage');
	await expect(stage).toHaveText(ends);
	return (await stage.innerText()).trim();
}

export const done = (page: Page) => page.getByRole('button', { name: 'Done' }).click();

export const banner = (page: Page) => page.getByTestId('banner');

/** The calls of the pool's and the fund's runtime APIs, at the head. */
export async function ask(node: Running, api: string, method: string, ...args: unknown[]) {
	const { at } = await node.chain.head();
	return plain(await at.call[api][method](...args));
}

export async function shoot(page: Page, name: string): Promise<void> {
	fs.mkdirSync(SHOTS, { recursive: true });
	await page.screenshot({ path: path.join(SHOTS, `${name}.png`), fullPage: true });
}

/** What axe finds. By `evaluate`, since the content security policy lets no script be added. */
export async function faults(page: Page): Promise<string[]> {
	await page.evaluate(axe.source);
	return page.evaluate(async () => {
		const { axe } = window as unknown as { axe: typeof import('axe-core') };
		const { violations } = await axe.run();
		return violations.flatMap(({ id, help, nodes }) =>
			nodes.map((node) => `${id}: ${help}: ${node.target.join(' ')} ${node.failureSummary ?? ''}`),
		);
	});
}
