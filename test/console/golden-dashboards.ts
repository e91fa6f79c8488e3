/** The dashboard bodies in the golden templates. References are replaced with their logical ids. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { DashboardBody } from '../../console/dashboards/body.ts';

const FOLDER = path.resolve(import.meta.dirname, '../infra/__snapshots__');

interface Resource {
  readonly Type: string;
  readonly Properties: {
    readonly DashboardName?: string;
    readonly DashboardBody?: string | { readonly 'Fn::Join': readonly [string, readonly unknown[]] };
  };
}

/** By template and name: installations in different templates have dashboards of the same names. */
export function goldenDashboards(): {
  readonly template: string;
  readonly name: string;
  readonly text: string;
  readonly body: DashboardBody;
}[] {
  return readdirSync(FOLDER).flatMap((template) => {
    const { Resources = {} } = JSON.parse(readFileSync(path.join(FOLDER, template), 'utf8')) as { Resources?: Record<string, Resource> };
    return Object.values(Resources)
      .filter(({ Type }) => Type === 'AWS::CloudWatch::Dashboard')
      .map(({ Properties: { DashboardName: name = '', DashboardBody: body = '{}' } }) => {
        const text = typeof body === 'string' ? body : body['Fn::Join'][1].map(partOf).join('');
        return { template, name, text, body: JSON.parse(text) as DashboardBody };
      });
  });
}

function partOf(part: unknown): string {
  if (typeof part === 'string') return part;
  const [kind, value] = Object.entries(part as object)[0] as [string, string | [string, string]];
  if (kind === 'Ref') return value === 'AWS::Region' ? 'us-east-1' : String(value);
  return Array.isArray(value) ? String(value[0]) : String(value);
}
