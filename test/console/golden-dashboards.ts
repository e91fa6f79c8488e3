/** The dashboard bodies in the golden templates. References are replaced with their logical ids, those to functions' aliases with ARNs. */
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { DashboardBody } from '../../console/dashboards/body.ts';

const FOLDER = path.resolve(import.meta.dirname, '../infra/__snapshots__');

interface Resource {
  readonly Type: string;
  readonly Properties: {
    readonly DashboardName?: string;
    readonly FunctionName?: string | { readonly Ref: string };
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
        const text = typeof body === 'string' ? body : body['Fn::Join'][1].map((part) => partOf(part, Resources)).join('');
        return { template, name, text, body: JSON.parse(text) as DashboardBody };
      });
  });
}

function partOf(part: unknown, resources: Readonly<Record<string, Resource>>): string {
  if (typeof part === 'string') return part;
  const [kind, value] = Object.entries(part as object)[0] as [string, string | [string, string]];
  if (kind === 'Ref' && value === 'AWS::Region') return 'us-east-1';
  const aliased = resources[String(value)]?.Properties.FunctionName;
  if (typeof aliased === 'object')
    return `arn:aws:lambda:us-east-1:000000000000:function:${String(resources[aliased.Ref]?.Properties.FunctionName)}:live`;
  if (kind === 'Ref') return String(value);
  return Array.isArray(value) ? String(value[0]) : String(value);
}
