import type { Environment } from '../shared/environment.ts';
import { describeError } from '../shared/errors.ts';
import { LOG_EVENTS, type Log } from '../shared/log-events.ts';
import { ROWS, type Viewer } from './contract.ts';
import { type Html, sentence } from './html.ts';
import { readEvent } from './read-event.ts';

/** The latest ones, as HTML. */
export type Draw = (rows: number, viewer: Viewer) => Promise<Html>;

/**
 * Makes the Lambda handler of the custom widget that shows the latest `what`: HTML, or Markdown where its
 * documentation is asked for. Whoever looks at a dashboard is told in a sentence what is wrong; a stack trace would
 * tell them nothing, and the log has the error.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard_about.html
 */
export function widgetHandler(log: Log, what: string, wire: (environment: Environment) => Draw): (event: unknown) => Promise<string> {
  let draw: Draw | undefined;
  return async (event) => {
    const request = readEvent(event);
    if (request.asks === 'documentation') return documentation(what);
    const { viewer } = request;
    if (request.asks === 'nonsense') {
      return sentence(
        viewer,
        `The parameters of this widget are not valid (${request.why}), so no ${what} are shown. The one parameter is rows, a whole number from 1 to ${ROWS.most}: correct it with the widget's Edit.`,
      ).html;
    }
    try {
      draw ??= wire(process.env);
      return (await draw(request.rows, viewer)).html;
    } catch (error) {
      log.warn(LOG_EVENTS.widgetFailed, { what, error: describeError(error) });
      return sentence(
        viewer,
        `The latest ${what} could not be read (${(error as Error).name}). Nothing else is affected. Refresh the widget; if it goes on, the log of its function says why.`,
      ).html;
    }
  };
}

/** Markdown; the console offers what stands in the YAML block as the widget's parameters. */
const documentation = (what: string): string => `## Latest ${what}

The latest ${what} that Holdfast has on record, newest first. Times are in the dashboard's time zone.

### Widget parameters

Param | Description
---|---
**rows** | how many are shown, from 1 to ${ROWS.most}; ${ROWS.shown} by itself

### Example parameters

\`\`\` yaml
rows: ${ROWS.shown}
\`\`\`
`;
