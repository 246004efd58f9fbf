// SPDX-License-Identifier: Apache-2.0

/// <reference types="svelte" />
/// <reference types="vite/client" />

/** The runtime of the committed metadata, see vite.config.ts. */
declare const __MADE_FOR__: import('./lib/runtime.ts').MadeFor;
