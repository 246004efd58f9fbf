// SPDX-License-Identifier: Apache-2.0

// What a network lives through, and what it costs. The steps follow each other on one chain; meanwhile people
// deposit and redeem. At the end every finalized block is audited, and a table tells what was observed.
//
// With HOLDFAST_OLD_NODE, the node of the last release, the chain begins with the runtime of that release and
// is upgraded to the one of this checkout, migrations included.

import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { blake2AsHex } from '@polkadot/util-crypto';
import { asRoot, succeed } from '../../e2e/lib/calls.js';
import { activeEra, Chain, HOLD, plain } from '../../e2e/lib/chain.js';
import { findBinary } from '../../e2e/lib/node.js';
import { exchangeRate, readPool, readQueue } from '../../e2e/lib/pool.js';
import { ask } from '../lib/network.js';
import { Load } from '../lib/load.js';
import { story } from '../lib/story.js';
import { oldSpec, runtimeOf, withSection } from '../lib/upgrade.js';
import { blocksOf, ERA_BLOCKS, scoreOf, stashesOn, timeAt, worked } from '../lib/validators.js';

const DEPOSIT = 60_000n * HOLD;
const COLLATORS = ['alice', 'bob', 'charlie'];
// Longer than an era of 48 blocks of 6 seconds.
const OUTAGE_MS = 300_000;
const HUNDREDTH = 10_000_000;
// The key of the runtime in the state.
const CODE = '0x3a636f6465';

const { HOLDFAST_OLD_NODE: oldNode } = process.env;
const scratch = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-upgrade-'));
process.on('exit', () => fs.rmSync(scratch, { recursive: true, force: true }));
const spec = oldNode && (await oldSpec(oldNode, path.join(scratch, 'old.json')));

