// SPDX-License-Identifier: Apache-2.0

// A connection to a node: transactions, blocks and waiting. Knows nothing of the pool.
//
// All that is read from the chain passes through `plain`: integers of any width are BigInt,
// accounts are addresses, an absent option is null. So `assert` compares values as they are.

import { setTimeout as sleep } from 'node:timers/promises';
import { ApiPromise, WsProvider } from '@polkadot/api';
import { Keyring } from '@polkadot/keyring';
import { bool, Enum, Null, Option, Struct } from '@polkadot/types';

// How many blocks a transaction may take, from the one that was the last when it was signed. After that
// nobody can send it again, also if its account was emptied and funded anew, with the same nonces. The
// usual 64 are 16 seconds on the fastest chain of a test, in which a busy machine may have signed little.
// The chain remembers the hashes of 4,096 blocks, so that no more are possible.
const MORTAL_BLOCKS = 512;

const DECIMALS = 10;
export const HOLD = 10n ** BigInt(DECIMALS);

/** `12345678900000n` as `1,234.56789 HOLD`. */
export function format(units, symbol = 'HOLD') {
	const fraction = (units % HOLD).toString().padStart(DECIMALS, '0').replace(/0+$/, '');
	return `${(units / HOLD).toLocaleString('en')}${fraction && `.${fraction}`} ${symbol}`;
}

/** The transaction pool refused a transaction, so it is in no block and cost nothing. */
export class PoolError extends Error {}

export class Chain {
	static async connect(url) {
		// One attempt only: with a provider that reconnects, a dead node looks like a slow one.
		const provider = new WsProvider(url, false);
		await new Promise((resolve, reject) => {
			const refuse = (why) => reject(new Error(`no node answers at ${url}: ${why}`));
			provider.on('connected', resolve);
			provider.on('error', ({ message }) => refuse(message));
			provider.on('disconnected', () => refuse('it closed the connection'));
			provider.connect().catch(reject);
		});
		const api = await ApiPromise.create({
			provider,
			noInitWarn: true,
			throwOnConnect: true,
			// Unknown to polkadot.js; it adds nothing to what is signed.
			signedExtensions: { StorageWeightReclaim: { extrinsic: {}, payload: {} } },
		});
		return new this(api);
	}

	/** Milliseconds after which to ask again for a block. */
	pollMs = 100;
	/** A node that made no block for so many milliseconds will not make one. */
	stallMs = 60_000;
	#keyring;

	constructor(api) {
		this.api = api;
		this.#keyring = new Keyring({ type: 'sr25519', ss58Format: api.registry.chainSS58 });
	}

	disconnect() {
		return this.api.disconnect();
	}

	/** Key pair of a development account such as `//Alice`. */
	account(uri) {
		return this.#keyring.addFromUri(uri);
	}

	/** Number of the last block that counts: here the best one. */
	async last() {
		return (await this.api.rpc.chain.getHeader()).number.toNumber();
	}

	/** Whether a transaction with this status is in a block that counts. */
	isDone(status) {
		return status.isInBlock || status.isFinalized;
	}

	/** State at a block, by its hash: `query`, `call` and `consts`. */
	at(hash) {
		return this.api.at(hash);
	}

	/**
	 * Signs and sends a call and waits until it is in a block. A call that fails there is a result
	 * with a `dispatchError` such as `assets.BalanceLow`; one that gets into no block throws a
	 * `PoolError`. Blocks that end a session hold no transactions, so this can take two.
	 */
	async send(call, signer) {
		const nonce = await this.api.rpc.system.accountNextIndex(signer.address);
		const options = { era: MORTAL_BLOCKS, nonce };
		let lost;
		const update = await new Promise((resolve, reject) => {
			lost = () => reject(new Error('lost the node while waiting for a transaction'));
			this.api.once('disconnected', lost);
			// A key pair, or the address of an account for which the connection has another signer.
			call.signAndSend(signer.sign ? signer : signer.address, options, (update) => {
				if (update.internalError) reject(update.internalError);
				else if (this.isDone(update)) resolve(update);
				else if (update.isError) reject(new PoolError(`${update.status.type} in the pool`));
			}).catch((error) => reject(new PoolError(explain(error), { cause: error })));
		}).finally(() => this.api.off('disconnected', lost));

		// Either variant holds the block's hash.
		const blockHash = update.status.value.toHex();
		const header = await this.api.rpc.chain.getHeader(blockHash);
		const events = update.events.map(plainEvent);
		const paid = events.find(({ name }) => name === 'transactionPayment.TransactionFeePaid');
		return {
			blockHash,
			blockNumber: header.number.toNumber(),
			parentHash: header.parentHash.toHex(),
			events,
			fee: paid?.data.actualFee ?? 0n,
			dispatchError: update.dispatchError ? errorName(update.dispatchError) : null,
		};
	}

