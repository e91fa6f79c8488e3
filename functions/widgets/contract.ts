/** What the dashboards and the widgets' functions share. */

/** The roles in the functions' names. */
export const WIDGET_ROLES = {
  deploys: 'deploys-widget',
  sweeps: 'sweeps-widget',
  incidents: 'incidents-widget',
  canary: 'canary-widget',
} as const;

/** Rows of a widget: by default, and the maximum. */
export const ROWS = { default: 10, max: 50 } as const;
/** How many of the latest incidents are shown: they are above the graphs, and most of them are over. */
export const INCIDENT_ROWS = 5;

/** What CloudWatch reports about the viewer, as far as it is used. */
export interface Viewer {
  /** A language tag that Intl takes. */
  readonly locale: string;
  /** Offset of the dashboard's time zone from UTC: `+02:00`. */
  readonly offset: string;
  readonly theme: 'light' | 'dark';
}
