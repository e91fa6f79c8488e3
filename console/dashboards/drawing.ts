/** What to draw for a widget, without its data. Pure. */
import { METRICS } from '../../functions/deploy/contract/common.ts';
import { functionName, STORE_PART } from '../../functions/shared/naming.ts';
import { WIDGET_ROLES } from '../../functions/widgets/contract.ts';
import type { ConsoleCloud } from '../backend.ts';
import type { Annotation, AxisOptions, BodyWidget, WidgetProperties } from './body.ts';
import { expandRows, type Line } from './expand-rows.ts';

export const VIEWS = ['timeSeries', 'singleValue', 'gauge', 'bar', 'pie', 'table'] as const;
export type View = (typeof VIEWS)[number];

/** A value of an axis, or a band between two. */
export interface HorizontalMark {
  readonly value: number;
  readonly to?: number;
  readonly label?: string;
  readonly color?: string;
  readonly fill?: 'above' | 'below';
  readonly axis: 'left' | 'right';
}

/** A time, or a span between two. */
export interface VerticalMark {
  readonly atMs: number;
  readonly toMs?: number;
  readonly label?: string;
  readonly color?: string;
  readonly fill?: 'before' | 'after';
}

export interface MetricsDrawing {
  readonly kind: 'metrics';
  readonly view: View;
  readonly stacked: boolean;
  readonly sparkline: boolean;
  readonly legend: 'bottom' | 'right' | 'hidden';
  readonly axes: { readonly left: AxisOptions; readonly right: AxisOptions };
  readonly horizontal: readonly HorizontalMark[];
  readonly vertical: readonly VerticalMark[];
  readonly lines: readonly Line[];
  /** Fleets whose deploys are vertical marks. */
  readonly deploysOf: readonly string[];
}

export interface AlarmsDrawing {
  readonly kind: 'alarms';
  readonly arns: readonly string[];
  /** Shows only alarms in these states; all alarms when absent. */
  readonly states?: readonly string[];
}

export interface TextDrawing {
  readonly kind: 'text';
  readonly markdown: string;
  readonly transparent: boolean;
}

export interface CustomDrawing {
  readonly kind: 'custom';
  /** ARN of the function that draws it. */
  readonly endpoint: string;
  readonly params: Readonly<Record<string, unknown>>;
  readonly refresh: boolean;
}

/** A widget that CloudWatch draws and the console does not. */
export interface Unsupported {
  readonly kind: 'unsupported';
  readonly what: string;
}

export type Drawing = MetricsDrawing | AlarmsDrawing | TextDrawing | CustomDrawing | Unsupported;

/** As {@link drawingOf}, but a body can name any place, of which the console reads its own, and any function, of which it calls only the installation's. */
export function drawingHere(widget: BodyWidget, cloud: Here, fleets: readonly string[]): Drawing {
  const drawing = drawingOf(widget);
  const elsewhere = drawing.kind === 'metrics' ? elsewhereOf(widget.properties, cloud) : undefined;
  if (elsewhere !== undefined) return unsupported(`metrics of ${elsewhere}, where this console does not read`);
  return drawing.kind === 'custom' && !isOwnFunction(drawing.endpoint, cloud, fleets)
    ? unsupported(`what ${drawing.endpoint} draws, which is no widget of this installation`)
    : drawing;
}

type Here = Pick<ConsoleCloud, 'account' | 'region' | 'installation'>;

/** The first other Region or account that the widget, or a row of it, has. */
function elsewhereOf({ metrics = [], ...widget }: WidgetProperties = {}, { region, account }: Here): string | undefined {
  const places = [widget, ...metrics.flat().filter((part) => typeof part === 'object')];
  const other = places.find((place) => (place.region ?? region) !== region || (place.accountId ?? account) !== account);
  return other && `${other.region ?? region}${other.accountId === undefined ? '' : `, account ${other.accountId}`}`;
}

function isOwnFunction(arn: string, { account, region, installation }: Here, fleets: readonly string[]): boolean {
  const [, , service, inRegion, ofAccount, kind, name, alias, ...more] = arn.split(':');
  const names = [STORE_PART, ...fleets].flatMap((part) =>
    Object.values(WIDGET_ROLES).map((role) => functionName(installation, part, role)),
  );
  const place = [service, inRegion, ofAccount, kind, alias, ...more].join(':');
  return place === `lambda:${region}:${account}:function:live` && names.includes(name ?? '');
}

export function drawingOf({ type, properties = {} }: BodyWidget): Drawing {
  switch (type) {
    case 'metric':
      return metricsDrawing(properties);
    case 'alarm':
      return { kind: 'alarms', arns: properties.alarms ?? [], ...(properties.states?.length && { states: properties.states }) };
    case 'text':
      return { kind: 'text', markdown: properties.markdown ?? '', transparent: properties.background === 'transparent' };
    case 'custom':
      if (properties.endpoint === undefined) return unsupported('a custom widget without an endpoint');
      // Everything in `updateOn` is on by default.
      return {
        kind: 'custom',
        endpoint: properties.endpoint,
        params: properties.params ?? {},
        refresh: properties.updateOn?.refresh ?? true,
      };
    default:
      return unsupported(`a widget of type ${JSON.stringify(type)}`);
  }
}

