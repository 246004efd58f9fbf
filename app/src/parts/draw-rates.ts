// SPDX-License-Identifier: Apache-2.0

// Draws the rate. The only place where amounts become floats: pixels are.

import { fixed } from '../lib/amount.ts';

interface Point {
	era: number;
	rate: bigint;
	slashed: bigint;
}

/** Draws into `place`, follows its width, and returns how to take it away again. */
export function drawRates(place: HTMLElement, points: Point[], dark: boolean): () => void {
	let gone = false;
	let remove = () => {};
	void Promise.all([import('uplot'), import('uplot/dist/uPlot.min.css')]).then(([{ default: uPlot }]) => {
		if (gone) return;
		const css = getComputedStyle(place);
		const colour = (name: string) => css.getPropertyValue(name).trim();
		const [line, grid, text] = [colour('--accent'), colour('--line'), colour('--muted')];
		const axis = {
			stroke: text,
			font: '12px system-ui, sans-serif',
			grid: { stroke: grid, width: 1 },
			ticks: { show: false },
		};
		const plot = new uPlot(
			{
				width: place.clientWidth,
				height: 220,
				cursor: { y: false },
				legend: { show: true, live: true },
				scales: {
					x: { time: false },
					// A rate that hardly moves is a flat line, and not a mountain range of roundings.
					y: {
						range: (_, low, high) => {
							const room = Math.max((high - low) * 0.1, high * 0.000_01);
							return [low - room, high + room];
						},
					},
				},
				axes: [
					{ ...axis, values: (_, eras) => eras.map((era) => (Number.isInteger(era) ? `${era}` : '')) },
					{ ...axis, size: 84, values: (_, rates) => rates.map((rate) => rate.toFixed(6)) },
				],
				series: [
					{ label: 'Era' },
					{
						label: 'HOLD for 1 stHOLD',
						stroke: line,
						width: 2,
						points: { show: points.length < 30 },
						value: (_, __, ___, index) =>
							index === null || index === undefined ? '–' : fixed(points[index]!.rate, 10),
					},
				],
				hooks: {
					drawClear: [
						(u) => {
							u.ctx.fillStyle = dark ? 'rgba(255, 172, 161, 0.22)' : 'rgba(149, 25, 15, 0.13)';
							for (const { era, slashed } of points) {
								if (slashed === 0n) continue;
								const from = Math.max(u.valToPos(era - 0.5, 'x', true), u.bbox.left);
								const to = Math.min(u.valToPos(era + 0.5, 'x', true), u.bbox.left + u.bbox.width);
								u.ctx.fillRect(from, u.bbox.top, to - from, u.bbox.height);
							}
						},
					],
				},
			},
			[points.map(({ era }) => era), points.map(({ rate }) => Number(fixed(rate, 12).replaceAll(',', '')))],
			place,
		);
		const observer = new ResizeObserver(() => plot.setSize({ width: place.clientWidth, height: 220 }));
		observer.observe(place);
		remove = () => {
			observer.disconnect();
			plot.destroy();
		};
	});
	return () => {
		gone = true;
		remove();
	};
}
