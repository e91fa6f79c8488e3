import { describe, expect, it } from 'vitest';
import type { BodyWidget } from '../../../console/dashboards/body.ts';
import { drawingHere, drawingOf, drawingsHere, type MetricsDrawing } from '../../../console/dashboards/drawing.ts';
import { placeWidgets } from '../../../console/dashboards/place-widgets.ts';
import { KINDS } from '../every-kind.ts';
import { goldenDashboards } from '../golden-dashboards.ts';

const GOLDEN = goldenDashboards();
const HERE = { account: '000000000000', region: 'us-east-1', installation: 'holdfast' };

it('there are dashboards in the golden templates', () => expect(GOLDEN.length).toBeGreaterThanOrEqual(5));

describe.each(GOLDEN)('$name of $template', ({ body }) => {
  const widgets = body.widgets ?? [];

  it('has only supported widgets', () => {
    expect(widgets.filter((widget) => drawingHere(widget, HERE, ['web', 'sticky']).kind === 'unsupported')).toEqual([]);
    expect(widgets.length).toBeGreaterThan(3);
  });

  it('has a visible line in each chart', () => {
    for (const widget of widgets) {
      const drawing = drawingOf(widget);
      if (drawing.kind === 'metrics')
        expect(drawing.lines.filter(({ visible }) => visible).length, widget.properties?.title).toBeGreaterThan(0);
    }
  });

  it('has no overlapping widgets', () => {
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
    'alarms in some states',
    { type: 'alarm', properties: { alarms: ['arn'], states: ['ALARM'] } },
    { kind: 'alarms', arns: ['arn'], states: ['ALARM'] },
  ],
  [
    'a custom widget, with its updateOn',
    { type: 'custom', properties: { endpoint: 'arn', params: { a: 1 }, updateOn: { refresh: false } } },
    { kind: 'custom', endpoint: 'arn', params: { a: 1 }, refresh: false },
  ],
  ['a custom widget without an endpoint', { type: 'custom' }, { kind: 'unsupported', what: 'a custom widget without an endpoint' }],
  ['an unknown type', { type: 'explorer' }, { kind: 'unsupported', what: 'a widget of type "explorer"' }],
  [
    'an unknown view',
    { type: 'metric', properties: { view: 'hologram', metrics: [['A', 'B']] } },
    { kind: 'unsupported', what: 'metrics in the view "hologram"' },
  ],
  [
    'the graph of an alarm',
    { type: 'metric', properties: { annotations: { alarms: ['arn'] } } },
    { kind: 'unsupported', what: 'the graph of an alarm' },
  ],
])('reads %s', (_, widget, expected) => {
  expect(drawingOf(widget)).toEqual(expected);
});

it.each<[string, BodyWidget['properties']]>([
  ['eu-west-1', { region: 'eu-west-1', metrics: [['A', 'B']] }],
  ['us-east-1, account 999999999999', { accountId: '999999999999', metrics: [['A', 'B']] }],
  [
    'eu-west-1',
    {
      metrics: [
        ['A', 'B'],
        ['.', 'C', { region: 'eu-west-1' }],
      ],
    },
  ],
])('draws no data of this place for a graph of %s', (place, properties) => {
  const drawing = drawingHere({ type: 'metric', properties }, HERE, []);
  expect(drawing).toEqual({ kind: 'unsupported', what: `metrics of ${place}, where this console does not read` });
});

it.each([
  "SEARCH('{AWS/EC2,InstanceId} MetricName=\"CPUUtilization\"', 'Average')",
  'SUM(search ("x", "Sum", 60))',
  'SELECT MAX(CPUUtilization) FROM "AWS/EC2"',
  "LAMBDA('other')",
])('draws no line of %s, whose cost the body does not show', (expression) => {
  const widget = { type: 'metric', properties: { metrics: [['A', 'B', { id: 'm1' }], [{ expression }]] } };
  expect(drawingOf(widget)).toMatchObject({ kind: 'unsupported', what: expect.stringMatching(/^lines of SEARCH, SELECT/) });
  expect(drawingOf({ type: 'metric', properties: { metrics: [['A', 'B', { id: 'm1' }], [{ expression: 'm1 * 2' }]] } }).kind).toBe(
    'metrics',
  );
});

it('draws no graph beyond 500 metrics of one dashboard', () => {
  const widget = { type: 'metric', properties: { metrics: Array.from({ length: 250 }, (_, index) => ['A', `B${index}`]) } };
  expect(drawingsHere([widget, widget, { type: 'text' }, widget], HERE, []).map(({ kind }) => kind)).toEqual([
    'metrics',
    'metrics',
    'text',
    'unsupported',
  ]);
});

it('reads metrics with their annotations: lines, bands and times, but no hidden ones', () => {
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

it('no body fills gaps with zeros unless something was read: they would look like values of now', () => {
  const filled = GOLDEN.flatMap(({ text }) => [...text.matchAll(/"expression":"([^"]*FILL[^"]*)"/g)].map(([, expression]) => expression));
  expect(filled.length).toBeGreaterThan(5);
  const known = /^FILL\(\w+, 0\) \+ 0 \* \w+$|^IF\(requests, IF\(FILL\(pages, 0\) .*, 0\)$/;
  expect(filled.filter((expression) => !known.test(expression ?? ''))).toEqual([]);
});

it('supports every kind of widget but the unknown one', () => {
  const kinds = (KINDS.widgets ?? []).map((widget) => drawingOf(widget).kind);
  expect(new Set(kinds)).toEqual(new Set(['text', 'metrics', 'custom', 'alarms', 'unsupported']));
  expect(kinds.filter((kind) => kind === 'unsupported')).toHaveLength(1);
});

describe('places', () => {
  it.each<[string, Partial<BodyWidget>[], object[]]>([
    ['those of the body', [{ x: 8, y: 2, width: 8, height: 3 }], [{ x: 8, y: 2, width: 8, height: 3 }]],
    [
      'next to each other, and below all when the row is full',
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
