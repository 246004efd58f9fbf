// SPDX-License-Identifier: Apache-2.0

// The first development account. Everybody has its key: of use on a development chain only, and loaded
// only when somebody asks for it.

import { sr25519CreateDerive } from '@polkadot-labs/hdkd';
import { DEV_MINI_SECRET, ss58Address } from '@polkadot-labs/hdkd-helpers';
import { getPolkadotSigner } from 'polkadot-api/signer';
import type { Account } from '../state/wallet.svelte.ts';

export async function alice(): Promise<Account> {
	const { publicKey, sign } = sr25519CreateDerive(DEV_MINI_SECRET)('//Alice');
	return {
		address: ss58Address(publicKey, 42),
		name: 'Alice (development key)',
		signer: getPolkadotSigner(publicKey, 'Sr25519', sign),
	};
}
