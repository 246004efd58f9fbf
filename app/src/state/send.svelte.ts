// SPDX-License-Identifier: Apache-2.0

// One transaction at a time: from the preview to the final block, with every way in which it can end.

import { InvalidTxError, type PolkadotSigner, type Transaction, type TxBroadcastEvent } from 'polkadot-api';
import type { Subscription } from 'rxjs';
import { explainDispatch, explainInvalid } from '../lib/errors.ts';
import { outcome } from '../lib/outcome.ts';
import { chain, type Api } from './chain.svelte.ts';
import { wallet } from './wallet.svelte.ts';

/** What is signed is good for 64 blocks, or for as many more as take three minutes. */
const MORTAL_BLOCKS = 64;
const MORTAL_MS = 180_000;
/** What is in a block is told within seconds. After that the page asks: the client loses track where blocks outrun it. */
const PATIENCE_MS = 30_000;
/** The chain remembers the hashes of 4,096 blocks. */
const MORTAL_MOST = 2_048;

export interface Order {
	/** What it does, as a verb: "Deposit". */
	title: string;
	/** What is agreed to, line by line, in the very numbers that are signed. */
	lines: [term: string, value: string][];
	/** What to know before. */
	note?: string;
	build: (api: Api) => Transaction;
	/** After it has succeeded. */
	done?: () => void;
}

export type Stage =
	| { is: 'preview' }
	| { is: 'signing' }
	| { is: 'sent'; nonce: number; lastBlock: number; since: number }
	| { is: 'inBlock'; block: number; final: boolean; words: string }
	| { is: 'failed'; block: number; words: string; final: boolean }
	/** It is in no block, and cost nothing. */
	| { is: 'refused'; words: string }
	/** The connection was lost while it was under way, or its time is over. */
	| { is: 'unknown'; nonce: number; lastBlock: number }
	/** That is settled: whether a transaction with its number is in a block. */
	| { is: 'settled'; included: boolean };

class Sending {
	order = $state.raw<Order>();
	stage = $state.raw<Stage>({ is: 'preview' });
	fee = $state<bigint>();
	feeProblem = $state('');
	callData = $state('');

	/** Who is to sign, fixed when the preview opens. */
	from = $state.raw<typeof wallet.account>();
	#genesis = '';
	/** Of the order in use. What an older one still says does not count. */
	#turn = 0;
	#watch: Subscription | undefined;

	open(order: Order): void {
		this.#turn++;
		this.#watch?.unsubscribe();
		this.order = order;
		this.stage = { is: 'preview' };
		this.fee = undefined;
		this.feeProblem = '';
		this.callData = '';
		this.from = wallet.account;
		this.#genesis = chain.identity?.genesis ?? '';
		void this.#preview(this.#turn);
	}

	/** Closes the dialog. What is sent already stays sent; what is signed after that is not sent. */
	close(): void {
		this.#turn++;
		this.#watch?.unsubscribe();
		this.order = undefined;
	}

	/** Whether the wallet is asked: it is not closed by accident then. */
	get busy(): boolean {
		return this.stage.is === 'signing';
	}

	/** Blocks for which what is signed now may be included: a power of two. */
	get lasts(): number {
		const wanted = MORTAL_MS / Math.max(chain.blockTime ?? MORTAL_MS, 1);
		let blocks = MORTAL_BLOCKS;
		while (blocks < wanted && blocks < MORTAL_MOST) blocks *= 2;
		return blocks;
	}

