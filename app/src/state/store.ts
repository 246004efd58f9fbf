// What this browser remembers. A browser that forbids it forgets.

const KEY = 'holdfast:';

export function read<T>(name: string, otherwise: T): T {
	try {
		const text = localStorage.getItem(KEY + name);
		return text === null ? otherwise : (JSON.parse(text) as T);
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
