// SPDX-License-Identifier: Apache-2.0

import { readFileSync } from 'node:fs';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { madeFor } from './src/lib/runtime.ts';

// The runtime that this page is made for, from the committed metadata.
const metadata = readFileSync(new URL('.papi/metadata/holdfast.scale', import.meta.url));

export default defineConfig({
	// Static files that work from any directory of any server.
	base: './',
	plugins: [
		svelte(),
		// Vite's own server writes styles into the page, which the policy of the build forbids.
		{
			name: 'policy-of-the-build-only',
			apply: 'serve',
			transformIndexHtml: (html) => html.replace(/<meta\s+http-equiv="Content-Security-Policy"[^>]*>/, ''),
		},
	],
	define: { __MADE_FOR__: JSON.stringify(madeFor(new Uint8Array(metadata))) },
	build: {
		target: 'es2022',
		// A preload of a chunk as a data: URL would break the content security policy.
		assetsInlineLimit: 0,
		// scripts/size.js follows the imports from the entry.
		manifest: true,
	},
});
