/** What the roles of an installation are allowed. */
import type { FoundResource, SynthesizedApp } from './synthesized.ts';

export interface Statement {
  readonly role: string;
  readonly effect: string;
  readonly actions: readonly string[];
  readonly resources: readonly unknown[];
  readonly condition?: unknown;
}

export const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);

/** Every statement of every role's policies. */
export function statementsIn(app: SynthesizedApp): Statement[] {
  return app.resources('AWS::IAM::Policy').flatMap(({ logicalId, Properties }) =>
    (Properties['PolicyDocument'] as { Statement: Record<string, unknown>[] }).Statement.map((statement) => ({
      role: logicalId,
      effect: String(statement['Effect']),
      actions: list(statement['Action']).map(String),
      resources: list(statement['Resource']),
      condition: statement['Condition'],
    })),
  );
}

/** Those of a function's own role. */
export function statementsOf(app: SynthesizedApp, { Properties }: FoundResource): Statement[] {
  const role = (Properties['Role'] as { 'Fn::GetAtt': [string, string] })['Fn::GetAtt'][0];
  return statementsIn(app).filter((statement) => statement.role.startsWith(`${role.slice(0, -8)}DefaultPolicy`));
}
