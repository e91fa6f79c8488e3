/** Calls the function of a custom widget. */
import { z } from 'zod';
import { badInput, CommandFailure } from '../../cli/failure.ts';
import type { Backend } from '../backend.ts';
import { readReply, type WidgetReply, widgetEvent } from './custom-widget.ts';
import { drawingHere } from './drawing.ts';
import { MAX_MINUTES, rangeOf } from './queries.ts';
import { readBody, titleOf } from './read-dashboard.ts';

const viewerInput = z.strictObject({
  minutes: z.int().min(1).max(MAX_MINUTES),
  theme: z.enum(['light', 'dark']),
  width: z.number().min(0).max(20_000),
  height: z.number().min(0).max(20_000),
  locale: z.string().max(35),
  timeZone: z.string().max(64),
  offsetMinutes: z.int().min(-1_440).max(1_440),
});

/**
 * @param index position of the widget in the body. The body names the function; the page cannot choose another.
 * @throws CommandFailure NoSuchDashboard, NoSuchWidget, InvalidInput, WidgetFailed
 */
export async function invokeWidget(
  backend: Backend,
  dashboardName: string,
  index: number,
  input: unknown,
  nowMs: number,
): Promise<WidgetReply> {
  const viewer = viewerInput.safeParse(input);
  if (!viewer.success) throw badInput('InvalidInput', `the request for widget ${index} is not valid: ${viewer.error.message}`);
  const widget = (await readBody(backend, dashboardName)).widgets?.[index];
  const drawing = widget && drawingHere(widget, backend.cloud, await backend.fleets());
  if (drawing?.kind !== 'custom') throw badInput('NoSuchWidget', `dashboard ${dashboardName} has no custom widget ${index}`);
  const { accountId, title } = { accountId: backend.cloud.account, title: titleOf(widget as NonNullable<typeof widget>) };
  const event = widgetEvent({ dashboardName, index, title, accountId, drawing }, viewer.data, rangeOf(viewer.data.minutes, nowMs));
  const { failed, payload } = await backend.invoke(drawing.endpoint, event);
  if (!failed) return readReply(payload);
  const { errorType = 'Error', errorMessage = 'no error message' } = (payload ?? {}) as { errorType?: string; errorMessage?: string };
  throw new CommandFailure('WidgetFailed', `the function ${drawing.endpoint} failed with ${errorType}: ${errorMessage}`);
}
