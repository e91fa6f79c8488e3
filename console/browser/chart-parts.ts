/** What all charts have in common. Pure. */
import type { MetricsDrawing } from '../dashboards/drawing.ts';
import type { Series } from '../dashboards/queries.ts';
import type { Theme } from './theme.ts';

export type Graph = Omit<MetricsDrawing, 'lines' | 'deploysOf'> & { readonly series: readonly Series[] };

/** A canvas does not inherit the page's font. */
const FONT = 'system-ui, sans-serif';
export const colorOf = ({ color }: Series, index: number, theme: Theme): string =>
  color ?? theme.series[index % theme.series.length] ?? theme.text;

/** The value of a number, a gauge or a bar; undefined without data. */
export const latestOf = ({ points }: Series): number | undefined => points.at(-1)?.[1];

export const common = (theme: Theme) => ({
  animation: false,
  useUTC: true,
  backgroundColor: 'transparent',
  textStyle: { color: theme.text, fontFamily: FONT },
  aria: { enabled: true },
});

export const tooltipStyle = (theme: Theme) => ({
  confine: true,
  backgroundColor: theme.panel,
  borderColor: theme.line,
  textStyle: { color: theme.text, fontSize: 12 },
});
