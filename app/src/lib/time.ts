// SPDX-License-Identifier: Apache-2.0

// Durations are estimates: a number of blocks times what a block takes.

/** `90_000` as `1 min 30 s`: two units at most. */
export function duration(ms: number): string {
	const seconds = Math.max(0, Math.round(ms / 1000));
	const parts: [number, string][] = [
		[Math.floor(seconds / 86_400), 'd'],
		[Math.floor(seconds / 3_600) % 24, 'h'],
		[Math.floor(seconds / 60) % 60, 'min'],
		[seconds % 60, 's'],
	];
	const first = parts.findIndex(([count]) => count > 0);
	if (first === -1) return 'less than 1 s';
	return parts
		.slice(first, first + 2)
		.filter(([count]) => count > 0)
		.map(([count, unit]) => `${count} ${unit}`)
		.join(' ');
}

/** When `ms` from now is: a time if it is today, else a date with the hour. */
export function moment(ms: number, now = Date.now()): string {
	const then = new Date(now + ms);
	const today = new Date(now).toDateString() === then.toDateString();
	const time = { hour: '2-digit', minute: '2-digit' } as const;
	const date = { day: 'numeric', month: 'short', year: 'numeric', ...time } as const;
	return new Intl.DateTimeFormat('en-GB', today ? time : date).format(then);
}

interface Seen {
	number: number;
	at: number;
}

/** Measures how long a block takes, from those that arrive. */
export class BlockClock {
	#seen: Seen[] = [];

	saw(number: number, at: number): void {
		const last = this.#seen.at(-1);
		// Another chain, or this one from its beginning.
		if (last && number < last.number) this.#seen = [];
		if (last?.number === number) return;
		this.#seen.push({ number, at });
		if (this.#seen.length > 21) this.#seen.shift();
	}

	forget(): void {
		this.#seen = [];
	}

	/** Milliseconds; not known before three blocks have arrived. */
	get blockTime(): number | undefined {
		const [first, last] = [this.#seen[0], this.#seen.at(-1)];
		if (!first || !last || last.number - first.number < 2) return undefined;
		return (last.at - first.at) / (last.number - first.number);
	}
}
