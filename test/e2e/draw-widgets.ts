/** Calls the functions of a dashboard's custom widgets as CloudWatch does: by the body's endpoint, with the viewer's permissions. */
import { CloudWatchClient, GetDashboardCommand } from '@aws-sdk/client-cloudwatch';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { kept } from './fleet.ts';

interface Viewer {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

interface CustomWidget {
  readonly type: string;
  readonly properties: { readonly title?: string; readonly endpoint?: string; readonly params?: Record<string, unknown> };
}

const client = { region: kept.region, endpoint: kept.gatewayUrl };

/** What each custom widget of the dashboard answers, by its title. @throws Error with what the function failed with */
export async function drawWidgets(dashboardName: string, viewer: Viewer = kept.credentials): Promise<Record<string, string>> {
  const cloudWatch = new CloudWatchClient({ ...client, credentials: kept.credentials });
  const lambda = new LambdaClient({ ...client, credentials: viewer });
  try {
    const { DashboardBody = '{}' } = await cloudWatch.send(new GetDashboardCommand({ DashboardName: dashboardName }));
    const { widgets } = JSON.parse(DashboardBody) as { widgets: CustomWidget[] };
    const drawn: Record<string, string> = {};
    for (const { properties } of widgets.filter(({ type }) => type === 'custom')) {
      const { title = '', endpoint, params = {} } = properties;
      const widgetContext = {
        dashboardName,
        widgetId: 'widget-1',
        accountId: '000000000000',
        locale: 'en',
        timezone: { label: 'Local', offsetISO: '+05:30', offsetInMinutes: 330 },
        theme: 'dark',
        title,
        params,
      };
      const { Payload, FunctionError } = await lambda.send(
        new InvokeCommand({ FunctionName: endpoint, Payload: Buffer.from(JSON.stringify({ ...params, widgetContext })) }),
      );
      const answer = Buffer.from(Payload ?? []).toString();
      if (FunctionError) throw new Error(`${title}: ${answer}`);
      drawn[title] = JSON.parse(answer) as string;
    }
    return drawn;
  } finally {
    cloudWatch.destroy();
    lambda.destroy();
  }
}
