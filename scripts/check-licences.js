#!/usr/bin/env node
// SPDX-License-Identifier: Apache-2.0

// Fails when a crate of this workspace claims a licence that what it links does not allow: one that is
// not under the GPL has no crate among its normal dependencies, direct or not, that is under the GPL
// only. Dependencies of tests and build scripts are not part of what is shipped. Fails also when a
// source file or a script names another licence than its crate does, or none, and when the text of a
// licence is missing. `make deny` looks at the licences of everything that is downloaded; it cannot
// tell what one crate links from what another one does.

const { execFileSync } = require('node:child_process');
const fs = require('node:fs');
const path = require('node:path');

const ROOT = path.join(__dirname, '..');
const TEXTS = { 'Apache-2.0': 'LICENSE-APACHE', 'GPL-3.0-only': 'LICENSE-GPL' };

const run = (command, args) =>
	execFileSync(command, args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 2 ** 28 });

// For another platform, crates would be needed that a build does not download.
const host = /^host: (.*)$/m.exec(run('rustc', ['-vV']))[1];
const metadata = JSON.parse(
	run('cargo', ['metadata', '--locked', '--format-version', '1', '--filter-platform', host]),
);
const packages = new Map(metadata.packages.map((it) => [it.id, it]));
const links = new Map(
	metadata.resolve.nodes.map(({ id, deps }) => [
		id,
		deps.filter((dep) => dep.dep_kinds.some(({ kind }) => kind === null)).map((dep) => dep.pkg),
	]),
);

/** Whether a licence leaves no choice but the GPL, and makes no exception for those who link. */
function isGplOnly(licence) {
	// The slash is how crates used to write OR.
	const choices = (licence ?? '').split(/ OR |\//);
	return choices.every((choice) => {
		const parts = choice.split(' AND ');
		return parts.some((part) => /\bA?GPL-/.test(part) && !part.includes('Classpath-exception'));
	});
}

/** The way from a crate to the nearest one under the GPL only, as names, or nothing. */
function wayToGpl(start) {
	const ways = new Map([[start, [packages.get(start).name]]]);
	for (const [id, way] of ways) {
		for (const next of links.get(id)) {
			if (ways.has(next)) continue;
			const { name, license } = packages.get(next);
			ways.set(next, [...way, name]);
			if (isGplOnly(license)) return [...way, `${name} (${license})`];
		}
	}
	return null;
}

const faults = [];
const members = metadata.workspace_members.map((id) => packages.get(id));
const homes = members.map(({ manifest_path: manifest }) => path.dirname(manifest));
const FILES = ['*.rs', '*.js', '*.ts', '*.svelte', '*.css', '*.py', '*.sh', '.ci/run', 'Makefile'];
const sources = run('git', [
	'ls-files',
	'-z',
	'--cached',
	'--others',
	'--exclude-standard',
	...FILES,
])
	.split('\0')
	.filter((name) => name && fs.existsSync(path.join(ROOT, name)))
	.map((name) => path.resolve(ROOT, name));

/** The crate to which a source file belongs: that with the longest path above it. */
function crateOf(file) {
	const above = members.filter((_, index) => file.startsWith(homes[index] + path.sep));
	const depth = ({ manifest_path: manifest }) => manifest.length;
	return above.sort((a, b) => depth(b) - depth(a))[0];
}

for (const { id, name, license } of members) {
	if (!TEXTS[license]) {
		faults.push(`${name} is under ${license}, of which there is no text here`);
	} else if (!isGplOnly(license)) {
		const way = wayToGpl(id);
		if (way) faults.push(`${name} is under ${license}, and links ${way.slice(1).join(' > ')}`);
	}
}
for (const text of Object.values(TEXTS)) {
	if (!fs.existsSync(path.join(ROOT, text))) faults.push(`${text} is missing`);
}
for (const file of sources) {
	const crate = crateOf(file);
	if (!crate && file.endsWith('.rs')) continue;
	// What belongs to no crate is a script, or a test of the whole.
	const { name, license } = crate ?? { name: 'all scripts', license: 'Apache-2.0' };
	const lines = fs.readFileSync(file, 'utf8').split('\n', 2);
	const line = (lines[0].startsWith('#!') ? lines[1] : lines[0]) ?? '';
	const wanted = `SPDX-License-Identifier: ${license}`;
	const comment = /^(?:\/\/|#|\/\*|<!--) (.*?)(?: \*\/| -->)?$/.exec(line);
	if (comment?.[1] !== wanted) {
		faults.push(`${path.relative(ROOT, file)} does not begin with '${wanted}', as ${name}`);
	}
}

if (faults.length) {
	console.error(`Licences:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
	process.exit(1);
}
const gpl = members.filter(({ license }) => isGplOnly(license)).length;
console.log(
	`licences: ${members.length - gpl} crates link nothing that is under the GPL only, ` +
		`${gpl} are under it; ${sources.length} source files and scripts say the same`,
);
