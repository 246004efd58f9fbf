// SPDX-License-Identifier: Apache-2.0

// People who deposit and redeem all the while, each one call after the other.

import { setTimeout as sleep } from 'node:timers/promises';
import { HOLD } from '../../e2e/lib/chain.js';
import { stholdOf } from '../../e2e/lib/pool.js';

const AMOUNT = 100n * HOLD;
const PAUSE_MS = 2_000;

export class Load {
	/** `chain` returns the connection to use; `uris` are the people. */
	constructor(chain, uris) {
		this.chain = chain;
		this.uris = uris;
		/** Calls that are final and have done what they were to do. */
		this.done = 0;
		/** Calls that a block holds, but that failed, or that no block took. */
		this.refused = 0;
		this.people = [];
		this.on = false;
	}

	start() {
		this.on = true;
		this.people = this.uris.map((uri, turn) => this.#act(uri, turn));
	}

	/** Lets everybody finish what they are at. */
	async pause() {
		this.on = false;
		await Promise.all(this.people);
	}

	async #act(uri, turn) {
		while (this.on) {
			try {
				const chain = this.chain();
				const who = chain.account(uri);
				const { tx } = chain.api;
				const shares = await stholdOf(chain.api, who.address);
				const redeems = turn++ % 3 === 2 && shares >= AMOUNT / 2n;
				const call = redeems
					? tx.liquidStaking.requestRedeem(AMOUNT / 2n)
					: tx.liquidStaking.deposit(AMOUNT, 0);
				const { dispatchError } = await chain.send(call, who);
				if (dispatchError) this.refused++;
				else this.done++;
			} catch {
				// No node, or not in time: whoever sends it finds out and tries again.
				this.refused++;
			}
			await sleep(PAUSE_MS);
		}
	}
}
