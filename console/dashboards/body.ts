/**
 * The parts of a CloudWatch dashboard body that the console reads.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */

/** Options at the end of a metric's row. */
export interface RowOptions {
  readonly id?: string;
  readonly expression?: string;
  readonly stat?: string;
  /** In seconds. */
  readonly period?: number;
  readonly label?: string;
  readonly color?: string;
  readonly visible?: boolean;
  readonly yAxis?: 'left' | 'right';
  readonly region?: string;
  readonly accountId?: string;
}

/** `[namespace, name, dimension, value, …, options]`, where `.` and `...` repeat parts of the previous row; or `[{ expression }]`. */
export type MetricRow = readonly (string | RowOptions)[];

export interface AxisOptions {
  readonly min?: number;
  readonly max?: number;
  readonly label?: string;
  readonly showUnits?: boolean;
}

export interface Annotation {
  /** A value of the axis; of a vertical annotation a time. */
  readonly value: number | string;
  readonly label?: string;
  readonly color?: string;
  readonly fill?: string;
  readonly visible?: boolean;
  readonly yAxis?: 'left' | 'right';
}

export interface WidgetProperties {
  readonly title?: string;
  // metric
  readonly region?: string;
  readonly accountId?: string;
  readonly metrics?: readonly MetricRow[];
  readonly view?: string;
  readonly stacked?: boolean;
  readonly sparkline?: boolean;
  readonly stat?: string;
  readonly period?: number;
  readonly legend?: { readonly position?: 'bottom' | 'right' | 'hidden' };
  readonly yAxis?: { readonly left?: AxisOptions; readonly right?: AxisOptions };
  readonly annotations?: {
    readonly alarms?: readonly string[];
    /** Two in a list are a band. */
    readonly horizontal?: readonly (Annotation | readonly Annotation[])[];
    readonly vertical?: readonly (Annotation | readonly Annotation[])[];
  };
  // alarm
  readonly alarms?: readonly string[];
  readonly states?: readonly string[];
  // text
  readonly markdown?: string;
  readonly background?: string;
  // custom
  readonly endpoint?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly updateOn?: { readonly refresh?: boolean; readonly resize?: boolean; readonly timeRange?: boolean };
}

export interface BodyWidget {
  readonly type: string;
  readonly x?: number;
  readonly y?: number;
  readonly width?: number;
  readonly height?: number;
  readonly properties?: WidgetProperties;
}

export interface DashboardBody {
  /** The initial time range: `-PT3H`, or a time. */
  readonly start?: string;
  readonly variables?: readonly unknown[];
  readonly widgets?: readonly BodyWidget[];
}
