/** The single value widget: the latest value of each series, with its history. */
import type { TimeRange } from '../dashboards/queries.ts';
import type { Content } from '../dashboards/read-dashboard.ts';
import { latestOf } from './chart-parts.ts';
import { type Chart, createChart } from './charts.ts';
import { h, setText } from './dom.ts';
import { agoText, shortNumber } from './format.ts';
import { sparklineOption } from './graph-option.ts';
import { oldAge } from './value-age.ts';

interface Tile {
  readonly element: HTMLElement;
  readonly value: HTMLElement;
  readonly label: HTMLElement;
  readonly chart: Chart;
}

const UNITS: Readonly<Record<string, string>> = { percent: ' %', s: ' s' };

/** A unit at the end of a label goes to the number: `hit rate (percent)` → `99.1 %`. */
function splitUnit(label: string): { readonly name: string; readonly unit: string } {
  const [, name = label, unit = ''] = /^(.*) \((percent|s)\)$/.exec(label) ?? [];
  return { name, unit: UNITS[unit] ?? '' };
}

export function createNumbers(title: string): {
  readonly element: HTMLElement;
  update(content: Content, range: TimeRange): void;
  dispose(): void;
} {
  const element = h('dl', { class: 'numbers' });
  let tiles: Tile[] = [];
  const dispose = () => {
    for (const { chart } of tiles) chart.dispose();
  };
  const rebuild = (count: number) => {
    dispose();
    tiles = Array.from({ length: count }, () => {
      const chart = createChart(`History of ${title}`);
      const [value, label] = [h('dd', { class: 'value' }), h('dt')];
      return { element: h('div', {}, label, value, h('dd', { class: 'spark' }, chart.element)), value, label, chart };
    });
    element.replaceChildren(...tiles.map((tile) => tile.element));
  };
  return {
    element,
    update: (content, range) => {
      if (content.kind !== 'metrics') return;
      if (tiles.length !== content.series.length) rebuild(content.series.length);
      content.series.forEach((series, index) => {
        const tile = tiles[index] as Tile;
        const latest = latestOf(series);
        const age = oldAge(series, range.endMs);
        const { name, unit } = splitUnit(series.label);
        const why = latest === undefined ? ': nothing was published in this time range' : '';
        setText(tile.label, age === undefined ? `${name}${why}` : `${name}, ${agoText(age)}`);
        tile.element.classList.toggle('old', age !== undefined);
        setText(tile.value, latest === undefined ? 'no data' : `${shortNumber(latest)}${unit}`);
        tile.value.classList.toggle('quiet', latest === undefined);
        tile.chart.element.hidden = !content.sparkline || series.points.length < 2;
        tile.chart.draw((theme) => sparklineOption(series, index, range, theme));
      });
    },
    dispose,
  };
}
