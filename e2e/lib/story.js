import { Chain } from './chain.js';
import { startNode } from './node.js';

/**
 * A scenario whose steps build on each other and share a connection to one node. `steps` gets an
 * object that has it as `chain` once the node runs. After a step that failed the rest is skipped,
 * and the end of the node's log is shown.
 */
export function story(title, steps) {
	describe(title, () => {
		const shared = {};
		let node;
		let failed = false;

		before(async () => {
			node = await startNode();
			shared.chain = await Chain.connect(node.url);
		});

		beforeEach(function () {
			if (failed) this.skip();
		});

		afterEach(function () {
			failed ||= this.currentTest.isFailed();
		});

		after(async () => {
			await shared.chain?.disconnect();
			if (failed) console.error(`\nthe node's log ends so:\n${node.tail()}\n`);
			await node?.stop({ keepLog: failed });
		});

		steps(shared);
	});
}
