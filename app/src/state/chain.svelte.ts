// SPDX-License-Identifier: Apache-2.0

// The connection to one node. All that the page shows is read by the hash of one block: streams of the
// client do not survive a reconnect, so after one there is a new client.

import { holdfast } from '@polkadot-api/descriptors';
import { createClient, type PolkadotClient, type TypedApi } from 'polkadot-api';
import { getWsProvider, WsEvent } from 'polkadot-api/ws';
import type { Subscription } from 'rxjs';
import { isKnown, judge, readEndpoint, readNetworks, type Accepted, type Network } from '../lib/networks.ts';
import { BlockClock } from '../lib/time.ts';
import * as store from './store.ts';

export type Api = TypedApi<typeof holdfast>;

/** A block to read at. */
export interface Head {
	hash: string;
	number: number;
	client: PolkadotClient;
	api: Api;
}

export type Status =
	/** Nothing was tried yet. */
	| 'starting'
	/** An unknown endpoint was asked for, by a link or by hand: is it to be trusted? */
	| 'asking'
	| 'connecting'
	| 'ready'
	| 'lost'
	| 'wrong';

export interface Identity {
	chain: string;
	genesis: string;
	/** As the list of networks has it. */
	network: string;
	/** Whether the list of networks has this genesis. */
	listed: boolean;
}

const MADE_FOR = __MADE_FOR__;
const RETRY_MS = [500, 1_000, 2_000, 4_000, 8_000, 15_000];
const SILENT_MS = 40_000;
/** Without a block for so long after a sleep, the connection is taken for lost. */
const ASLEEP_MS = 30_000;
const ANSWER_MS = 60_000;
/** Figures change no faster than they can be read, however fast blocks come. */
const BETWEEN_MS = 900;

class Chain {
	networks = $state.raw<Network[]>([]);
	url = $state('');
	status = $state<Status>('starting');
	/** Why the network is wrong, or the page cannot start. */
	problem = $state('');
	identity = $state.raw<Identity>();
	head = $state.raw<Head>();
	/** Version of the runtime at the head. */
	specVersion = $state<number>();
	/** Whether the node describes the runtime as the page knows it. Not known before it is compared. */
	sameCalls = $state<boolean>();
	/** Milliseconds of a block, measured; not known at first. */
	blockTime = $state<number>();

	/** Whether the runtime is another one than the page is made for. */
	newer = $derived(
		(this.specVersion !== undefined && this.specVersion !== MADE_FOR.specVersion) || this.sameCalls === false,
	);
	/** Whether anything may be sent. */
	open = $derived(this.status === 'ready' && this.head !== undefined && this.sameCalls === true && !this.newer);
	/** Whether keys that everybody knows are of use: a chain that is listed nowhere and says so itself. */
	development = $derived(
		this.identity !== undefined && !this.identity.listed && this.identity.chain === 'Holdfast Development',
	);

	#client: PolkadotClient | undefined;
	#blocks: Subscription | undefined;
	/** Of the client in use. What an older one still says does not count. */
	#turn = 0;
	#attempt = 0;
	#byHand = false;
	#comparing = false;
	#timer: ReturnType<typeof setTimeout> | undefined;
	#clock = new BlockClock();
	#lastBlock = 0;
	/** The newest block while it waits to be shown. */
	#latest: Head | undefined;
	#show: ReturnType<typeof setTimeout> | undefined;
	#shown = 0;
	/** What nodes have said of their runtimes, by the hash of its code: it need not be asked for again. */
	#metadata = new Map<string, Uint8Array>();
	/** The genesis that the session began with, by endpoint. */
	#accepted: Accepted = store.read('accepted', {});

