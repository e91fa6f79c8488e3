import { describe, expect, it } from 'vitest';
import type { BodyWidget } from '../../../console/dashboards/body.ts';
import { drawingOf, type MetricsDrawing } from '../../../console/dashboards/drawing.ts';
import { placeWidgets } from '../../../console/dashboards/place-widgets.ts';
import { KINDS } from '../every-kind.ts';
import { goldenDashboards } from '../golden-dashboards.ts';

const GOLDEN = goldenDashboards();

it('the dashboards that are deployed are looked at', () => expect(GOLDEN.length).toBeGreaterThanOrEqual(5));

describe.each(GOLDEN)('$name of $template', ({ body }) => {
  const widgets = body.widgets ?? [];

  it('has no widget that is not drawn', () => {
    expect(widgets.filter((widget) => drawingOf(widget).kind === 'undrawn')).toEqual([]);
    expect(widgets.length).toBeGreaterThan(3);
  });

  it('has something visible in each of its charts', () => {
    for (const widget of widgets) {
      const drawing = drawingOf(widget);
      if (drawing.kind === 'metrics')
        expect(drawing.lines.filter(({ visible }) => visible).length, widget.properties?.title).toBeGreaterThan(0);
    }
  });

  it('has each widget on its own place of the grid', () => {
    const taken = new Set<string>();
    for (const { x, y, width, height } of placeWidgets(widgets)) {
      expect(x + width).toBeLessThanOrEqual(24);
      for (let row = y; row < y + height; row += 1) {
        for (let column = x; column < x + width; column += 1) {
          expect(taken.has(`${column},${row}`)).toBe(false);
          taken.add(`${column},${row}`);
        }
      }
    }
  });
});

it.each<[string, BodyWidget, unknown]>([
  [
    'a text',
    { type: 'text', properties: { markdown: '# a', background: 'transparent' } },
    { kind: 'text', markdown: '# a', transparent: true },
  ],
  [
    'alarms, some states of which are shown',
    { type: 'alarm', properties: { alarms: ['arn'], states: ['ALARM'] } },
    { kind: 'alarms', arns: ['arn'], states: ['ALARM'] },
  ],
  [
    'a custom widget, which is drawn anew unless it says that it is not to be',
    { type: 'custom', properties: { endpoint: 'arn', params: { a: 1 }, updateOn: { refresh: false } } },
    { kind: 'custom', endpoint: 'arn', params: { a: 1 }, refresh: false },
  ],
  ['a custom widget without an endpoint', { type: 'custom' }, { kind: 'undrawn', what: 'a custom widget without an endpoint' }],
  ['a type that is not known', { type: 'explorer' }, { kind: 'undrawn', what: 'a widget of type "explorer"' }],
  [
    'a view that is not known',
    { type: 'metric', properties: { view: 'hologram', metrics: [['A', 'B']] } },
    { kind: 'undrawn', what: 'metrics in the view "hologram"' },
  ],
  [
    'the graph of an alarm',
    { type: 'metric', properties: { annotations: { alarms: ['arn'] } } },
    { kind: 'undrawn', what: 'the graph of an alarm' },
  ],
])('tells %s', (_, widget, expected) => {
  expect(drawingOf(widget)).toEqual(expected);
});

it('tells metrics with their annotations: lines, bands, times, and none of those that are hidden', () => {
  const drawing = drawingOf({
    type: 'metric',
    properties: {
      metrics: [['A', 'B']],
      annotations: {
        horizontal: [
          { value: 3, label: 'high', color: '#f00', fill: 'above', yAxis: 'right' },
          [
            { value: 1, label: 'from' },
            { value: 2, label: 'to' },
          ],
          [{ value: 4 }, { value: 'nothing' }],
          { value: 9, visible: false },
          { value: 'nothing' },
        ],
        vertical: [
          { value: '2026-01-01T00:00:00Z', label: 'deploy', fill: 'after' },
          [{ value: '2026-01-01T00:00:00Z' }, { value: '2026-01-01T00:01:00Z' }],
          { value: 'soon' },
        ],
      },
    },
  });
  const atMs = Date.UTC(2026, 0, 1);
  expect((drawing as MetricsDrawing).horizontal.at(-1)).not.toHaveProperty('to');
  expect(drawing).toMatchObject({
    kind: 'metrics',
    view: 'timeSeries',
    stacked: false,
    legend: 'bottom',
    horizontal: [
      { value: 3, label: 'high', color: '#f00', fill: 'above', axis: 'right' },
      { value: 1, to: 2, label: 'from to to', axis: 'left' },
      { value: 4, axis: 'left' },
    ],
    vertical: [
      { atMs, label: 'deploy', fill: 'after' },
      { atMs, toMs: atMs + 60_000 },
    ],
  });
});

it('of every kind of widget all are drawn but the one that is not known', () => {
  const kinds = (KINDS.widgets ?? []).map((widget) => drawingOf(widget).kind);
  expect(new Set(kinds)).toEqual(new Set(['text', 'metrics', 'custom', 'alarms', 'undrawn']));
  expect(kinds.filter((kind) => kind === 'undrawn')).toHaveLength(1);
});

describe('places', () => {
  it.each<[string, Partial<BodyWidget>[], object[]]>([
    ['those of the body', [{ x: 8, y: 2, width: 8, height: 3 }], [{ x: 8, y: 2, width: 8, height: 3 }]],
    [
      'one beside the other, and below all where the row is full',
      [{ width: 12, height: 4 }, { width: 12 }, { width: 3 }],
      [
        { x: 0, y: 0, width: 12, height: 4 },
        { x: 12, y: 0, width: 12, height: 6 },
        { x: 0, y: 6, width: 3, height: 6 },
      ],
    ],
    ['six by six without a size', [{}], [{ x: 0, y: 0, width: 6, height: 6 }]],
  ])('are %s', (_, widgets, expected) => {
    expect(placeWidgets(widgets.map((widget) => ({ type: 'text', ...widget })))).toEqual(expected);
  });
});
