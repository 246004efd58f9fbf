// SPDX-License-Identifier: Apache-2.0

// The end-to-end tests' own tools are plain JavaScript.
declare module '*/e2e/lib/node.js' {
	export interface Node {
		url: string;
		tail(): string;
		stop(options?: { keepLog?: boolean }): Promise<void>;
	}
	export function startNode(options?: { basePath?: string; port?: number }): Promise<Node>;
}

declare module '*/e2e/lib/setup.js' {
	export function mochaGlobalSetup(): Promise<void>;
	export function mochaGlobalTeardown(): void;
}

declare module '*/e2e/lib/chain.js' {
	export const HOLD: bigint;
	// biome-ignore lint/suspicious/noExplicitAny: polkadot.js, whose types this package does not have.
	export type Any = any;
	export interface Sent {
		blockHash: string;
		blockNumber: number;
		parentHash: string;
		events: { name: string; data: Record<string, Any> }[];
		fee: bigint;
		dispatchError: string | null;
	}
	export class Chain {
		static connect(url: string): Promise<Chain>;
		api: Any;
		disconnect(): Promise<void>;
		account(uri: string): Any;
		at(hash: string): Promise<Any>;
		send(call: Any, signer: Any): Promise<Sent>;
		head(): Promise<{ number: number; hash: string; at: Any; events: Any[] }>;
		waitForEra(era: bigint, options: { blocks: number }): Promise<{ number: number; at: Any }>;
		waitForEvent(
			name: string,
			options: { from?: number; blocks: number; match?: (data: Any) => boolean },
		): Promise<{ block: { number: number; at: Any }; data: Any }>;
	}
	export function plain(codec: Any): Any;
	export function format(units: bigint, symbol?: string): string;
	export function activeEra(at: Any): Promise<bigint>;
}

declare module '*/e2e/lib/pool.js' {
	import type { Any } from '*/e2e/lib/chain.js';
	export function holdOf(at: Any, account: string): Promise<bigint>;
	export function stholdOf(at: Any, account: string): Promise<bigint>;
	export function stashAccounts(api: Any): string[];
}
