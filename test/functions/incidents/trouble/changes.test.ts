import { expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import type { ChangeKind } from '../../../../functions/incidents/contract/evidence.ts';
import { application, evidence, SIGN_MS, server } from '../healthy-evidence.ts';

const MINUTE_MS = 60_000;
const CUT = 'security-group';

const changed = (minutes: number, event: string, kind: ChangeKind = CUT, resource = 'sessions') => ({
  ...{ atMs: SIGN_MS + minutes * MINUTE_MS, event, kind, resource },
  ...{ roleArn: 'an IAM user', eventId: `e-${minutes}`, who: 'person' as const },
});
/** Lines about the store from five minutes before the first sign until it; the latest change comes first. */
function cutAt(first: string, later: ReturnType<typeof changed>) {
  const fromMs = SIGN_MS - 5 * MINUTE_MS;
  const minutes = Array.from({ length: 5 }, (_, at) => [fromMs + at * MINUTE_MS, 40] as const);
  const lines = { storeConnection: 200, firstMs: { storeConnection: fromMs }, lastMs: { storeConnection: SIGN_MS } };
  const servers = ['i-1', 'i-2'].map((id) =>
    server(id, { application: application({ ...lines, byMinute: { storeConnection: minutes } }) }),
  );
  return evidence({ servers: { servers }, changes: { changes: [later, changed(-5, first)] } });
}

it.each([
  ['a rule that is granted again', 'RevokeSecurityGroupIngress', changed(0, 'AuthorizeSecurityGroupIngress')],
  ['a second list of security groups', 'ModifyReplicationGroup', changed(1, 'ModifyReplicationGroup')],
])('what cut the way to the store is put back by %s', (_, first, later) => {
  expect(classify(cutAt(first, later), 'store-failure')).toMatchObject({ cause: 'server-partitioned', confidence: 'likely' });
});

it.each([
  ['of another kind', changed(0, 'ModifyReplicationGroup', 'store-user')],
  ['of another resource', changed(0, 'ModifyReplicationGroup', CUT, 'another-group')],
  ['well after the trouble had ended', changed(6, 'ModifyReplicationGroup')],
])('a second change %s puts nothing back', (_, later) => {
  expect(classify(cutAt('ModifyReplicationGroup', later), 'store-failure')).not.toMatchObject({ cause: 'server-partitioned' });
});
