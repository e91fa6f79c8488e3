/** What the dashboards, and the functions that draw into them, share. */

/** Parts of the functions' names. */
export const WIDGET_ROLES = { deploys: 'deploys-widget', sweeps: 'sweeps-widget' } as const;

/** Rows of a widget: what it shows by itself, and the most that it may be told to. */
export const ROWS = { shown: 10, most: 50 } as const;

/** What CloudWatch tells of whoever looks, as far as it is used. */
export interface Viewer {
  /** A language tag that Intl takes. */
  readonly locale: string;
  /** Offset of the dashboard's time zone from UTC: `+02:00`. */
  readonly offset: string;
  readonly theme: 'light' | 'dark';
}
