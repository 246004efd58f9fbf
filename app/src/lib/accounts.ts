// The accounts of the pool and the fund: "modl", the pallet's id and what tells them apart, then zeros.

import { AccountId } from '@polkadot-api/substrate-bindings';

const codec = AccountId(42);

export function palletAccount(palletId: Uint8Array, sub = ''): string {
	const bytes = new Uint8Array(32);
	const text = new TextEncoder();
	bytes.set(text.encode('modl'));
	bytes.set(palletId, 4);
	bytes.set(text.encode(sub), 4 + palletId.length);
	return codec.dec(bytes);
}
