// SPDX-License-Identifier: Apache-2.0

// Which runtime a page is made for, and whether a node describes the same one.
//
// What a wallet signs is encoded by what the node says of the runtime. A node that lies about that could
// have another call signed than the one that is shown. So the description is compared with the committed
// one, but for the values of constants, in which a development build differs from a production build.

import { Blake2256, decAnyMetadata, str, Struct, u32, unifyMetadata } from '@polkadot-api/substrate-bindings';

export interface MadeFor {
	specName: string;
	specVersion: number;
	digest: string;
}

const Version = Struct({
	specName: str,
	implName: str,
	authoringVersion: u32,
	specVersion: u32,
});

/** What an encoded description of a runtime says, as text, without docs and values of constants. */
function essence(metadata: Uint8Array): { text: string; version: Uint8Array | undefined } {
	const { pallets, ...rest } = unifyMetadata(decAnyMetadata(metadata));
	let version: Uint8Array | undefined;
	const bare = pallets.map(({ constants, ...pallet }) => {
		const value = constants.find(({ name }) => name === 'Version')?.value;
		if (pallet.name === 'System') version = value as Uint8Array | undefined;
		return { ...pallet, constants: constants.map(({ name, type }) => ({ name, type })) };
	});
	const text = JSON.stringify({ ...rest, pallets: bare }, (key, value: unknown) => {
		if (key === 'docs') return undefined;
		if (typeof value === 'bigint') return `${value}n`;
		return value instanceof Uint8Array ? hex(value) : value;
	});
	return { text, version };
}

const hex = (bytes: Uint8Array) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/** Name and version of the described runtime, and a hash of its description. */
export function madeFor(metadata: Uint8Array): MadeFor {
	const { text, version } = essence(metadata);
	if (!version) throw new Error('the description of the runtime has no version');
	const { specName, specVersion } = Version.dec(version);
	return { specName, specVersion, digest: hex(Blake2256(new TextEncoder().encode(text))) };
}
