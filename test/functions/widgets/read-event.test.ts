import { expect, it } from 'vitest';
import { readEvent } from '../../../functions/widgets/read-event.ts';

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

it('reads the parameters and who looks', () => {
  expect(readEvent({ rows: 5, widgetContext: CONTEXT })).toEqual({ asks: 'rows', rows: 5, viewer });
});

it('shows ten rows where the widget says nothing', () => {
  expect(readEvent({ widgetContext: CONTEXT })).toEqual({ asks: 'rows', rows: 10, viewer });
});

it('is asked for its documentation before it has a context', () => {
  expect(readEvent({ describe: true })).toEqual({ asks: 'documentation' });
});

it.each([
  ['no row', { rows: 0 }, 'rows'],
  ['more rows than there may be', { rows: 51 }, 'rows'],
  ['half a row', { rows: 1.5 }, 'rows'],
  ['a text', { rows: 'many' }, 'rows'],
  ['a parameter that there is not', { fleet: 'web' }, 'fleet'],
])('%s is nonsense, and told', (_, told, named) => {
  expect(readEvent({ ...told, widgetContext: CONTEXT })).toEqual({ asks: 'nonsense', why: expect.stringContaining(named), viewer });
});

it.each([
  ['no event', undefined],
  ['a list', []],
  ['a context that is a text', { widgetContext: 'x' }],
  ['a language that is none', { widgetContext: { locale: '<script>' } }],
  ['a language nobody speaks', { widgetContext: { locale: 'xx-QQ' } }],
  ['an offset that is none', { widgetContext: { timezone: { offsetISO: 'Mars/Base' } } }],
  ['an offset beyond a day', { widgetContext: { timezone: { offsetISO: '+99:00' } } }],
  ['a time zone that is null', { widgetContext: { timezone: null } }],
  ['a theme that is not known', { widgetContext: { theme: 'sepia' } }],
])('%s is taken for English, UTC and light', (_, event) => {
  expect(readEvent(event)).toEqual({ asks: 'rows', rows: 10, viewer: NOBODY });
});

it('takes a language as CloudWatch may write it', () => {
  expect(readEvent({ widgetContext: { locale: 'pt_BR' } })).toMatchObject({ viewer: { locale: 'pt-BR' } });
});
