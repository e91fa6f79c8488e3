/**
 * The body of a CloudWatch dashboard, as far as the console reads it.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CloudWatch-Dashboard-Body-Structure.html
 */

/** What may follow the names of a metric in its row. */
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
}

/** `[namespace, name, dimension, value, …, options]`, with `.` and `...` for what the row before has; or `[{ expression }]`. */
export type MetricRow = readonly (string | RowOptions)[];

export interface AxisOptions {
  readonly min?: number;
  readonly max?: number;
  readonly label?: string;
  readonly showUnits?: boolean;
}

export interface Annotation {
  /** A number of the axis, or for a vertical one a time. */
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
  readonly sortBy?: string;
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
  /** The time range that it opens with: `-PT3H`, or a time. */
  readonly start?: string;
  readonly variables?: readonly unknown[];
  readonly widgets?: readonly BodyWidget[];
}
