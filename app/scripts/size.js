#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0

// Fails if the JavaScript that a browser loads before it can show a figure is larger than the bar: the
// entry with all that it imports, and what it loads itself as soon as it runs (the client's descriptors).

import fs from 'node:fs';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import { fileURLToPath } from 'node:url';

const BAR = 130_000;
// Loaded on demand: other pages, the chart, wallets, keys, comparing the runtime.
const ON_DEMAND = /^src\/(pages|lib\/(alice|runtime))|uplot|pjs-signer|holdfast_metadata|node_modules\/.*smoldot/i;

const dist = fileURLToPath(new URL('../dist', import.meta.url));
const manifest = JSON.parse(fs.readFileSync(path.join(dist, '.vite', 'manifest.json'), 'utf8'));
const [entry] = Object.keys(manifest).filter((key) => manifest[key].isEntry);

const files = new Set();
const seen = new Set();
function follow(key) {
	if (seen.has(key)) return;
	seen.add(key);
	const { file, imports = [], dynamicImports = [] } = manifest[key];
	files.add(file);
	imports.forEach(follow);
	dynamicImports.filter((name) => !ON_DEMAND.test(name)).forEach(follow);
}
follow(entry);

let total = 0;
for (const file of files) {
	const size = gzipSync(fs.readFileSync(path.join(dist, file)), { level: 9 }).length;
	total += size;
	console.log(`${String(size).padStart(8)}  ${file}`);
}
console.log(`${String(total).padStart(8)}  bytes of JavaScript before the first figure, gzip; the bar is ${BAR}`);
if (total > BAR) {
	console.error('Too large: load something on demand, or take something out.');
	process.exit(1);
}
