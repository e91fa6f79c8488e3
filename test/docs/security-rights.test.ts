/** docs/security.md has every action that the policies of people allow, from the synthesized templates. */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { AWS_CONFIG, type FoundResource, REPOSITORY, SynthesizedApp } from '../infra/synthesized.ts';

let app: SynthesizedApp;
beforeAll(async () => {
  app = await SynthesizedApp.create(AWS_CONFIG);
});
afterAll(() => app?.remove());

function actionsOf(kind: string): readonly string[] {
  const policies = app.resources('AWS::IAM::ManagedPolicy');
  const policy = policies.find(({ Properties }) => Properties['ManagedPolicyName'] === `holdfast-web-${kind}`);
  const { Statement } = (policy as FoundResource).Properties['PolicyDocument'] as { Statement: { Action: string | string[] }[] };
  return Statement.flatMap(({ Action }) => Action);
}

it('has each action of the three policies, by service', () => {
  const kinds = ['reader', 'operator', 'publisher'].map(actionsOf);
  const services = [...new Set(kinds.flat().map((action) => action.split(':')[0] ?? ''))].toSorted();
  const cells = services.map((service) => [
    service,
    ...kinds.map((actions) =>
      [...new Set(actions.flatMap((action) => (action.startsWith(`${service}:`) ? action.slice(service.length + 1) : [])))]
        .toSorted()
        .join(', '),
    ),
  ]);
  const rows = cells.map((row) => `| ${row.join(' | ')} |`.replaceAll(/ +/g, ' ')).join('\n');
  expect(readFileSync(path.join(REPOSITORY, 'docs/security.md'), 'utf8').replaceAll(/ +/g, ' ')).toContain(rows);
});
