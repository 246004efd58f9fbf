// SPDX-License-Identifier: Apache-2.0

import { beginAudit } from './audit.js';
import { Chain } from './chain.js';
import { startNode } from './node.js';

/**
 * A scenario whose steps build on each other and share a connection to one node. `steps` gets an
 * object that has it as `chain` once the node runs. Meanwhile every block is audited, and the last
 * step tells the outcome. After a step that failed the rest is skipped, and the end of the node's
 * log is shown.
 */
export function story(title, steps) {
	describe(title, () => {
		const shared = {};
		let node;
		let failed = false;
		let endAudit;

		before(async () => {
			node = await startNode();
			shared.chain = await Chain.connect(node.url);
			endAudit = beginAudit(shared.chain);
			// What is deposited before would be staked at once, and not with the next era.
			await shared.chain.waitForEvent('liquidStaking.EraWorkCompleted', {
				from: 1,
				blocks: 20,
			});
		});

		beforeEach(function () {
			if (failed) this.skip();
		});

		afterEach(function () {
			failed ||= this.currentTest.isFailed();
		});

		after(async () => {
			const tell = ({ message }) => console.error(`\nthe audit found: ${message}`);
			await endAudit?.().catch(tell);
			await shared.chain?.disconnect();
			if (failed) console.error(`\nthe node's log ends so:\n${node.tail()}\n`);
			await node?.stop({ keepLog: failed });
		});

		steps(shared);

		it('in every block books, views and ledgers agreed, and the pot was solvent', async () => {
			const end = endAudit;
			endAudit = null;
			console.log(`      ${await end()} blocks`);
		});
	});
}