story('a network with faults', { minutes: 180, spec }, (shared, step) => {
	let network, chain, alice, bob, charlie, load;
	const observed = [];
	const note = (fault, what, since, until) => {
		const seconds = Math.round((Date.now() - since.time) / 1000);
		observed.push(`| ${fault} | ${what} | ${until - since.number} | ${seconds} |`);
	};
	const now = async () => ({ time: Date.now(), number: await chain.last() });

	/** The height of a node's best chain. */
	const best = async (name) =>
		Number((await ask(network.ports.get(name), 'chain_getHeader', []))?.number ?? 0);

	/** Waits until the chain has finalized `more` blocks from now on. */
	const goOn = async (more) => (await chain.waitForBlock((await chain.last()) + more)).number;

	/** Waits until a node that was away has the chain that the others have. */
	async function caughtUp(name) {
		for (;;) {
			const [mine, final] = [await best(name), await chain.last()];
			if (mine >= final) {
				const hash = await ask(network.ports.get(name), 'chain_getBlockHash', [final]);
				assert.equal(hash, (await chain.api.rpc.chain.getBlockHash(final)).toHex());
				return;
			}
			await sleep(1_000);
		}
	}

	const rateAt = async ({ at, number }) => exchangeRate(await readPool(at), number);

	step('the pool is staked with all three', async () => {
		({ network, chain } = shared);
		[alice, bob, charlie] = ['//Alice', '//Bob', '//Charlie'].map((uri) => chain.account(uri));
		await succeed(chain, chain.api.tx.liquidStaking.deposit(DEPOSIT, 0), alice);
		load = new Load(() => shared.chain, ['//Dave', '//Eve', '//Ferdie']);
		load.start();
		const { at } = await worked(chain, 2n);
		for (const { address } of [alice, bob, charlie]) {
			assert.ok((await stashesOn(at, address)) > 0);
		}
	});

	step('a collator is killed: the next plan leaves it, nobody loses, it comes back', async () => {
		const era = await activeEra((await chain.head()).at);
		const before = await rateAt(await chain.head());
		const since = await now();
		const argv = await network.kill('charlie');
		const block = await worked(chain, era + 1n);
		const made = await blocksOf(block.at, era);
		const { fitness } = await scoreOf(block.at, charlie.address);
		assert.equal(fitness, 'MissedBlocks');
		assert.equal(await stashesOn(block.at, charlie.address), 0);
		const { changes } = plain(await block.at.query.operatorRegistry.lastPlan());
		const left = changes.filter(({ from }) => from === charlie.address);
		left.forEach(({ reason }) => assert.deepEqual(reason, { Unfit: 'MissedBlocks' }));
		assert.ok((await rateAt(block)) >= before);
		await network.restart('charlie', argv);
		await caughtUp('charlie');
		note(
			'a collator killed for the rest of an era',
			`it made ${made.get(charlie.address) ?? 0} of ${ERA_BLOCKS} blocks, ` +
				`${left.length} stashes left it in the next plan, the rate did not fall`,
			since,
			await chain.last(),
		);
	});

	step('a relay validator restarts', async () => {
		const since = await now();
		const argv = await network.kill('ferdie');
		await sleep(30_000);
		const stalled = await now();
		await network.restart('ferdie', argv);
		const back = await goOn(2);
		const away = stalled.number - since.number;
		note(
			'a relay validator away for 30 s',
			`${away} blocks were finalized meanwhile`,
			since,
			back,
		);
	});

	step('a collator is killed in the middle of era work', async () => {
		// What is final is too old: the work of an era takes a few blocks.
		const eager = await Chain.connect(network.url('alice'));
		const next = (await activeEra((await eager.head()).at)) + 1n;
		const { number } = await eager.waitUntil(
			async (block) => {
				const { era, phase } = await readPool(block.at);
				return era === next && phase !== 'Idle' && block;
			},
			{ what: 'the work of an era', blocks: 2 * ERA_BLOCKS },
		);
		await eager.disconnect();
		const since = { time: Date.now(), number };
		const argv = await network.kill('bob');
		const block = await worked(chain, next);
		await network.restart('bob', argv);
		await caughtUp('bob');
		const what = `the work of era ${next} was done by block ${block.number}`;
		note('a collator killed in the middle of era work', what, since, block.number);
	});

	step('half of the set is gone', async () => {
		const since = await now();
		const away = ['bob', 'charlie'];
		const argvs = new Map();
		for (const name of away) argvs.set(name, await network.kill(name));
		const from = await chain.head();
		const to = await chain.waitForBlock(from.number + 8);
		const time = ((await timeAt(to.at)) - (await timeAt(from.at))) / 8;
		for (const name of away) await network.restart(name, argvs.get(name));
		for (const name of away) await caughtUp(name);
		const back = await goOn(3);
		note(
			'two of three collators gone for 8 blocks',
			`${time} ms a block meanwhile`,
			since,
			back,
		);
	});

	step('all collators are gone for longer than an era', async () => {
		await load.pause();
		const before = await chain.head();
		const since = await now();
		const argvs = new Map();
		for (const name of COLLATORS) argvs.set(name, await network.kill(name));
		await sleep(OUTAGE_MS);
		for (const name of COLLATORS) await network.restart(name, argvs.get(name));
		chain = await shared.connect('alice');
		const later = await chain.waitForBlock(before.number + 4);
		assert.ok((await rateAt(later)) >= (await rateAt(before)));
		const gap = Math.round(((await timeAt(later.at)) - (await timeAt(before.at))) / 1000);
		note(
			`all collators gone for ${OUTAGE_MS / 1000} s`,
			`4 blocks in ${gap} s of the chain's clock, nothing was lost`,
			since,
			later.number,
		);
		load.start();
	});

	step('the runtime is upgraded under load', async () => {
		// A report that is open, and a queue.
		const offence = [[bob.address, HUNDREDTH]];
		const reported = await asRoot(
			chain,
			chain.api.tx.rootOffences.createOffence(offence, null, null),
		);
		assert.equal(reported.error, null);
		const queue = await chain.waitUntil(
			async ({ at }) => {
				const [{ openShares, reported: open }, waiting] = [
					await readPool(at),
					await readQueue(at),
				];
				return open > 0n && openShares > 0n && waiting.length > 0 && waiting;
			},
			{ what: 'a report and a queue', blocks: 3 * ERA_BLOCKS },
		);
		const own = await runtimeOf(findBinary(), scratch);
		const code = oldNode ? own : withSection(own);
		const hash = blake2AsHex(code);
		const { system } = chain.api.tx;
		const was = plain(chain.api.runtimeVersion.specVersion);
		const authorize = oldNode ? system.authorizeUpgrade : system.authorizeUpgradeWithoutChecks;
		assert.equal((await asRoot(chain, authorize(hash))).error, null);
		const since = await now();
		const apply = system.applyAuthorizedUpgrade(`0x${code.toString('hex')}`);
		await succeed(chain, apply, charlie);
		const { block } = await chain.waitForEvent('parachainSystem.ValidationFunctionApplied', {
			from: since.number,
			blocks: 100,
		});
		const at = await chain.at(block.hash);
		const stored = await chain.api.rpc.state.getStorageHash(CODE, block.hash);
		assert.equal(stored.toHex(), hash);
		const { specVersion } = await chain.api.rpc.state.getRuntimeVersion(block.hash);
		if (oldNode) assert.ok(plain(specVersion) > was, 'a newer version');
		assert.ok((await readPool(at)).reported > 0n, 'the report is still open');
		const sent = load.done;
		await goOn(10);
		assert.ok(load.done > sent, 'people still deposit and redeem');
		note(
			'a runtime upgrade under load',
			`spec version ${was} to ${specVersion}, ${queue.length} batches waiting, a report open`,
			since,
			block.number,
		);
	});

	step('whoever was away is nominated again', async () => {
		const block = await chain.waitUntil(
			async (block) => {
				if (block.number % 8 !== 0) return false;
				const { fitness } = await scoreOf(block.at, charlie.address);
				return (
					fitness === 'Fit' && (await stashesOn(block.at, charlie.address)) > 0 && block
				);
			},
			{ what: 'stashes on Charlie', blocks: 5 * ERA_BLOCKS },
		);
		console.log(`    Charlie is nominated again in block ${block.number}`);
	});

	step('what people sent was done or refused, never lost', async () => {
		await load.pause();
		const { done, refused } = load;
		const { at } = await chain.head();
		console.log(
			`    ${done} calls final, ${refused} refused; queue ${(await readQueue(at)).length}`,
		);
		assert.ok(done > 0);
		console.log(`\n| fault | observed | blocks | seconds |\n| --- | --- | --- | --- |`);
		console.log(observed.join('\n'));
	});
});
