// SPDX-License-Identifier: Apache-2.0

// The accounts of the pool and the fund: "modl" and the pallet's id, then zeros.

import { AccountId } from '@polkadot-api/substrate-bindings';

const codec = AccountId(42);

export function palletAccount(palletId: Uint8Array): string {
	const bytes = new Uint8Array(32);
	bytes.set(new TextEncoder().encode('modl'));
	bytes.set(palletId, 4);
	return codec.dec(bytes);
}