	async #preview(turn: number): Promise<void> {
		const { head } = chain;
		if (!head || !this.order || !this.from) return;
		try {
			const call = this.order.build(head.api);
			const [data, fee] = await Promise.all([call.getEncodedData(), call.getEstimatedFees(this.from.address)]);
			if (turn !== this.#turn) return;
			this.callData = `0x${Array.from(data, (b) => b.toString(16).padStart(2, '0')).join('')}`;
			this.fee = fee;
		} catch (error) {
			if (turn === this.#turn) this.feeProblem = 'not known: the node did not answer';
			console.warn('no fee:', error);
		}
	}

	async confirm(): Promise<void> {
		const { head } = chain;
		const { order, from } = this;
		// The chain or the account may have changed since the preview.
		if (this.stage.is !== 'preview' || !order || !from?.signer || !head || !chain.open) return;
		if (chain.identity?.genesis !== this.#genesis || wallet.account?.address !== from.address) {
			this.stage = {
				is: 'refused',
				words: 'Account or network are others than in the preview. Close this and look again.',
			};
			return;
		}
		const turn = this.#turn;
		const mine = () => turn === this.#turn;
		const period = this.lasts;
		this.stage = { is: 'signing' };

		let signed: Uint8Array;
		let nonce: number;
		let lastBlock: number;
		let release = () => {};
		try {
			// Of the very last block: what was sent a moment ago counts.
			const [best] = await head.client.getBestBlocks();
			nonce = await head.api.apis.AccountNonceApi.account_nonce(from.address, { at: best!.hash });
			lastBlock = best!.number + period;
			const { hash } = await head.client.getFinalizedBlock();
			// Comparing takes a while, and the block must be there still when what is signed is put together.
			release = once(head.client.hodlBlock(hash));
			// The node may have described its runtime anew since the preview.
			if (!(await chain.describesAsMade(head.client, hash))) {
				if (mine()) this.stage = { is: 'refused', words: OTHERWISE };
				return;
			}
			signed = await order.build(head.api).sign(releasing(from.signer, release), {
				at: hash,
				nonce,
				mortality: { mortal: true, period },
			});
		} catch (error) {
			if (!mine()) return;
			this.stage = { is: 'refused', words: whyNotSigned(error) };
			return;
		} finally {
			release();
		}
		if (!mine()) return;
		// Whoever signs may take their time: what was signed for another network is not sent.
		if (!chain.open || chain.identity?.genesis !== this.#genesis || !chain.head) {
			this.stage = {
				is: 'refused',
				words: 'The connection changed while you signed. Nothing was sent.',
			};
			return;
		}
		const sent: Stage = { is: 'sent', nonce, lastBlock, since: Date.now() };
		this.stage = sent;
		let broadcast = false;
		this.#watch = chain.head.client.submitAndWatch(signed).subscribe({
			next: (event) => {
				broadcast ||= event.type === 'broadcasted';
				if (mine()) this.#hear(event, order, sent);
			},
			error: (error: unknown) => {
				if (!mine()) return;
				const { stage } = this;
				if (stage.is === 'inBlock' || stage.is === 'failed') return;
				if (!(error instanceof InvalidTxError)) {
					this.stage = { is: 'unknown', nonce, lastBlock };
					return;
				}
				const so = broadcast ? 'It came into no block, and cost nothing.' : 'Nothing was sent.';
				this.stage = { is: 'refused', words: `${explainInvalid(error.error)} ${so}` };
			},
		});
	}

	#hear(event: TxBroadcastEvent, order: Order, sent: Stage): void {
		if (event.type === 'finalized' || (event.type === 'txBestBlocksState' && event.found)) {
			const final = event.type === 'finalized';
			const block = event.block.number;
			if (event.ok) {
				const first = this.stage.is !== 'inBlock';
				this.stage = { is: 'inBlock', block, final, words: outcome(event.events) };
				if (first) order.done?.();
			} else {
				this.stage = { is: 'failed', block, final, words: explainDispatch(event.dispatchError) };
			}
		} else if (event.type === 'txBestBlocksState' && event.isValid) {
			// It was in a block that is not the best any more.
			this.stage = sent;
		}
	}

	/** Finds out what became of a transaction of which nothing more was heard. */
	async settle(): Promise<void> {
		const { stage, from } = this;
		const { head } = chain;
		if ((stage.is !== 'unknown' && stage.is !== 'sent') || !from || !head || !chain.open) return;
		if (stage.is === 'sent' && Date.now() - stage.since < PATIENCE_MS) return;
		if (chain.identity?.genesis !== this.#genesis) return;
		const turn = this.#turn;
		try {
			const block = await head.client.getFinalizedBlock();
			const at = { at: block.hash };
			const nonce = await head.api.apis.AccountNonceApi.account_nonce(from.address, at);
			if (turn !== this.#turn || this.stage !== stage) return;
			if (nonce > stage.nonce) this.stage = { is: 'settled', included: true };
			else if (block.number > stage.lastBlock) this.stage = { is: 'settled', included: false };
		} catch {
			// The next block asks again.
		}
	}
}

const OTHERWISE = 'The node describes the calls of the chain otherwise than this page knows them. Nothing was signed.';

function once(act: () => void): () => void {
	let open = true;
	return () => {
		if (open) act();
		open = false;
	};
}

/** The signer, before which `release` is called: a node keeps no block for as long as somebody thinks. */
const releasing = (signer: PolkadotSigner, release: () => void): PolkadotSigner => ({
	...signer,
	signTx: (...asked) => {
		release();
		return signer.signTx(...asked);
	},
});

function whyNotSigned(error: unknown): string {
	const text = error instanceof Error ? error.message : `${error}`;
	if (/cancel|reject|denied|refus|declin/i.test(text)) return 'You did not sign. Nothing was sent.';
	return `The wallet did not sign: ${text || 'it gave no reason'}. Nothing was sent.`;
}

export const sending = new Sending();
