// SPDX-License-Identifier: Apache-2.0

// A scenario on a network of its own. Its steps build on each other: after one that failed the rest is
// skipped, and the logs are kept. All that is asserted is asserted of finalized blocks.

import { after, before, describe, it } from 'node:test';
import { beginAudit } from '../../e2e/lib/audit.js';
import { FinalizedChain } from './finalized.js';
import { Network } from './network.js';

/**
 * `steps` gets the network with its `chain`, once they are there, and `step(name, test)`. The last step
 * audits every finalized block. All of it must be done within some `minutes`, or HOLDFAST_RELAY_MINUTES;
 * `spec` is the chain's.
 */
export function story(title, { minutes: usual, spec }, steps) {
	const minutes = Number(process.env.HOLDFAST_RELAY_MINUTES || usual);
	describe(title, () => {
		const shared = {};
		const deadline = Date.now() + minutes * 60_000;
		let failed = false;

		/** What `work` returns, if it does in time. */
		async function inTime(work) {
			let timer;
			const late = new Promise((_, reject) => {
				const tell = () => reject(new Error(`not done within ${minutes} minutes`));
				timer = setTimeout(tell, Math.max(0, deadline - Date.now()));
			});
			try {
				return await Promise.race([work, late]);
			} finally {
				clearTimeout(timer);
				// Told already.
				late.catch(() => {});
			}
		}

		const step = (name, test) =>
			it(name, async (context) => {
				if (failed) return context.skip('an earlier step failed');
				failed = true;
				const began = Date.now();
				await inTime(test(context));
				console.log(`    ${name}: ${Math.round((Date.now() - began) / 1000)} s`);
				failed = false;
			});

		/** Talks to another collator from now on, or to the same one after it was away. */
		shared.connect = async (name) => {
			await shared.chain?.disconnect();
			shared.chain = await FinalizedChain.connect(shared.network.url(name));
			return shared.chain;
		};

		before(async () => {
			failed = true;
			const began = Date.now();
			shared.network = new Network({ spec });
			await inTime(shared.network.start());
			await shared.connect('alice');
			await shared.chain.waitForBlock(1);
			const seconds = Math.round((Date.now() - began) / 1000);
			console.log(`    from nothing to the first finalized block: ${seconds} s`);
			failed = false;
		});

		steps(shared, step);

		step('in every finalized block books, views and ledgers agreed', async () => {
			console.log(`    ${await beginAudit(shared.chain)()} blocks`);
		});

		after(async () => {
			await shared.chain?.disconnect();
			if (failed && shared.network) {
				console.error(
					`\n${shared.network.tail()}\n\nthe logs are kept in ${shared.network.dir}`,
				);
			}
			await shared.network?.stop({ keepLogs: failed });
		});
	});
}
