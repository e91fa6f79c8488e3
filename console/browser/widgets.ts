/** Draws the widgets of a dashboard. A widget's panel is kept while its data changes. */
import { clockText } from '../../functions/shared/texts.ts';
import type { WidgetReply } from '../dashboards/custom-widget.ts';
import type { TimeRange } from '../dashboards/queries.ts';
import type { Content, WidgetView } from '../dashboards/read-dashboard.ts';
import { ApiError, post } from './api.ts';
import { type Chart, createChart, theme } from './charts.ts';
import { h, replace, setText } from './dom.ts';
import { legend, quiet, reasonText, STATE_WORDS, stateBadge, table } from './elements.ts';
import { agoText, oldAge, shortNumber } from './format.ts';
import { colorOf, type Graph, graphOption, latestOf, sparklineOption } from './graph-option.ts';
import { createForeignContent, safeHtml, safeMarkdown } from './safe-html.ts';
import { eitherColor } from './theme.ts';
import { gaugeOption, shareOption } from './value-options.ts';

export interface Panel {
  readonly element: HTMLElement;
  /** Content of another kind needs a new panel. */
  readonly kind: string;
  update(content: Content, range: TimeRange): void;
  dispose(): void;
}

type Body = { readonly element: HTMLElement; update(content: Content, range: TimeRange): void; dispose(): void };

/** The kind of panel that draws the content. */
export const kindOf = (content: Content): string => (content.kind === 'metrics' ? `${content.kind}:${content.view}` : content.kind);

export function createPanel(dashboard: string, { index, title, content }: Omit<WidgetView, 'place'>, minutes: () => number): Panel {
  const id = `widget-${index}`;
  const body = createBody(content, dashboard, index, title, minutes);
  const element = h(
    'section',
    {
      class: `widget kind-${content.kind}`,
      ...(title ? { 'aria-labelledby': id } : { 'aria-label': `Text ${index + 1}` }),
      'data-kind': content.kind,
    },
    title !== '' && h('div', { class: 'title' }, h('h2', { id }, title), unitsOf(content)),
    body.element,
  );
  return { element, kind: kindOf(content), update: body.update, dispose: body.dispose };
}

function createBody(content: Content, dashboard: string, index: number, title: string, minutes: () => number): Body {
  switch (content.kind) {
    case 'metrics':
      return content.view === 'singleValue'
        ? createNumbers(title)
        : content.view === 'table'
          ? latestTable(title, index)
          : graph(title, index);
    case 'custom':
      return createCustomWidget(dashboard, index, title, minutes);
    case 'text': {
      const place = createForeignContent(title || 'Text');
      return { element: place.element, update: (now) => now.kind === 'text' && place.show(safeMarkdown(now.markdown)), dispose: () => {} };
    }
    case 'alarms':
      return redrawn((now) => (now.kind === 'alarms' ? [alarms(now)] : []));
    case 'unsupported':
      return redrawn((now) =>
        now.kind === 'unsupported' ? [h('p', { class: 'quiet' }, `The console does not draw ${now.what}. CloudWatch on AWS does.`)] : [],
      );
    case 'failed':
      return redrawn((now) => (now.kind === 'failed' ? [failure(now)] : []));
  }
}

function unitsOf(content: Content): HTMLElement | null {
  if (content.kind !== 'metrics' || content.view !== 'timeSeries') return null;
  const { left, right } = content.axes;
  const text = [left.label, right.label && `${right.label} (right axis)`].filter(Boolean).join('; ');
  return text ? h('span', { class: 'units' }, text) : null;
}

/** What nobody has to be allowed is no failure. */
const failure = ({ code, message }: Extract<Content, { kind: 'failed' }>): HTMLElement =>
  code === 'AccessDenied' ? quiet(message) : h('p', { class: 'failed' }, `${code}: ${message}`);

function redrawn(make: (content: Content, range: TimeRange) => Node[]): Body {
  const element = h('div', { class: 'inside' });
  return { element, update: (content, range) => replace(element, ...make(content, range)), dispose: () => {} };
}

function graph(title: string, index: number): Body {
  const chart = createChart(title);
  const empty = h('p', { class: 'empty' }, 'No data: nothing was published in this time range');
  const values = h('details', { class: 'values' });
  const body = h('div');
  const names = h('div');
  const age = h('p', { class: 'units', hidden: true });
  values.append(h('summary', {}, 'Latest values'), body);
  return {
    element: h('div', { class: 'inside' }, age, h('div', { class: 'plot' }, chart.element, empty), names, values),
    update: (content, range) => {
      if (content.kind !== 'metrics') return;
      const { view } = content;
      const ages = content.series.flatMap((series) => oldAge(series, range.endMs) ?? []);
      // A line ends where its data do; the other views show no time.
      age.hidden = view === 'timeSeries' || ages.length === 0;
      setText(age, `Out of date: values of ${agoText(Math.max(0, ...ages))}`);
      chart.element.classList.toggle('old', !age.hidden);
      empty.hidden = content.series.some(({ points }) => points.length > 0);
      chart.draw((theme) =>
        view === 'gauge'
          ? gaugeOption(content, theme)
          : view === 'timeSeries'
            ? graphOption(content, range, theme)
            : shareOption(content, theme),
      );
      if ((view === 'timeSeries' || view === 'pie') && content.legend !== 'hidden') {
        const entries = content.series.map((series, at) => ({
          name: series.label,
          color: eitherColor((theme) => colorOf(series, at, theme)),
        }));
        replace(names, legend(`Legend of ${title}`, entries));
      }
      replace(body, latestOfAll(content, title, index, range));
    },
    dispose: chart.dispose,
  };
}

