// SPDX-License-Identifier: Apache-2.0

import net from 'node:net';
import { defineConfig } from '@playwright/test';

// Chosen once; the workers inherit it.
process.env.HOLDFAST_APP_PORT ??= await new Promise<string>((resolve) => {
	const server = net.createServer().listen(0, '127.0.0.1', () => {
		const { port } = server.address() as net.AddressInfo;
		server.close(() => resolve(`${port}`));
	});
});
const url = `http://127.0.0.1:${process.env.HOLDFAST_APP_PORT}/`;

export default defineConfig({
	testDir: './test/browser',
	globalSetup: './test/browser/setup.ts',
	// One chain, on which the files follow each other in the order of their numbers.
	workers: 1,
	fullyParallel: false,
	forbidOnly: true,
	// The most that a busy machine may take; a quiet one takes seconds.
	timeout: 1_200_000,
	expect: { timeout: 240_000 },
	reporter: [['list']],
	use: {
		baseURL: url,
		actionTimeout: 240_000,
		launchOptions: { executablePath: process.env.HOLDFAST_CHROMIUM ?? '/usr/bin/chromium' },
		screenshot: 'only-on-failure',
	},
	// The production build, as it is deployed.
	webServer: {
		command: `npx vite preview --host 127.0.0.1 --port ${process.env.HOLDFAST_APP_PORT} --strictPort`,
		url,
		timeout: 300_000,
	},
});
