// SPDX-License-Identifier: Apache-2.0

// Where the programs of the relay chain are. Nothing else in the project needs them.

import fs from 'node:fs';
import path from 'node:path';

const PROGRAMS = ['polkadot', 'polkadot-prepare-worker', 'polkadot-execute-worker'];
// Of the SDK that this node is built with; `Cargo.toml` pins it.
const RELEASE = 'polkadot-stable2609-2';
const RELEASES = 'https://github.com/paritytech/polkadot-sdk/releases';

export class MissingBinaries extends Error {}

function isProgram(file) {
	try {
		fs.accessSync(file, fs.constants.X_OK);
		return fs.statSync(file).isFile();
	} catch {
		return false;
	}
}

/** The path of `polkadot`, with its workers beside it; throws `MissingBinaries`, which says what to do. */
export function findRelay(env = process.env) {
	const { HOLDFAST_RELAY_BIN: directory } = env;
	const onPath = (env.PATH ?? '').split(path.delimiter).filter(Boolean);
	const places = directory ? [path.resolve(directory)] : onPath;
	const found = places.find((place) => isProgram(path.join(place, PROGRAMS[0])));
	const missing = found
		? PROGRAMS.filter((name) => !isProgram(path.join(found, name)))
		: PROGRAMS;
	if (missing.length === 0) return path.join(found, PROGRAMS[0]);
	const where =
		found ?? (directory ? `${directory} (HOLDFAST_RELAY_BIN)` : 'any directory of PATH');
	throw new MissingBinaries(
		`no ${missing.join(', no ')} in ${where}: download ${PROGRAMS.join(', ')} of the release ` +
			`${RELEASE} from ${RELEASES} into one directory, make them executable, and put that ` +
			'directory on PATH or into HOLDFAST_RELAY_BIN',
	);
}
