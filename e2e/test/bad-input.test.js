// What the node says to a person who started it wrongly: one clear line, and a code for scripts.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { devArgs, findBinary, freePorts, startNode } from '../lib/node.js';

// A node that takes bad input for good would run for ever.
const TIMEOUT_MS = 60_000;

async function run(...args) {
	const child = spawn(findBinary(), args, {
		stdio: ['ignore', 'pipe', 'pipe'],
		timeout: TIMEOUT_MS,
	});
	let stdout = '';
	let stderr = '';
	child.stdout.on('data', (text) => (stdout += text));
	child.stderr.on('data', (text) => (stderr += text));
	const code = await new Promise((resolve, reject) => {
		child.once('error', reject);
		child.once('close', resolve);
	});
	return { code, stdout, stderr };
}

/** Asserts that the node gave up with a single line about `subject`. */
async function complains(args, subject) {
	const { code, stderr } = await run(...args);
	assert.ok(code > 0, `exit code ${code}:\n${stderr}`);
	assert.doesNotMatch(stderr, /panicked|backtrace|This is a bug/i);
	const errors = stderr.split('\n').filter((line) => /^error\b/i.test(line));
	assert.equal(errors.length, 1, `one line of error in:\n${stderr}`);
	assert.match(errors[0], subject);
	assert.doesNotMatch(errors[0], /^Error: \w+[({]/, 'a sentence, not the debug form of a value');
}

describe('the node', () => {
	let dir;

	before(() => {
		dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-e2e-'));
	});

	after(() => {
		fs.rmSync(dir, { recursive: true, force: true });
	});

	async function devArgsIn(basePath) {
		const [rpcPort, p2pPort] = await freePorts(2);
		return devArgs({ rpcPort, p2pPort, basePath });
	}

	it('prints its version', async () => {
		const { code, stdout } = await run('--version');
		assert.equal(code, 0);
		assert.match(stdout, /^holdfast-node \d+\.\d+\.\d+/);
	});

	it('prints its options', async () => {
		const { code, stdout } = await run('--help');
		assert.equal(code, 0);
		assert.match(stdout, /Usage: holdfast-node/);
	});

	it('names an unknown chain', async () => {
		await complains(['--chain', 'nosuch'], /nosuch/);
	});

	it('names a port that is none', async () => {
		await complains(['--dev', '--rpc-port', '99999999'], /99999999/);
	});

	it('names a base path that is a file', async () => {
		const file = path.join(dir, 'plain-file');
		fs.writeFileSync(file, 'not a directory');
		await complains(await devArgsIn(file), /plain-file/);
	});

	it('says that the database is corrupt', async () => {
		// A database that the node made itself, so that the test need not know where it looks.
		const basePath = path.join(dir, 'garbage');
		await (await startNode({ basePath })).stop();
		const files = fs
			.readdirSync(basePath, { recursive: true })
			.map((name) => path.join(basePath, name))
			.filter(
				(name) => name.includes(`${path.sep}db${path.sep}`) && fs.statSync(name).isFile(),
			);
		assert.notEqual(files.length, 0, 'the node left a database');
		files.forEach((name) => fs.writeFileSync(name, 'garbage'));
		await complains(await devArgsIn(basePath), /database|corrupt/i);
	});
});
