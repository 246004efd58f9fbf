// SPDX-License-Identifier: Apache-2.0

// A connection to a chain whose blocks count once they are final: nothing that is read here is undone.

import { Chain } from '../../e2e/lib/chain.js';

export class FinalizedChain extends Chain {
	pollMs = 1_000;
	// A restart, and a relay chain on a busy machine, take their time.
	stallMs = 900_000;

	async last() {
		const { rpc } = this.api;
		const header = await rpc.chain.getHeader(await rpc.chain.getFinalizedHead());
		return header.number.toNumber();
	}

	isDone(status) {
		return status.isFinalized;
	}
}
