// SPDX-License-Identifier: Apache-2.0

// Figures that follow the chain.

import { untrack } from 'svelte';
import { chain, type Head } from './chain.svelte.ts';

export interface Live<T> {
	/** What was read last; `undefined` until something is. */
	readonly value: T | undefined;
	/** The block in which that was. */
	readonly block: number | undefined;
	/** Whether the chain cannot answer. */
	readonly failed: boolean;
}

interface Options {
	/** What the question depends on. Another key makes the last answer void at once. */
	key?: () => string;
	/** Read again only when this changes, and not with every block. */
	when?: () => unknown;
}

/**
 * Reads at each block, one at a time: if reading takes longer than a block, blocks in between are left out.
 * To be called while a component, or the root, is set up.
 */
export function live<T>(read: (head: Head) => Promise<T>, options: Options = {}): Live<T> {
	const { key = () => '', when } = options;
	let value = $state.raw<T>();
	let block = $state.raw<number>();
	let failed = $state(false);

	let asked: string | undefined;
	let answeredWhen: unknown;
	let turn = 0;
	let busy = false;

	function step(head: Head, when_: unknown) {
		if (busy) return;
		busy = true;
		const mine = turn;
		read(head)
			.then(
				(answer) => {
					if (mine !== turn) return;
					value = answer;
					block = head.number;
					failed = false;
					answeredWhen = when_;
				},
				(error: unknown) => {
					if (mine !== turn) return;
					// A block that is gone, or a connection that is: the next block asks again.
					failed = !isPassing(error);
					if (failed) console.warn('not read:', error);
				},
			)
			.finally(() => {
				if (mine !== turn) return;
				busy = false;
				// A block has come in the meantime.
				const next = chain.head;
				if (next && next.hash !== head.hash && (!when || value === undefined)) step(next, when_);
			});
	}

	$effect(() => {
		const { head } = chain;
		const now = `${chain.url} ${key()}`;
		const marker = when?.();
		if (now !== asked) {
			asked = now;
			turn++;
			busy = false;
			answeredWhen = undefined;
			value = undefined;
			block = undefined;
			failed = false;
		}
		if (!head) return;
		if (when && answeredWhen !== undefined && Object.is(marker, answeredWhen)) return;
		untrack(() => step(head, marker));
	});
	$effect(() => () => {
		turn++;
	});

	return {
		get value() {
			return value;
		},
		get block() {
			return block;
		},
		get failed() {
			return failed;
		},
	};
}

function isPassing(error: unknown): boolean {
	const name = error instanceof Error ? error.name : '';
	return /NotPinned|Disjoint|Destroyed|Stop|Halt|Abort|Operation(Limit|Inaccessible)|NotReady/i.test(
		`${name} ${error instanceof Error ? error.message : ''}`,
	);
}
