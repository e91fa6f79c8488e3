/** A drain rule that CloudFormation replaces with its listener has another ARN: what changes the rule has to be published anew. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DRAIN_ENV } from '../../functions/shared/aws/drain-rule-contract.ts';
import { SynthesizedApp } from './synthesized.ts';

const CERTIFICATE = 'arn:aws:acm:us-east-1:123456789012:certificate/6d0a2a4c-1111-2222-3333-444455556666';
let plain: SynthesizedApp;
let encrypted: SynthesizedApp;
beforeAll(async () => {
  plain = await SynthesizedApp.create({ fleets: { web: { allowPlainHttp: true, strategy: 'sticky' } } });
  encrypted = await SynthesizedApp.create({ fleets: { web: { certificateArn: CERTIFICATE, strategy: 'sticky' } } });
});
afterAll(async () => {
  await plain?.remove();
  await encrypted?.remove();
});

interface Json {
  readonly Resources: Readonly<Record<string, { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> }>>;
}

/** Logical ids of the published versions of each function that knows the rule, by the function's logical id. */
function versionsOf(app: SynthesizedApp): Map<string, string> {
  const { Resources } = app.template('web-deploy').toJSON() as Json;
  const knows = (id: string) => {
    const { Variables = {} } = (Resources[id]?.Properties['Environment'] ?? {}) as { Variables?: Record<string, unknown> };
    return DRAIN_ENV.drainRuleArn in Variables;
  };
  return new Map(
    Object.entries(Resources)
      .filter(([, { Type }]) => Type === 'AWS::Lambda::Version')
      .map(([id, { Properties }]) => [(Properties['FunctionName'] as { Ref: string }).Ref, id] as const)
      .filter(([id]) => knows(id)),
  );
}

it('publishes a new version of each function that changes the rule, as the listener changes from HTTP to HTTPS', () => {
  const before = versionsOf(plain);
  const after = versionsOf(encrypted);
  expect(before.size, 'command, sessions, reconciler, dry run').toBe(4);
  expect([...after.keys()]).toEqual([...before.keys()]);
  for (const [id, version] of before) expect([id, after.get(id)], 'another version').not.toEqual([id, version]);
});
