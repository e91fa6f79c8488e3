/** Dashboards: their bodies are stored unchanged; the reader draws them. */
import { z } from 'zod';
import type { Now } from '../interfaces.ts';
import { list, page, requiredText } from '../service/parse-input.ts';
import { AwsError, type Operation } from '../service/service.ts';
import { parseInput } from './input.ts';

export interface Dashboard {
  readonly name: string;
  readonly arn: string;
  readonly body: string;
  readonly modifiedAtMs: number;
}

export interface DashboardContext {
  readonly dashboards: Map<string, Dashboard>;
  readonly now: Now;
  readonly accountId: string;
}

/** Dashboards are of all Regions. */
export const dashboardArn = (accountId: string, name: string): string => `arn:aws:cloudwatch::${accountId}:dashboard/${name}`;

/** @throws AwsError InvalidParameterInput for a body that is not a valid dashboard */
export function putDashboard(context: DashboardContext, input: unknown): Dashboard {
  const request = parseInput(z.object({ DashboardName: z.string().regex(/^[A-Za-z0-9_-]{1,255}$/), DashboardBody: requiredText }), input);
  checkBody(request.DashboardBody);
  const dashboard = {
    name: request.DashboardName,
    arn: dashboardArn(context.accountId, request.DashboardName),
    body: request.DashboardBody,
    modifiedAtMs: context.now(),
  };
  context.dashboards.set(dashboard.name, dashboard);
  return dashboard;
}

const widget = z.looseObject({ type: requiredText, properties: z.looseObject({}).optional() });
const bodySchema = z.looseObject({ widgets: z.array(widget).optional() });

function checkBody(body: string): void {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch {
    throw new AwsError('InvalidParameterInput', 'The field DashboardBody must be a valid JSON object');
  }
  const issue = bodySchema.safeParse(value).error?.issues[0];
  if (issue !== undefined) {
    throw new AwsError(
      'InvalidParameterInput',
      `The dashboard body is invalid, there are validation errors: /${issue.path.join('/')}: ${issue.message}`,
    );
  }
}

export function dashboardOperations(context: DashboardContext): Record<string, Operation> {
  const need = (name: string): Dashboard => {
    const dashboard = context.dashboards.get(name);
    if (dashboard === undefined) throw new AwsError('ResourceNotFound', `Dashboard ${name} does not exist`, 404);
    return dashboard;
  };
  return {
    PutDashboard(input) {
      putDashboard(context, input);
      return { DashboardValidationMessages: [] };
    },
    GetDashboard(input) {
      const dashboard = need(parseInput(z.object({ DashboardName: requiredText }), input).DashboardName);
      return { DashboardArn: dashboard.arn, DashboardBody: dashboard.body, DashboardName: dashboard.name };
    },
    ListDashboards(input) {
      const request = parseInput(z.object({ DashboardNamePrefix: z.string().optional(), NextToken: requiredText.optional() }), input);
      const dashboards = [...context.dashboards.values()].filter((dashboard) =>
        dashboard.name.startsWith(request.DashboardNamePrefix ?? ''),
      );
      const { items, nextToken } = page(dashboards, request.NextToken, 1000);
      const entries = items.map((dashboard) => ({
        DashboardName: dashboard.name,
        DashboardArn: dashboard.arn,
        LastModified: new Date(dashboard.modifiedAtMs),
        Size: Buffer.byteLength(dashboard.body),
      }));
      return { DashboardEntries: entries, ...nextToken };
    },
    DeleteDashboards(input) {
      const dashboards = parseInput(z.object({ DashboardNames: list(requiredText) }), input).DashboardNames.map(need);
      for (const dashboard of dashboards) context.dashboards.delete(dashboard.name);
      return {};
    },
  };
}
