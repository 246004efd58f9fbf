// SPDX-License-Identifier: Apache-2.0
// Draws the diagrams of a page, which mdBook leaves as code.

/* global mermaid */

const isDark = ['ayu', 'coal', 'navy'].some((theme) =>
	document.documentElement.classList.contains(theme),
);

for (const code of document.querySelectorAll('code.language-mermaid')) {
	const diagram = document.createElement('pre');
	diagram.className = 'mermaid';
	diagram.textContent = code.textContent;
	code.closest('pre').replaceWith(diagram);
}

mermaid.initialize({ startOnLoad: false, theme: isDark ? 'dark' : 'default' });
mermaid.run();
