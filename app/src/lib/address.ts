// SPDX-License-Identifier: Apache-2.0

import { AccountId } from '@polkadot-api/substrate-bindings';

const PREFIX = 42;
const codec = AccountId(PREFIX);

/** Whether it is an address of an account, of any chain. */
export function isAddress(text: string): boolean {
	return normal(text) !== undefined;
}

/** The address as this chain writes it; nothing if it is none. */
export function normal(text: string): string | undefined {
	try {
		return codec.dec(codec.enc(text.trim()));
	} catch {
		return undefined;
	}
}

export function samePerson(a: string | undefined, b: string | undefined): boolean {
	if (a === undefined || b === undefined) return false;
	return a === b || normal(a) === normal(b);
}
