// SPDX-License-Identifier: Apache-2.0
// Checks what a reader of the book, of README.md and of ARCHITECTURE.md relies on:
//
// - every link leads somewhere, and every page of the book is in its summary;
// - every file and every test that the text names is there;
// - every diagram can be drawn;
// - no sentence has more than 30 words.

import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import DOMPurify from 'dompurify';

const DOCS = path.dirname(fileURLToPath(import.meta.url));
const ROOT = path.dirname(DOCS);
const PAGES = path.join(DOCS, 'src');
const MOST_WORDS = 30;
const GENERATED = '<!-- Made from the runtime';

const faults = [];

/** Notes what is wrong with a page. */
const fault = (file, what) => faults.push(`${path.relative(ROOT, file)}: ${what}`);

const withoutCode = (text) => text.replace(/^```[\s\S]*?^```/gm, '');

/** The name by which mdBook and forges know a heading. */
const slug = (heading) =>
	heading
		.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
		.toLowerCase()
		.replace(/[^\p{L}\p{N}\s_-]/gu, '')
		.trim()
		.replace(/\s/g, '-');

const headings = (text) =>
	[...withoutCode(text).matchAll(/^#+ +(.*)$/gm)].map(([, heading]) => slug(heading));

const linksOf = (text) =>
	[...withoutCode(text).matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target);

function checkLinks(file, text) {
	for (const target of linksOf(text)) {
		if (/^https?:/.test(target)) continue;
		const [name, anchor] = target.split('#');
		const to = name ? path.resolve(path.dirname(file), name) : file;
		if (!fs.existsSync(to)) {
			fault(file, `dead link ${target}`);
		} else if (anchor && !headings(fs.readFileSync(to, 'utf8')).includes(anchor)) {
			fault(file, `no heading for ${target}`);
		} else if (file.startsWith(PAGES) && !to.startsWith(PAGES)) {
			fault(file, `${target} is not in the book`);
		}
	}
}

function checkNames(file, text) {
	// A line may break between a test and its file.
	for (const [, test, source] of text.matchAll(/`(\w+)`\s+in\s+`([\w./-]+\.rs)`/g)) {
		const code = path.join(ROOT, source);
		const found = fs.existsSync(code) && fs.readFileSync(code, 'utf8').includes(`fn ${test}(`);
		if (!found) fault(file, `no test ${test} in ${source}`);
	}
	const folders = fs.readdirSync(ROOT).filter((name) => fs.statSync(path.join(ROOT, name)).isDirectory());
	for (const [, name] of text.matchAll(/`([\w.-]+\/[\w./-]*)`/g)) {
		if (!folders.includes(name.split('/')[0])) continue;
		if (!fs.existsSync(path.join(ROOT, name))) fault(file, `no file ${name}`);
	}
}

function checkSentences(file, text) {
	const prose = withoutCode(text)
		.replace(/<!--[\s\S]*?-->/g, '')
		.replace(/^#+ .*$/gm, '')
		// A row of a table, an item of a list: a text of its own.
		.replace(/^\|(.*)\|$/gm, (_, row) => `\n\n${row.split('|').join('\n\n')}\n\n`)
		.replace(/^\s*([-*]|\d+\.) /gm, '\n\n')
		.replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
		.replace(/`[^`]*`/g, 'code');
	for (const block of prose.split(/\n\s*\n/)) {
		for (const sentence of block.replace(/\s+/g, ' ').split(/(?<=[.!?][*"')]*) /)) {
			const words = sentence.split(' ').filter((word) => /[\p{L}\p{N}]/u.test(word)).length;
			if (words > MOST_WORDS) fault(file, `${words} words: ${sentence.slice(0, 70)}…`);
		}
	}
}

// Only a browser has what cleans texts of scripts; nothing is shown here.
DOMPurify.addHook ??= () => {};
DOMPurify.sanitize ??= (text) => text;
const { default: mermaid } = await import('mermaid');

async function checkDiagrams(file, text) {
	const diagrams = [...text.matchAll(/^```mermaid\n([\s\S]*?)^```/gm)].map(([, diagram]) => diagram);
	for (const diagram of diagrams) {
		await mermaid.parse(diagram).catch((error) => fault(file, error.message));
	}
	return diagrams.length;
}

const pages = fs
	.readdirSync(PAGES, { recursive: true })
	.filter((name) => name.endsWith('.md'))
	.map((name) => path.join(PAGES, name));
const summary = path.join(PAGES, 'SUMMARY.md');
const listed = linksOf(fs.readFileSync(summary, 'utf8')).map((name) => path.join(PAGES, name));
for (const page of pages) {
	if (page !== summary && !listed.includes(page)) fault(page, 'is not in SUMMARY.md');
}

let diagrams = 0;
const files = [...pages, ...['README.md', 'ARCHITECTURE.md'].map((name) => path.join(ROOT, name))];
for (const file of files) {
	const text = fs.readFileSync(file, 'utf8');
	checkLinks(file, text);
	checkNames(file, text);
	if (!text.includes(GENERATED)) checkSentences(file, text);
	diagrams += await checkDiagrams(file, text);
}

faults.forEach((what) => console.error(what));
console.log(`book: ${files.length} pages, ${diagrams} diagrams, ${faults.length} faults`);
process.exit(faults.length > 0 ? 1 : 0);
