// SPDX-License-Identifier: Apache-2.0

// Hash routes: the page works from any static host, and from any directory of it.

class Route {
	#hash = $state(location.hash);

	constructor() {
		addEventListener('hashchange', () => {
			this.#hash = location.hash;
		});
	}

	/** `#/validators/5F…` is `['validators', '5F…']`. */
	parts = $derived(
		this.#hash
			.replace(/^#\/?/, '')
			.split('/')
			.filter((part) => part !== '')
			.map((part) => {
				try {
					return decodeURIComponent(part);
				} catch {
					return part;
				}
			}),
	);
	page = $derived(this.parts[0] ?? 'stake');
}

export const route = new Route();
