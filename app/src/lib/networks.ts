// SPDX-License-Identifier: Apache-2.0

// Which nodes may be talked to without a question, and what a node's answer is taken for.

export interface Network {
	name: string;
	/** The hash of block 0; `null` where every build has another one, as in development. */
	genesis: string | null;
	endpoints: string[];
}

/** Endpoints that somebody has agreed to, each with the chain that was found there. */
export type Accepted = Record<string, string>;

/** Reads networks.json, which whoever deploys the page writes. Throws what is wrong with it. */
export function readNetworks(json: unknown): Network[] {
	if (!Array.isArray(json) || json.length === 0) throw new Error('networks.json names no network');
	return json.map((entry: Partial<Network>) => {
		const { name, genesis, endpoints } = entry;
		const known = genesis === null || (typeof genesis === 'string' && /^0x[0-9a-f]{64}$/.test(genesis));
		if (typeof name !== 'string' || !known || !Array.isArray(endpoints) || endpoints.length === 0) {
			throw new Error('networks.json: a network has a name, a genesis (or null) and endpoints');
		}
		return { name, genesis, endpoints: endpoints.map((url) => readEndpoint(`${url}`)) };
	});
}

const LOOPBACK = new Set(['127.0.0.1', 'localhost']);

/** A WebSocket's address in its normal form. Throws what is wrong with it. */
export function readEndpoint(text: string): string {
	let url: URL;
	try {
		url = new URL(text.trim());
	} catch {
		throw new Error('Write the address of a node, such as wss://node.example.org.');
	}
	if (url.protocol !== 'wss:' && url.protocol !== 'ws:') {
		throw new Error('The address of a node begins with wss://.');
	}
	if (url.protocol === 'ws:' && !LOOPBACK.has(url.hostname)) {
		throw new Error('Only a node on this computer may be reached without encryption: use wss://.');
	}
	if (url.username || url.password) throw new Error('Leave out user name and password.');
	url.hash = '';
	return url.href.replace(/\/$/, '');
}

/** Whether an endpoint may be talked to without asking. */
export function isKnown(url: string, networks: Network[], accepted: Accepted): boolean {
	return url in accepted || networks.some(({ endpoints }) => endpoints.includes(url));
}

export interface Answer {
	chain: string;
	genesis: string;
	specName: string;
	decimals: unknown;
	symbol: unknown;
}

export type Verdict = { ok: true; network: string; listed: boolean } | { ok: false; why: string };

/** Whether what answers at `url` is Holdfast, and the chain that is expected there. */
export function judge(
	url: string,
	answer: Answer,
	madeFor: { specName: string },
	networks: Network[],
	accepted: Accepted,
): Verdict {
	const { chain, genesis, specName, decimals, symbol } = answer;
	if (specName !== madeFor.specName) return { ok: false, why: `This is ${chain}, not Holdfast.` };
	if (decimals !== 10 || symbol !== 'HOLD') {
		return { ok: false, why: `${chain} counts in other units than HOLD of 10 decimals.` };
	}
	const here = networks.find(({ endpoints }) => endpoints.includes(url));
	const expected = here?.genesis ?? (here ? undefined : accepted[url]);
	if (expected && expected !== genesis) {
		const name = here?.name ?? 'the chain that was here before';
		return { ok: false, why: `This is ${chain}, but another chain than ${name}: its genesis differs.` };
	}
	const listed = networks.find((network) => network.genesis === genesis);
	return { ok: true, network: listed?.name ?? here?.name ?? chain, listed: Boolean(listed) };
}
