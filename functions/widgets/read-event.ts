import { z } from 'zod';
import { ROWS, type Viewer } from './contract.ts';

const parameters = z.strictObject({ rows: z.int().min(1).max(ROWS.most).default(ROWS.shown) });

export type WidgetRequest =
  /** The console asks for the widget's documentation. */
  | { readonly asks: 'documentation' }
  | { readonly asks: 'rows'; readonly rows: number; readonly viewer: Viewer }
  /** The dashboard's body has parameters that make no sense. */
  | { readonly asks: 'nonsense'; readonly why: string; readonly viewer: Viewer };

/**
 * What CloudWatch asks a custom widget: the widget's parameters, and beside them `widgetContext` with what is known of the
 * viewer, or `describe`. Whatever is missing or strange in the context is taken for English, UTC and light: it is not the
 * viewer's to mend.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
 */
export function readEvent(event: unknown): WidgetRequest {
  const { widgetContext, describe, ...told } = isRecord(event) ? event : {};
  if (describe === true) return { asks: 'documentation' };
  const viewer = readViewer(widgetContext);
  const parsed = parameters.safeParse(told);
  if (parsed.success) return { asks: 'rows', rows: parsed.data.rows, viewer };
  const why = parsed.error.issues.map(({ path, message }) => [...path, message].join(': ')).join('; ');
  return { asks: 'nonsense', why, viewer };
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

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);
