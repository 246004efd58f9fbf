// SPDX-License-Identifier: Apache-2.0

// What the node says to a person who started it wrongly: one clear line, and a code for scripts.
// And what the pool says to whoever calls it wrongly: an error with a name, and nothing is done.

import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import net from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { refuseAll, succeed } from '../lib/calls.js';
import { HOLD, plain, PoolError } from '../lib/chain.js';
import { devArgs, findBinary, freePorts, startNode } from '../lib/node.js';
import { holdOf, readPool, stholdOf } from '../lib/pool.js';
import { story } from '../lib/story.js';

// A node that takes bad input for good would run for ever.
const TIMEOUT_MS = 60_000;

const run = (...args) => runProgram(findBinary(), args);

async function runProgram(program, args) {
	const child = spawn(program, args, {
		stdio: ['ignore', 'pipe', 'pipe'],
		timeout: TIMEOUT_MS,
		env: { ...process.env, HOLDFAST_NODE: findBinary() },
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

	/** Lets somebody else listen to a port of `ip` while `use` has it. */
	async function withTakenPort(ip, use) {
		const server = net.createServer();
		await new Promise((resolve, reject) => {
			server.once('error', reject);
			server.listen(0, ip, () => resolve(undefined));
		});
		try {
			await use(/** @type {net.AddressInfo} */ (server.address()).port);
		} finally {
			await new Promise((closed) => server.close(closed));
		}
	}

	it('does not replace a port that is taken by another one', async () => {
		for (const ip of ['127.0.0.1', '0.0.0.0']) {
			await withTakenPort(ip, async (taken) => {
				const [free] = await freePorts(1);
				const named = (name) => new RegExp(`^Error: the ${name} port ${taken} `);
				const rpc = devArgs({ rpcPort: taken, p2pPort: free });
				await complains(rpc, named('RPC'));
				await complains(devArgs({ rpcPort: free, p2pPort: taken }), named('peer-to-peer'));
				// Nothing was started, opened or said before.
				const { code, stdout, stderr } = await run(...rpc);
				assert.equal(code, 1);
				assert.equal(stdout, '');
				assert.equal(stderr.trim().split('\n').length, 1, stderr);
			});
		}
	});

	it('does not share the port of the metrics', async () => {
		await withTakenPort('127.0.0.1', async (taken) => {
			const [rpcPort, p2pPort] = await freePorts(2);
			const args = devArgs({ rpcPort, p2pPort }).filter((arg) => arg !== '--no-prometheus');
			await complains([...args, '--prometheus-port', String(taken)], /Prometheus port/);
		});
	});

	it('is not announced by `make dev` where another program listens', async () => {
		const script = fileURLToPath(new URL('../../scripts/dev.sh', import.meta.url));
		await withTakenPort('127.0.0.1', async (taken) => {
			const [p2pPort] = await freePorts(1);
			const args = ['--rpc-port', taken, '--port', p2pPort, '--no-prometheus', '--tmp'];
			const { code, stdout, stderr } = await runProgram(script, args.map(String));
			assert.equal(code, 1);
			assert.match(stderr, /^Error: the RPC port/m);
			assert.doesNotMatch(stdout + stderr, /Connect|ws:/);
		});
	});

	it('names the relay chain of which it has no spec', async () => {
		const [rpcPort, p2pPort] = await freePorts(2);
		const ports = ['--rpc-port', rpcPort, '--port', p2pPort, '--no-prometheus'].map(String);
		await complains(['--chain', 'local', '--tmp', ...ports], /'rococo-local'.*--chain FILE/);
		const relay = ['--', '--chain', 'nosuch'];
		await complains(['--chain', 'local', '--tmp', ...ports, ...relay], /'nosuch'/);
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

story('the pool, called wrongly', (shared) => {
	const MOST = 2n ** 128n - 1n;
	let chain, api, tx, alice, charlie;

	before(async () => {
		({ chain } = shared);
		({ api } = chain);
		tx = api.tx.liquidStaking;
		[alice, charlie] = ['//Alice', '//Charlie'].map((uri) => chain.account(uri));
		await succeed(chain, tx.deposit(1_000n * HOLD, 0), alice);
	});

	/** Asserts that each call fails with its error, and that together they take only the fee. */
	async function complainsAbout(signer, calls) {
		const { before, after } = await refuseAll(chain, calls, signer);
		const [was, is] = [await readPool(before), await readPool(after)];
		for (const field of ['idle', 'shares', 'openShares', 'pendingRewards', 'owed']) {
			assert.equal(is[field], was[field], field);
		}
	}

	it('who has no shares redeems none', async () => {
		await complainsAbout(charlie, [
			[tx.requestRedeem(1), 'liquidStaking.InsufficientShares'],
			[tx.requestRedeem(0), 'liquidStaking.RedemptionTooSmall'],
			[tx.redeemInstantly(1, 0), 'liquidStaking.InsufficientShares'],
			[tx.redeemInstantly(0, 0), 'liquidStaking.RedemptionTooSmall'],
			[tx.claim(0, charlie.address), 'liquidStaking.NothingToClaim'],
			[tx.claim(2 ** 32 - 1, alice.address), 'liquidStaking.NothingToClaim'],
		]);
	});

	it('nothing and more than there is are refused', async () => {
		const shares = await stholdOf(api, alice.address);
		await complainsAbout(alice, [
			[tx.deposit(0, 0), 'liquidStaking.DepositTooSmall'],
			// More than all HOLD there is.
			[tx.deposit(MOST, 0), { Arithmetic: 'Underflow' }],
			[tx.deposit(HOLD, MOST), 'liquidStaking.SharesBelowMinimum'],
			[tx.requestRedeem(0), 'liquidStaking.RedemptionTooSmall'],
			[tx.requestRedeem(MOST), 'liquidStaking.InsufficientShares'],
			[tx.redeemInstantly(0, 0), 'liquidStaking.RedemptionTooSmall'],
			[tx.redeemInstantly(shares + 1n, 0), 'liquidStaking.InsufficientShares'],
			[tx.redeemInstantly(MOST, MOST), 'liquidStaking.InsufficientShares'],
			[tx.redeemInstantly(shares, MOST), 'liquidStaking.BufferTooLow'],
		]);
	});

	it('a class of shares that has lost nothing is not paid out', async () => {
		await complainsAbout(charlie, [
			[tx.claimClass(0, alice.address), 'liquidStaking.ClassNotClosed'],
			[tx.claimClass(1, alice.address), 'liquidStaking.ClassNotClosed'],
			[tx.claimClass(2 ** 32 - 1, charlie.address), 'liquidStaking.ClassNotClosed'],
		]);
	});

	it('a call without a signature gets into no block', async () => {
		const parameters = plain(api.consts.liquidStaking.defaultParameters);
		for (const call of [
			tx.deposit(HOLD, 0),
			tx.requestRedeem(HOLD),
			tx.claim(0, alice.address),
			tx.advance(1),
			tx.redeemInstantly(HOLD, 0),
			tx.setParameters(parameters),
			tx.claimClass(0, alice.address),
		]) {
			await assert.rejects(call.send(), /Invalid Transaction|Unknown Transaction/i);
		}
	});

	it('a call with an argument that is out of its range gets into no block', async () => {
		const dave = chain.account('//Dave');
		const before = await chain.head();
		const label = 'x'.repeat(33);
		const profile = { operator: label, region: 'eu', provider: 'own', client: 'holdfast-node' };
		const parameters = plain(api.consts.liquidStaking.defaultParameters);
		for (const call of [
			api.tx.operatorRegistry.registerOperator(profile),
			tx.setParameters({ ...parameters, rewardFee: 1_000_000_001n }),
		]) {
			await assert.rejects(chain.send(call, dave), (/** @type {Error} */ error) => {
				assert.ok(error instanceof PoolError, error.message);
				assert.match(error.message, /an argument is out of its range/);
				return true;
			});
		}
		// Neither did the node stop, nor was anything charged.
		const after = await chain.waitForBlock(before.number + 2);
		assert.equal(await holdOf(after.at, dave.address), await holdOf(before.at, dave.address));
	});

	it('a transaction that was signed long ago gets into no block', async () => {
		const dave = chain.account('//Dave');
		const { hash: blockHash, number } = await chain.head();
		const nonce = await api.rpc.system.accountNextIndex(dave.address);
		const era = api.registry.createType('ExtrinsicEra', { current: number, period: 4 });
		const call = api.tx.system.remark('0x00');
		await call.signAsync(dave, { blockHash, era, nonce });
		assert.ok(call.era.isMortalEra);
		await chain.waitForBlock(number + 5);
		// The same era means other blocks by now, with another hash than the one that was signed.
		await assert.rejects(call.send(), /bad signature|ancient birth block/i);
		// As all are by default, and those of these scenarios.
		for (const options of [{}, { era: 512 }]) {
			const signed = await api.tx.system.remark('0x00').signAsync(dave, options);
			assert.ok(signed.era.isMortalEra);
		}
	});

	it('who is not root sets no parameters', async () => {
		const parameters = plain(api.consts.liquidStaking.defaultParameters);
		await complainsAbout(charlie, [[tx.setParameters(parameters), 'BadOrigin']]);
		await complainsAbout(alice, [[tx.setParameters(parameters), 'BadOrigin']]);
	});

	it('views asked for the impossible answer with nothing', async () => {
		const { liquidStakingApi: views } = api.call;
		const shares = await stholdOf(api, alice.address);
		assert.equal(plain(await views.previewRedeemInstantly(0)), null);
		assert.equal(plain(await views.previewRedeemInstantly(shares + 1n)), null);
		assert.equal(plain(await views.previewRedeemInstantly(MOST)), null);
		assert.equal(plain(await views.previewDeposit(0)), null);
		assert.equal(plain(await views.previewRedeem(0)), 0n);
		// Since the last settlement nothing was earned.
		assert.equal(plain(await views.realisedApr(0)), 0n);
		assert.equal(plain(await views.realisedApr(1)), null);
		assert.equal(plain(await views.realisedApr(2 ** 32 - 1)), null);
		assert.deepEqual(plain(await views.redemptionsOf(charlie.address)), []);
	});
});