function latestTable(title: string, index: number): Body {
  return redrawn((content, range) => (content.kind === 'metrics' ? [latestOfAll(content, title, index, range)] : []));
}

/** The chart as numbers, for readers who do not see it. */
function latestOfAll({ series, horizontal, vertical }: Graph, title: string, index: number, { endMs }: TimeRange): HTMLElement {
  const rows = series.map((one) => {
    const last = one.points.at(-1);
    const values = one.points.map(([, value]) => value);
    const age = oldAge(one, endMs);
    return last
      ? [
          one.label,
          age === undefined ? shortNumber(last[1]) : h('span', { class: 'faint' }, `${shortNumber(last[1])}, ${agoText(age)}`),
          shortNumber(Math.min(...values)),
          shortNumber(Math.max(...values)),
          clockText(last[0]),
        ]
      : [one.label, 'none in this time range', '', '', ''];
  });
  const lines = horizontal.map(({ label, value }) => [label ?? 'line', shortNumber(value), '', '', '']);
  const marks = vertical.map(({ label, atMs }) => [label ?? 'mark', '', '', '', clockText(atMs)]);
  return table(
    `values-${index}`,
    `Latest values of ${title}`,
    ['Series', 'Latest', 'Min', 'Max', 'Time (UTC)'],
    [...rows, ...lines, ...marks],
    [1, 2, 3],
  );
}

function alarms({ alarms: shown, missing }: Extract<Content, { kind: 'alarms' }>): HTMLElement {
  return h(
    'ul',
    { class: 'alarm-list' },
    ...shown.map(({ name, state, sentence, sinceMs, reason, runbook }) =>
      h(
        'li',
        { class: `tone-${state}`, title: sentence },
        h('a', { href: runbook ? `#/runbook/${runbook.split('#')[1]}` : '#/alarms', 'data-key': `alarm-${name}` }, name),
        stateBadge(state, `${STATE_WORDS[state] ?? state}${sinceMs && state === 'ALARM' ? ` since ${clockText(sinceMs)} UTC` : ''}`),
        state === 'INSUFFICIENT_DATA' && h('span', { class: 'faint' }, reasonText(reason)),
      ),
    ),
    ...missing.map(({ name, why }) => h('li', {}, name, stateBadge('missing', why))),
  );
}

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

function createNumbers(title: string): {
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

function createCustomWidget(
  dashboard: string,
  index: number,
  title: string,
  minutes: () => number,
): { readonly element: HTMLElement; update(content: Content): void; dispose(): void } {
  const place = createForeignContent(title);
  const status = h('p', { class: 'quiet' });
  const element = h('div', { class: 'inside', 'aria-busy': 'true' }, status, place.element);
  let isLoading = false;
  let isDrawn = false;
  const showStatus = (text: string, isFailure = false) => {
    setText(status, text);
    status.hidden = text === '';
    status.className = isFailure ? 'failed' : 'quiet';
  };
  const load = async () => {
    isLoading = true;
    if (!isDrawn) showStatus('Waiting for the function that draws this widget.');
    try {
      const path = `dashboards/${encodeURIComponent(dashboard)}/widgets/${index}`;
      const { format, text } = await post<WidgetReply>(path, viewer(element, minutes()));
      place.show(format === 'html' ? safeHtml(text) : format === 'markdown' ? safeMarkdown(text) : text);
      isDrawn = true;
      showStatus('');
    } catch (error) {
      // Who may see the dashboard need not be allowed to call its functions.
      const isDenied = error instanceof ApiError && error.code === 'AccessDenied';
      showStatus(isDenied ? error.message : error instanceof ApiError ? `${error.code}: ${error.message}` : String(error), !isDenied);
    }
    element.setAttribute('aria-busy', 'false');
    isLoading = false;
  };
  return {
    element,
    update: (content) => {
      if (content.kind !== 'custom' || isLoading || (isDrawn && !content.refresh)) return;
      void load();
    },
    dispose: () => {},
  };
}

const viewer = (element: HTMLElement, minutes: number) => ({
  minutes,
  theme: theme().name,
  width: element.clientWidth,
  height: element.clientHeight,
  locale: navigator.language,
  // As every time of the page.
  timeZone: 'UTC',
  offsetMinutes: 0,
});
