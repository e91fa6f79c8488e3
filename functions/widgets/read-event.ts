import { isRecord } from '../shared/json.ts';
import * as z from '../shared/schema.ts';
import { ROWS, type Viewer } from './contract.ts';

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