	/** The block of this number, waiting for it if need be. */
	async waitForBlock(number) {
		let best = -1;
		let deadline = Date.now() + this.stallMs;
		for (;;) {
			const head = await this.last();
			if (head >= number) break;
			if (head > best) {
				best = head;
				deadline = Date.now() + this.stallMs;
			} else if (Date.now() > deadline) {
				throw new Error(`no block after ${best} in ${this.stallMs / 1000} s`);
			}
			await sleep(this.pollMs);
		}
		const hash = (await this.api.rpc.chain.getBlockHash(number)).toHex();
		const at = await this.at(hash);
		return { number, hash, at, events: (await at.query.system.events()).map(plainEvent) };
	}

	async head() {
		return this.waitForBlock(await this.last());
	}

	/**
	 * Asks `predicate` about every block, none left out, starting with the best or number `from`,
	 * and returns its first truthy answer. Gives up after `blocks` blocks, naming `what` it is.
	 *
	 * @param {(block: any) => any} predicate
	 * @param {{ what: string, blocks: number, from?: number }} options
	 */
	async waitUntil(predicate, { what, blocks, from }) {
		const first = from ?? (await this.head()).number;
		for (let number = first; number < first + blocks; number++) {
			const answer = await predicate(await this.waitForBlock(number));
			if (answer) return answer;
		}
		throw new Error(`${what}: not in blocks ${first} to ${first + blocks - 1}`);
	}

	/** First block, from the best one on, in which this staking era is active. */
	waitForEra(era, { blocks }) {
		const begun = async (block) => (await activeEra(block.at)) >= era && block;
		return this.waitUntil(begun, { what: `era ${era}`, blocks });
	}

	/**
	 * First event of this name whose data satisfies `match`, as `{ block, data }`.
	 *
	 * @param {string} name
	 * @param {{ blocks: number, from?: number, match?: (data: any) => boolean }} options
	 */
	waitForEvent(name, { from, blocks, match = () => true }) {
		return this.waitUntil(
			(block) => {
				const data = eventsNamed(block.events, name).find(match);
				return data && { block, data };
			},
			{ what: name, blocks, from },
		);
	}
}

/** What is known of a transaction that the node did not take. */
function explain({ message }) {
	// The runtime cannot decode the call, and a runtime can refuse that in no other way.
	if (!/trap|unreachable/i.test(message)) return message;
	const causes = 'a fraction above one, or a text or list that is too long';
	return `the runtime cannot read the call: an argument is out of its range, such as ${causes}`;
}

export async function activeEra(at) {
	return plain(await at.query.staking.activeEra()).index;
}

/** The text of a label, which the chain has as bytes. */
export function text(label) {
	return Buffer.from(label.slice(2), 'hex').toString();
}

/** Data of all events of a name such as `balances.Transfer`. */
export function eventsNamed(events, name) {
	return events.filter((event) => event.name === name).map(({ data }) => data);
}

export function plain(codec) {
	if (codec instanceof Option) return codec.isNone ? null : plain(codec.unwrap());
	if (codec instanceof Struct) {
		return Object.fromEntries([...codec].map(([field, value]) => [field, plain(value)]));
	}
	if (codec instanceof Map) {
		return new Map([...codec].map(([key, value]) => [plain(key), plain(value)]));
	}
	if (codec instanceof Enum) return plainEnum(codec);
	if (codec instanceof bool) return codec.isTrue;
	if (Array.isArray(codec)) return codec.map(plain);
	return codec.toBigInt?.() ?? codec.toString();
}

// A `Result<(), DispatchError>` becomes null or the error's name; other enums their variant's name,
// or `{ [name]: data }` if it has data.
function plainEnum(codec) {
	if (codec.isErr) return errorName(codec.asErr);
	if (codec.isOk) return null;
	if (codec.isModule) return errorName(codec);
	return codec.value instanceof Null ? codec.type : { [codec.type]: plain(codec.value) };
}

// `pallet.Error` of a module, `token.FundsUnavailable` and the like, or the bare `BadOrigin`.
function errorName(error) {
	if (error.isModule) {
		const { section, name } = error.registry.findMetaError(error.asModule);
		return `${section}.${name}`;
	}
	const detail = error.value.type;
	return detail ? `${error.type.toLowerCase()}.${detail}` : error.type;
}

function plainEvent({ event }) {
	const names = event.data.names ?? event.data.map((_, index) => index);
	return {
		name: `${event.section}.${event.method}`,
		data: Object.fromEntries(names.map((name, index) => [name, plain(event.data[index])])),
	};
}