	async start(): Promise<void> {
		try {
			const response = await fetch('./networks.json');
			if (!response.ok) throw new Error(`networks.json: ${response.status}`);
			this.networks = readNetworks(await response.json());
		} catch (error) {
			this.status = 'wrong';
			this.problem = `The page is not set up: ${(error as Error).message}`;
			return;
		}
		document.addEventListener('visibilitychange', () => this.#wake());
		addEventListener('online', () => this.#wake());
		const asked = new URLSearchParams(location.search).get('rpc');
		const fallback = this.networks[0]!.endpoints[0]!;
		const last = store.read('endpoint', fallback);
		this.use(asked ?? (isKnown(last, this.networks, this.#accepted) ? last : fallback));
	}

	/** Turns to another endpoint; asks first if it is unknown. By hand, it is that of the next time, too. */
	use(text: string, byHand = false): void {
		let url: string;
		try {
			url = readEndpoint(text);
		} catch (error) {
			this.#leave();
			this.url = text;
			this.status = 'wrong';
			this.problem = (error as Error).message;
			return;
		}
		this.#leave();
		this.#byHand = byHand;
		this.url = url;
		this.identity = undefined;
		this.head = undefined;
		this.#attempt = 0;
		if (isKnown(url, this.networks, this.#accepted)) this.#connect();
		else this.status = 'asking';
	}

	/** The endpoint that was asked about is to be trusted. */
	accept(): void {
		if (this.status === 'asking') this.#connect();
	}

	/** Tries again at once. */
	retry(): void {
		if (this.status === 'lost') this.#connect();
	}

	#wake(): void {
		if (document.visibilityState !== 'visible') return;
		if (this.status === 'lost') this.#connect();
		else if (this.status === 'ready' && Date.now() - this.#lastBlock > ASLEEP_MS) this.#lose();
	}

	#leave(): void {
		this.#turn++;
		clearTimeout(this.#timer);
		clearTimeout(this.#show);
		this.#show = undefined;
		this.#latest = undefined;
		this.#shown = 0;
		this.#blocks?.unsubscribe();
		this.#blocks = undefined;
		const client = this.#client;
		this.#client = undefined;
		client?.destroy();
		this.#clock.forget();
		this.specVersion = undefined;
		this.sameCalls = undefined;
	}

	#lose(): void {
		this.#leave();
		this.status = 'lost';
		const wait = RETRY_MS[Math.min(this.#attempt++, RETRY_MS.length - 1)]!;
		this.#timer = setTimeout(() => this.#connect(), wait);
	}

	#connect(): void {
		this.#leave();
		const turn = this.#turn;
		const current = (act: () => void) => {
			if (turn === this.#turn) act();
		};
		// What was read stays on the screen while the connection is lost.
		if (this.status !== 'lost') this.status = 'connecting';
		const provider = getWsProvider(this.url, {
			heartbeatTimeout: SILENT_MS,
			onStatusChanged: ({ type }) => {
				const gone = type === WsEvent.CLOSE || type === WsEvent.ERROR;
				// Not within the client's own handler.
				if (gone) queueMicrotask(() => current(() => this.#lose()));
			},
		});
		const client = createClient(provider, {
			getMetadata: async (code) => this.#metadata.get(code) ?? null,
			setMetadata: (code, metadata) => this.#metadata.set(code, metadata),
		});
		this.#client = client;
		this.#identify(client, current).catch(() => current(() => this.#lose()));
	}

	async #identify(client: PolkadotClient, current: (act: () => void) => void): Promise<void> {
		const api = client.getTypedApi(holdfast);
		const [chain, block] = await within(
			ANSWER_MS,
			Promise.all([client.getChainSpecData(), client.getFinalizedBlock()]),
		);
		const upgraded = await within(
			ANSWER_MS,
			api.query.System.LastRuntimeUpgrade.getValue({ at: block.hash }).catch(() => undefined),
		);
		current(() => {
			const verdict = judge(
				this.url,
				{
					chain: chain.name,
					genesis: chain.genesisHash,
					specName: upgraded?.spec_name ?? '',
					decimals: chain.properties?.tokenDecimals,
					symbol: chain.properties?.tokenSymbol,
				},
				MADE_FOR,
				this.networks,
				this.#accepted,
			);
			const before = this.identity?.genesis;
			if (!verdict.ok || (before && before !== chain.genesisHash)) {
				this.#leave();
				this.status = 'wrong';
				// Whoever turns to it once more is asked once more.
				const { [this.url]: _, ...others } = this.#accepted;
				this.#accepted = others;
				store.write('accepted', others);
				this.problem = verdict.ok
					? `This is ${chain.name}, but another chain than before: its genesis differs.`
					: verdict.why;
				return;
			}
			const { network, listed } = verdict;
			this.identity = { chain: chain.name, genesis: chain.genesisHash, network, listed };
			if (!this.networks.some(({ endpoints }) => endpoints.includes(this.url))) {
				this.#accepted = { ...this.#accepted, [this.url]: chain.genesisHash };
				store.write('accepted', this.#accepted);
			}
			if (this.#byHand) store.write('endpoint', this.url);
			this.#follow(client, api, current);
		});
	}

	#follow(client: PolkadotClient, api: Api, current: (act: () => void) => void): void {
		const lose = () => queueMicrotask(() => current(() => this.#lose()));
		this.#blocks = client.bestBlocks$.subscribe({
			next: ([best]) => {
				if (!best) return;
				current(() => this.#saw({ hash: best.hash, number: best.number, client, api }));
			},
			error: lose,
			complete: lose,
		});
	}

	#saw(head: Head): void {
		this.#lastBlock = Date.now();
		this.#clock.saw(head.number, this.#lastBlock);
		this.#latest = head;
		const wait = this.#shown + BETWEEN_MS - this.#lastBlock;
		if (wait <= 0) this.#publish();
		else this.#show ??= setTimeout(() => this.#publish(), wait);
	}

	#publish(): void {
		clearTimeout(this.#show);
		this.#show = undefined;
		const head = this.#latest;
		if (!head) return;
		this.#shown = Date.now();
		this.head = head;
		this.status = 'ready';
		this.#attempt = 0;
		this.blockTime = this.#clock.blockTime ?? this.blockTime;
		void this.#version(head);
	}

	/** Compares the runtime at this block with the one that the page is made for. */
	async #version(head: Head): Promise<void> {
		const turn = this.#turn;
		try {
			const upgraded = await head.api.query.System.LastRuntimeUpgrade.getValue({ at: head.hash });
			if (turn !== this.#turn || !upgraded) return;
			const { spec_version } = upgraded;
			if (spec_version !== this.specVersion) {
				this.specVersion = spec_version;
				this.sameCalls = undefined;
			}
			if (this.sameCalls !== undefined || this.#comparing) return;
			this.#comparing = true;
			const same = await this.describesAsMade(head.client, head.hash);
			if (turn === this.#turn) this.sameCalls = same;
		} catch {
			// The block is gone already, or the connection. The next block asks again.
		} finally {
			this.#comparing = false;
		}
	}

	/** Whether what is signed at this block is encoded as the page knows it. */
	async describesAsMade(client: PolkadotClient, hash: string): Promise<boolean> {
		const metadata = await client.getMetadata(hash);
		// On demand: the first figures need it not.
		const { madeFor } = await import('../lib/runtime.ts');
		const { digest, specVersion } = madeFor(metadata);
		return digest === MADE_FOR.digest && specVersion === MADE_FOR.specVersion;
	}
}

/** Fails if `promise` takes too long. */
function within<T>(ms: number, promise: Promise<T>): Promise<T> {
	let timer: ReturnType<typeof setTimeout>;
	const late = new Promise<never>((_, reject) => {
		timer = setTimeout(() => reject(new Error('no answer')), ms);
	});
	return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

export const chain = new Chain();
