import { expect, it } from 'vitest';
import { readReply, widgetEvent } from '../../../console/dashboards/custom-widget.ts';

const WIDGET = {
  dashboardName: 'shop',
  index: 3,
  title: 'Latest deploys',
  accountId: '000000000000',
  drawing: { kind: 'custom', endpoint: 'arn', params: { show: 'deploys' }, refresh: true },
} as const;
const VIEWER = { theme: 'dark', width: 588, height: 369, locale: 'en', timeZone: 'Asia/Kolkata', offsetMinutes: 330 } as const;

it("calls the function with the widget's parameters and CloudWatch's context", () => {
  expect(widgetEvent(WIDGET, VIEWER, { startMs: 1_000, endMs: 61_000 })).toEqual({
    show: 'deploys',
    widgetContext: {
      dashboardName: 'shop',
      widgetId: 'widget-4',
      accountId: '000000000000',
      locale: 'en',
      timezone: { label: 'Asia/Kolkata', offsetISO: '+05:30', offsetInMinutes: 330 },
      period: 300,
      isAutoPeriod: true,
      timeRange: { mode: 'relative', start: 1_000, end: 61_000, relativeStart: 60_000, zoom: { start: 1_000, end: 61_000 } },
      theme: 'dark',
      linkCharts: true,
      title: 'Latest deploys',
      forms: { all: {} },
      params: { show: 'deploys' },
      width: 588,
      height: 369,
    },
  });
});

it.each([
  [0, '+00:00'],
  [-210, '-03:30'],
  [-60, '-01:00'],
])('writes an offset of %i minutes as %s', (offsetMinutes, offsetISO) => {
  const { widgetContext } = widgetEvent(WIDGET, { ...VIEWER, offsetMinutes }, { startMs: 0, endMs: 1 }) as {
    widgetContext: { timezone: object };
  };
  expect(widgetContext.timezone).toMatchObject({ offsetISO });
});

it.each<[string, unknown, object]>([
  ['a text', '<b>a</b>', { format: 'html', text: '<b>a</b>' }],
  ['markdown', { markdown: '# a' }, { format: 'markdown', text: '# a' }],
  ['more than markdown', { markdown: '# a', b: 1 }, { format: 'json', text: '{\n  "markdown": "# a",\n  "b": 1\n}' }],
  ['a list', [1], { format: 'json', text: '[\n  1\n]' }],
  ['nothing', null, { format: 'json', text: 'null' }],
])('shows %s like CloudWatch', (_, payload, expected) => {
  expect(readReply(payload)).toEqual(expected);
});
