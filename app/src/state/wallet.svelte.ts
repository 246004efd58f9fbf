// SPDX-License-Identifier: Apache-2.0

// Whose figures are shown, and who signs.

import type { PolkadotSigner } from 'polkadot-api/signer';
import { isAddress, normal } from '../lib/address.ts';
import { chain, type Head } from './chain.svelte.ts';
import { frame } from './frame.svelte.ts';
import { live } from './live.svelte.ts';
import * as store from './store.ts';

export interface Account {
	address: string;
	name: string;
	/** Nobody can sign for an address that is only looked at. */
	signer: PolkadotSigner | undefined;
}

const DEVELOPMENT_KEY = 'development key';

interface Remembered {
	wallet?: string;
	address?: string;
}

class Wallet {
	/** The wallets of this browser. */
	found = $state.raw<string[]>([]);
	/** The one that is connected. */
	name = $state<string>();
	/** All that the wallet has shared. */
	#shared = $state.raw<(Account & { genesisHash?: string | null | undefined })[]>([]);
	/** Those that are not kept for another chain. */
	accounts = $derived<Account[]>(
		this.#shared.filter(({ genesisHash }) => !genesisHash || genesisHash === chain.identity?.genesis),
	);
	account = $state.raw<Account>();
	/** Why a wallet could not be connected. */
	problem = $state('');
	busy = $state(false);

	/** Whether there is somebody to sign. */
	signs = $derived(this.account?.signer !== undefined);

	#disconnect: (() => void) | undefined;
	/** Of the connection in use. */
	#turn = 0;

	/** Looks for wallets, and turns to the one of last time. Extensions may come after the page. */
	start(): void {
		const remembered = store.read<Remembered>('account', {});
		if (remembered.address && !remembered.wallet && isAddress(remembered.address)) {
			this.account = { address: remembered.address, name: '', signer: undefined };
		}
		let tries = 0;
		const look = () => {
			this.found = Object.keys(window.injectedWeb3 ?? {});
			const { wallet } = remembered;
			if (wallet && this.found.includes(wallet)) void this.connect(wallet, remembered.address);
			else if (++tries < 10) setTimeout(look, 200);
		};
		look();
	}

	look(): void {
		this.found = Object.keys(window.injectedWeb3 ?? {});
	}

	async connect(name: string, address?: string): Promise<void> {
		const turn = ++this.#turn;
		this.busy = true;
		this.problem = '';
		try {
			const { connectInjectedExtension } = await import('polkadot-api/pjs-signer');
			const extension = await connectInjectedExtension(name, 'Holdfast');
			if (turn !== this.#turn) return extension.disconnect();
			this.#disconnect?.();
			this.name = name;
			const take = (accounts: ReturnType<typeof extension.getAccounts>) => {
				if (turn !== this.#turn) return;
				this.#shared = accounts.map((one) => ({
					// As this chain writes it.
					address: normal(one.address) ?? one.address,
					name: one.name ?? '',
					signer: one.polkadotSigner,
					genesisHash: one.genesisHash,
				}));
				const wanted = this.account?.signer ? this.account.address : address;
				const chosen = this.#shared.find((one) => one.address === wanted) ?? this.accounts[0];
				this.#choose(chosen);
				if (!chosen) this.problem = `${name} shares no account with this page.`;
			};
			const stop = extension.subscribe(take);
			this.#disconnect = () => {
				stop();
				extension.disconnect();
			};
			take(extension.getAccounts());
		} catch (error) {
			if (turn !== this.#turn) return;
			this.problem = `${name} did not connect: ${error instanceof Error ? error.message : error}`;
		} finally {
			if (turn === this.#turn) this.busy = false;
		}
	}

	choose(address: string): void {
		this.#choose(this.accounts.find((one) => one.address === address));
	}

	#choose(account: Account | undefined): void {
		this.account = account;
		store.write('account', account && { wallet: this.name, address: account.address });
	}

	/** Shows an account of which nobody here has the key. */
	watch(address: string): void {
		this.#drop();
		this.account = { address, name: '', signer: undefined };
		store.write('account', { address });
	}

	/** Signs with the key that everybody knows, on a development chain only. */
	async useAlice(): Promise<void> {
		if (!chain.development) return;
		const turn = ++this.#turn;
		const { alice } = await import('../lib/alice.ts');
		if (turn !== this.#turn || !chain.development) return;
		this.#drop();
		const account = await alice();
		this.name = DEVELOPMENT_KEY;
		this.#shared = [account];
		this.account = account;
		store.write('account', undefined);
	}

	/** On another chain a key that everybody has is no account to use. */
	dropDevelopmentKey(): void {
		if (this.name === DEVELOPMENT_KEY && !chain.development) this.leave();
	}

	leave(): void {
		this.#drop();
		this.account = undefined;
		store.write('account', undefined);
	}

	#drop(): void {
		this.#turn++;
		this.#disconnect?.();
		this.#disconnect = undefined;
		this.#shared = [];
		this.name = undefined;
		this.problem = '';
		this.busy = false;
	}
}

export const wallet = new Wallet();

/** What `who` has, in both units. */
async function readMine({ api, hash }: Head, who: string) {
	const at = { at: hash };
	const shareClass = await api.apis.LiquidStakingApi.share_class(at);
	const asset = shareClass[1]!;
	const [account, shares, deposit, redemptions] = await Promise.all([
		api.query.System.Account.getValue(who, at),
		api.query.Assets.Account.getValue(asset, who, at),
		api.constants.Balances.ExistentialDeposit(at),
		api.apis.LiquidStakingApi.redemptions_of(who, at),
	]);
	const { free, reserved, frozen } = account.data;
	// What is reserved counts towards what is frozen.
	const locked = frozen > reserved ? frozen - reserved : 0n;
	const kept = locked > deposit ? locked : deposit;
	return {
		who,
		free,
		reserved,
		frozen,
		/** What a call may take, so that the account lives on. */
		usable: free > kept ? free - kept : 0n,
		shares: shares?.balance ?? 0n,
		sharesWorth: shares ? await api.apis.LiquidStakingApi.preview_redeem(shares.balance, at) : 0n,
		redemptions,
	};
}

export type Mine = Awaited<ReturnType<typeof readMine>>;

let figures!: ReturnType<typeof live<Mine | null>>;
$effect.root(() => {
	figures = live(
		async (head) => {
			const address = wallet.account?.address;
			return address ? readMine(head, address) : null;
		},
		{ key: () => wallet.account?.address ?? '' },
	);
});

/** The figures of the account in use; `null` without one, `undefined` until they are read. */
export const mine = {
	get value(): Mine | null | undefined {
		return wallet.account ? figures.value : null;
	},
};

/** Whether a button that sends may be pressed. */
export const maySend = () => chain.open && wallet.signs && frame.value !== undefined;
