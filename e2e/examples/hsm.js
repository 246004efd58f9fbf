// SPDX-License-Identifier: Apache-2.0

// An account whose key never leaves a device with PKCS#11: it appoints a proxy for the daily work.
//   npm run hsm -- --module /usr/lib/softhsm/libsofthsm2.so --token holdfast --id 01 --proxy //Dave [--ws URL]
// The PIN is taken from HSM_PIN. Needs `pkcs11-tool` (opensc) and an Ed25519 key pair on the device.

import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { ed25519Verify } from '@polkadot/util-crypto';
import { Chain, eventsNamed } from '../lib/chain.js';

// In front of an Ed25519 signature, where the chain takes several kinds.
const ED25519 = 0;
const KEY_BYTES = 32;

/** A key pair on a device, as polkadot.js signs with it. */
class Device {
	constructor({ module, token, id }) {
		this.args = ['--module', module, '--token-label', token, '--id', id];
		this.dir = fs.mkdtempSync(path.join(os.tmpdir(), 'holdfast-hsm-'));
	}

	#tool(...args) {
		// The PIN is in the environment of the tool only, not in its arguments, which everybody can see.
		execFileSync('pkcs11-tool', [...this.args, ...args], {
			stdio: ['ignore', 'ignore', 'pipe'],
		});
	}

	publicKey() {
		const file = path.join(this.dir, 'key.pem');
		this.#tool('--read-object', '--type', 'pubkey', '--output-file', file);
		const pem = fs.readFileSync(file, 'utf8').replace(/-----[^-]+-----|\s/g, '');
		return Buffer.from(pem, 'base64').subarray(-KEY_BYTES);
	}

	/** What polkadot.js asks of a signer. The data are hashed already if they are long. */
	signRaw = async ({ data }) => {
		const [message, signature] = ['message', 'signature'].map((name) =>
			path.join(this.dir, name),
		);
		const bytes = Buffer.from(data.slice(2), 'hex');
		fs.writeFileSync(message, bytes);
		const files = ['--input-file', message, '--output-file', signature];
		this.#tool('--login', '--pin', 'env:HSM_PIN', '--sign', '--mechanism', 'EDDSA', ...files);
		const signed = fs.readFileSync(signature);
		if (!ed25519Verify(bytes, signed, this.publicKey())) {
			throw new Error('the device made a signature that is not valid');
		}
		return { id: 1, signature: `0x${Buffer.from([ED25519, ...signed]).toString('hex')}` };
	};

	close() {
		fs.rmSync(this.dir, { recursive: true });
	}
}

async function main() {
	/** @type {(value?: string) => { type: 'string', default?: string }} */
	const text = (value) => ({ type: 'string', ...(value && { default: value }) });
	const { values } = parseArgs({
		options: {
			ws: text('ws://127.0.0.1:9944'),
			module: text(undefined),
			token: text('holdfast'),
			id: text('01'),
			proxy: text('//Dave'),
		},
	});
	if (!values.module) throw new Error('name the library of the device with --module FILE');
	const device = new Device(values);
	const chain = await Chain.connect(values.ws);
	try {
		const { api } = chain;
		const address = api.registry.createType('AccountId', device.publicKey()).toString();
		console.log(`The account of the device is ${address}.`);
		const delegate = chain.account(values.proxy).address;
		const call = api.tx.proxy.addProxy(delegate, 'Operator', 0);
		api.setSigner(device);
		const { events, dispatchError, blockNumber } = await chain.send(call, { address });
		if (dispatchError) throw new Error(`failed with ${dispatchError}`);
		const [{ delegatee }] = eventsNamed(events, 'proxy.ProxyAdded');
		console.log(`In block ${blockNumber} it has made ${delegatee} its operator's proxy.`);
	} finally {
		await chain.disconnect();
		device.close();
	}
}

main().catch((error) => {
	console.error(`hsm: ${error.message}`);
	process.exitCode = 1;
});
