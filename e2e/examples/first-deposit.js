// SPDX-License-Identifier: Apache-2.0

// A first deposit: npm run first-deposit -- [--ws URL] [--from //Alice] [--amount 1000]

import { parseArgs } from 'node:util';
import { Chain, eventsNamed, format, HOLD, plain } from '../lib/chain.js';
import { holdOf, stholdOf } from '../lib/pool.js';

async function main() {
	const { values } = parseArgs({
		options: {
			ws: { type: 'string', default: 'ws://127.0.0.1:9944' },
			from: { type: 'string', default: '//Alice' },
			amount: { type: 'string', default: '1000' },
		},
	});
	if (!/^[1-9]\d*$/.test(values.amount)) {
		throw new Error(`--amount is a whole number of HOLD, not '${values.amount}'`);
	}
	const assets = BigInt(values.amount) * HOLD;

	const chain = await Chain.connect(values.ws).catch((error) => {
		const advice = 'Start one with `make dev`, or name another with --ws URL.';
		throw new Error(`${error.message}\n${advice}`);
	});
	try {
		await deposit(chain, chain.account(values.from), values.from, assets);
	} finally {
		await chain.disconnect();
	}
}

async function deposit(chain, signer, name, assets) {
	const { api } = chain;
	if (!api.tx.liquidStaking) {
		throw new Error(
			`the chain '${api.runtimeChain}' has no pallet liquidStaking: not Holdfast?`,
		);
	}
	console.log(`Connected to ${api.runtimeChain}. ${name} is ${signer.address}`);
	console.log(`and has ${format(await holdOf(api, signer.address))}.`);

	const preview = plain(await api.call.liquidStakingApi.previewDeposit(assets));
	console.log(`Depositing ${format(assets)} for at least ${format(preview, 'stHOLD')} ...`);
	// A limit equal to the preview: the deposit fails rather than yield less.
	const result = await chain.send(api.tx.liquidStaking.deposit(assets, preview), signer);
	if (result.dispatchError) {
		throw new Error(`the deposit failed with ${result.dispatchError}; only the fee was taken`);
	}
	const [{ shares }] = eventsNamed(result.events, 'liquidStaking.Deposited');
	const held = await stholdOf(api, signer.address);
	const rate = plain(await api.call.liquidStakingApi.exchangeRate());
	const era = plain(await api.query.staking.activeEra()).index;
	console.log(`
In block ${result.blockNumber}, for a fee of ${format(result.fee)}.
Received ${format(shares, 'stHOLD')}; ${name} now holds ${format(held, 'stHOLD')}.
1 stHOLD is worth ${format((rate * HOLD) / 10n ** 18n)}.

What comes next, by itself (it is era ${era}):
  era ${era + 1n}  the pool bonds the deposit, but for a small buffer, and nominates validators
  era ${era + 2n}  the elected validators are backed by it
  era ${era + 3n}  the first rewards arrive and the rate of stHOLD rises from block to block
To get out: liquidStaking.requestRedeem(shares), then liquidStaking.claim(batch, owner);
or liquidStaking.redeemInstantly(shares, minAssets), out of that buffer and for a fee.`);
}

main().catch((error) => {
	console.error(`first-deposit: ${error.message}`);
	process.exitCode = 1;
});
