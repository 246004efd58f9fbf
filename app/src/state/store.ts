// SPDX-License-Identifier: Apache-2.0

// What this browser remembers. A browser that forbids it forgets.

const KEY = 'holdfast:';

export function read<T>(name: string, otherwise: T): T {
	try {
		const text = localStorage.getItem(KEY + name);
		const value: unknown = text === null ? undefined : JSON.parse(text);
		// What somebody has put there may be of another kind.
		return value === null || typeof value !== typeof otherwise ? otherwise : (value as T);
	} catch {
		return otherwise;
	}
}

export function write(name: string, value: unknown): void {
	try {
		if (value === undefined) localStorage.removeItem(KEY + name);
		else localStorage.setItem(KEY + name, JSON.stringify(value));
	} catch {
		// Nothing depends on it.
	}
}
