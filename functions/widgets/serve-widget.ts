import type { Environment } from '../shared/environment.ts';
import { describeError } from '../shared/errors.ts';
import { isRecord } from '../shared/json.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import * as z from '../shared/schema.ts';
import { ROWS, type Viewer } from './contract.ts';
import { type Html, sentence } from './html.ts';

/** The latest records as HTML. */
export type Draw = (rows: number, viewer: Viewer) => Promise<Html>;

/**
 * Makes the Lambda handler of the custom widget that shows the latest `what`: it returns HTML, or its documentation in
 * Markdown. On an error the viewer sees a sentence; the log has the error itself.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
 */
export function widgetHandler(log: Log, what: string, wire: (environment: Environment) => Draw): (event: unknown) => Promise<string> {
  let draw: Draw | undefined;
  return async (event) => {
    const request = readEvent(event);
    if (request.kind === 'documentation') return documentation(what);
    const { viewer } = request;
    if (request.kind === 'invalid') {
      return sentence(
        viewer,
        `The parameters of this widget are not valid (${request.why}), so it shows no ${what}. Its only parameter is rows, a whole number from 1 to ${ROWS.max}. To correct it, edit the widget.`,
      ).html;
    }
    try {
      draw ??= wire(process.env);
      return (await draw(request.rows, viewer)).html;
    } catch (error) {
      log.warn(LOG_EVENTS.widgetFailed, { what, error: describeError(error) });
      return sentence(
        viewer,
        `The latest ${what} could not be read (${(error as Error).name}). Nothing else is affected. Refresh the widget; if the error persists, see the log of the widget's function.`,
      ).html;
    }
  };
}

/** Markdown; the CloudWatch console offers the YAML block as the widget's parameters. */
const documentation = (what: string): string => `## Latest ${what}

The latest ${what} that Holdfast has on record, newest first. Times are in the dashboard's time zone.

### Widget parameters

Param | Description
---|---
**rows** | number of rows, from 1 to ${ROWS.max}; default ${ROWS.default}

### Example parameters

\`\`\` yaml
rows: ${ROWS.default}
\`\`\`
`;

const parameters = z.strictObject({ rows: z._default(z.whole(1, ROWS.max), ROWS.default) });

export type WidgetRequest =
  /** The CloudWatch console requests the widget's documentation. */
  | { readonly kind: 'documentation' }
  | { readonly kind: 'rows'; readonly rows: number; readonly viewer: Viewer }
  /** The dashboard's parameters for the widget are not valid. */
  | { readonly kind: 'invalid'; readonly why: string; readonly viewer: Viewer };

/**
 * Reads CloudWatch's request to a custom widget: the widget's parameters, and `widgetContext` with the viewer's settings, or
 * `describe`. What is missing or invalid in the context defaults to English, UTC and light: the viewer cannot fix it.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
 */
export function readEvent(event: unknown): WidgetRequest {
  const { widgetContext, describe, ...given } = isRecord(event) ? event : {};
  if (describe === true) return { kind: 'documentation' };
  const viewer = readViewer(widgetContext);
  const parsed = parameters.safeParse(given);
  if (parsed.success) return { kind: 'rows', rows: parsed.data.rows, viewer };
  const why = parsed.error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; ');
  return { kind: 'invalid', why, viewer };
}

function readViewer(context: unknown): Viewer {
  const { locale, timezone, theme } = isRecord(context) ? context : {};
  const offset = isRecord(timezone) ? timezone['offsetISO'] : undefined;
  return {
    locale: knownLocale(locale),
    offset: typeof offset === 'string' && /^[+-]([01]\d|2[0-3]):[0-5]\d$/.test(offset) ? offset : '+00:00',
    theme: theme === 'dark' ? 'dark' : 'light',
  };
}

function knownLocale(locale: unknown): string {
  try {
    return Intl.DateTimeFormat.supportedLocalesOf(String(locale ?? '').replaceAll('_', '-'))[0] ?? 'en';
  } catch {
    return 'en';
  }
}
