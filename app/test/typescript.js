// SPDX-License-Identifier: Apache-2.0

// Lets Node.js 20 run the TypeScript of the unit tests: types are erased, nothing is checked here.

import { register } from 'node:module';

register(
	`data:text/javascript,${encodeURIComponent(`
		import { readFile } from 'node:fs/promises';
		import ts from ${JSON.stringify(import.meta.resolve('typescript'))};

		export async function load(url, context, next) {
			if (!url.endsWith('.ts')) return next(url, context);
			const text = await readFile(new URL(url), 'utf8');
			const options = { module: 'ESNext', target: 'ES2022', verbatimModuleSyntax: true };
			const { outputText } = ts.transpileModule(text, { compilerOptions: options });
			return { format: 'module', source: outputText, shortCircuit: true };
		}
	`)}`,
);