const unsupported = (what: string): Unsupported => ({ kind: 'unsupported', what });

/** Expressions over more than the rows: each metric that one finds is paid for, and LAMBDA calls a function. */
const UNCOUNTED = /\b(SEARCH|LAMBDA|INSIGHT_RULE_METRIC|DB_PERF_INSIGHTS)\s*\(|^\s*SELECT\s/i;
/** Of one load of a dashboard: as many as one call of GetMetricData has. */
const MOST_METRICS = 500;

/** What a dashboard shows, as {@link drawingHere} of each widget: no graph beyond the most that one load reads. */
export function drawingsHere(widgets: readonly BodyWidget[], cloud: Here, fleets: readonly string[]): Drawing[] {
  let metrics = 0;
  return widgets.map((widget) => {
    const drawing = drawingHere(widget, cloud, fleets);
    metrics += drawing.kind === 'metrics' ? drawing.lines.length : 0;
    return drawing.kind === 'metrics' && metrics > MOST_METRICS
      ? unsupported(`what is beyond ${MOST_METRICS} metrics of one dashboard`)
      : drawing;
  });
}

function metricsDrawing(properties: WidgetProperties): MetricsDrawing | Unsupported {
  const { view = 'timeSeries', metrics = [], annotations = {}, yAxis = {} } = properties;
  if (!isView(view)) return unsupported(`metrics in the view ${JSON.stringify(view)}`);
  const lines = expandRows(properties);
  if (lines.some(({ expression }) => UNCOUNTED.test(expression ?? '')))
    return unsupported('lines of SEARCH, SELECT and the like, which read more than the body has, at a cost that it does not show');
  const deploys = view === 'timeSeries' ? lines.filter(isDeployEnd) : [];
  const others = lines.filter((line) => !deploys.includes(line));
  const hasRight = others.some(({ axis }) => axis === 'right');
  if (metrics.length === 0) return unsupported(annotations.alarms?.length ? 'the graph of an alarm' : 'a metric widget without metrics');
  return {
    kind: 'metrics',
    view,
    stacked: properties.stacked ?? false,
    sparkline: properties.sparkline ?? false,
    legend: properties.legend?.position ?? 'bottom',
    axes: { left: yAxis.left ?? {}, right: deploys.length > 0 && !hasRight ? {} : (yAxis.right ?? {}) },
    horizontal: (annotations.horizontal ?? []).map(pair).flatMap(([from, to]) => horizontalMark(from, to)),
    vertical: (annotations.vertical ?? []).map(pair).flatMap(([from, to]) => verticalMark(from, to)),
    lines: others,
    deploysOf: [...new Set(deploys.flatMap(({ metric }) => metric?.dimensions.map(([, fleet]) => fleet) ?? []))],
  };
}

/** The end of a deploy is a moment, not a value: a line of it on a second axis looks like a spike of errors. */
const isDeployEnd = ({ metric, axis }: Line): boolean =>
  axis === 'right' &&
  metric?.namespace === METRICS.namespace &&
  [METRICS.deploySucceeded, METRICS.deployFailed].some((name) => name === metric.name) &&
  metric.dimensions.every(([name]) => name === METRICS.fleetDimension);

const isView = (view: string): view is View => (VIEWS as readonly string[]).includes(view);
const pair = (one: Annotation | readonly Annotation[]): readonly (Annotation | undefined)[] => ('value' in one ? [one] : one);
const labelOf = (from: Annotation, to: Annotation | undefined) => [from.label, to?.label].filter(Boolean).join(' to ') || undefined;
const oneOf = <T extends string>(value: string | undefined, ...known: readonly T[]): T | undefined => known.find((each) => each === value);

function horizontalMark(from: Annotation | undefined, to: Annotation | undefined): HorizontalMark[] {
  if (!from || from.visible === false || !Number.isFinite(Number(from.value))) return [];
  return [
    {
      value: Number(from.value),
      ...(Number.isFinite(Number(to?.value)) && { to: Number(to?.value) }),
      label: labelOf(from, to),
      color: from.color,
      fill: oneOf(from.fill, 'above', 'below'),
      axis: from.yAxis ?? 'left',
    },
  ];
}

function verticalMark(from: Annotation | undefined, to: Annotation | undefined): VerticalMark[] {
  const atMs = Date.parse(String(from?.value));
  if (!from || from.visible === false || Number.isNaN(atMs)) return [];
  const toMs = to && Date.parse(String(to.value));
  return [{ atMs, ...(toMs && { toMs }), label: labelOf(from, to), color: from.color, fill: oneOf(from.fill, 'before', 'after') }];
}
