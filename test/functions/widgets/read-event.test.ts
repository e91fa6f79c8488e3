import { expect, it } from 'vitest';
import { readEvent } from '../../../functions/widgets/serve-widget.ts';

/** As CloudWatch sends it. @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html */
const CONTEXT = {
  dashboardName: 'holdfast-web-deploys',
  widgetId: 'widget-16',
  accountId: '123456789012',
  locale: 'de',
  timezone: { label: 'Local', offsetISO: '+02:00', offsetInMinutes: 120 },
  period: 300,
  isAutoPeriod: true,
  timeRange: { mode: 'relative', start: 1_627_236_199_729, end: 1_627_322_599_729, relativeStart: 86_400_012 },
  theme: 'dark',
  linkCharts: true,
  title: 'Latest deploys',
  forms: { all: {} },
  params: { rows: 5 },
  width: 588,
  height: 369,
};
const viewer = { locale: 'de', offset: '+02:00', theme: 'dark' };
const NOBODY = { locale: 'en', offset: '+00:00', theme: 'light' };

it('reads the parameters and the viewer', () => {
  expect(readEvent({ rows: 5, widgetContext: CONTEXT })).toEqual({ kind: 'rows', rows: 5, viewer });
});

it('shows ten rows by default', () => {
  expect(readEvent({ widgetContext: CONTEXT })).toEqual({ kind: 'rows', rows: 10, viewer });
});

it('returns documentation requests without a context', () => {
  expect(readEvent({ describe: true })).toEqual({ kind: 'documentation' });
});

it.each([
  ['no row', { rows: 0 }, 'rows'],
  ['more rows than the maximum', { rows: 51 }, 'rows'],
  ['half a row', { rows: 1.5 }, 'rows'],
  ['a text', { rows: 'many' }, 'rows'],
  ['an unknown parameter', { fleet: 'web' }, 'fleet'],
])('%s is invalid, and named', (_, given, named) => {
  expect(readEvent({ ...given, widgetContext: CONTEXT })).toEqual({ kind: 'invalid', why: expect.stringContaining(named), viewer });
});

it.each([
  ['no event', undefined],
  ['a list', []],
  ['a context that is a text', { widgetContext: 'x' }],
  ['an invalid language', { widgetContext: { locale: '<script>' } }],
  ['an unknown language', { widgetContext: { locale: 'xx-QQ' } }],
  ['an invalid offset', { widgetContext: { timezone: { offsetISO: 'Mars/Base' } } }],
  ['an offset beyond a day', { widgetContext: { timezone: { offsetISO: '+99:00' } } }],
  ['a time zone that is null', { widgetContext: { timezone: null } }],
  ['an unknown theme', { widgetContext: { theme: 'sepia' } }],
])('%s is taken for English, UTC and light', (_, event) => {
  expect(readEvent(event)).toEqual({ kind: 'rows', rows: 10, viewer: NOBODY });
});

it("accepts a language in CloudWatch's format", () => {
  expect(readEvent({ widgetContext: { locale: 'pt_BR' } })).toMatchObject({ viewer: { locale: 'pt-BR' } });
});
