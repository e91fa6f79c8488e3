/** What doctor reads of a Tomcat cluster: the secret that servers are prepared with, and the latest deploy that compared copies. */
import { expect, it } from 'vitest';
import type { Clients } from '../../../cli/doctor/clients.ts';
import { gatherCluster } from '../../../cli/doctor/gather-servers.ts';
import { prepareContent } from '../../../server/documents/deploy-documents.ts';
import { fleetUserData } from '../../../server/user-data/user-data.ts';
import { clusterOf } from './healthy-cluster.ts';
import { subjectOf } from './healthy-fleet.ts';

const ARN = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:ClusterSecretE1F2-AbCdEf';
const STORE = 'arn:aws:secretsmanager:us-east-1:111122223333:secret:Store-AbCdEf';
const document = (clusterSecretArn?: string) =>
  JSON.stringify(
    prepareContent(
      fleetUserData({
        ...{
          port: 8080,
          storeHost: 'store',
          storePort: 6379,
          storeTls: true,
          storeUser: 'app',
          storeSecretArn: STORE,
          storeKeyPrefix: 'sess:',
        },
        ...{ region: 'us-east-1', awsAccess: true, clusterSecretArn, runtimePackages: [] },
      }),
    ),
  );
const none = async () => {
  throw new Error('it was not to be called');
};

interface Answers {
  readonly content?: string;
  readonly secret?: object;
  readonly decision?: string;
  readonly deploys?: readonly object[];
}
const asked: unknown[] = [];
function clientsOf({ content = document(ARN), secret = {}, decision = 'allowed', deploys = [] }: Answers) {
  const role = { Role: { Arn: 'arn:aws:iam::111122223333:role/shop-nodes' } };
  const decided = { EvaluationResults: [{ EvalActionName: 'secretsmanager:GetSecretValue', EvalDecision: decision }] };
  return {
    ssm: { send: async () => ({ Content: content }) },
    secretsManager: {
      send: async ({ input }: { input: object }) => {
        asked.push(input);
        return secret;
      },
    },
    iam: { send: async ({ input }: { input: object }) => ('ActionNames' in input ? decided : role) },
    records: { latestDeploys: async () => deploys },
  } as unknown as Clients;
}

it('reads the secret that the servers are prepared with, and whether their role may read its value', async () => {
  expect((await gatherCluster(clientsOf({}), clusterOf())).clusterSecret).toEqual({
    state: 'known',
    value: { arn: ARN, isDeleted: false, rotates: false, isReadable: true },
  });
  expect(asked).toEqual([{ SecretId: ARN }]);
  const secret = { DeletedDate: new Date(0), RotationEnabled: true };
  expect((await gatherCluster(clientsOf({ secret, decision: 'implicitDeny' }), clusterOf())).clusterSecret).toMatchObject({
    value: { isDeleted: true, rotates: true, isReadable: false },
  });
});

it('finds no secret where servers were prepared without one', async () => {
  expect((await gatherCluster(clientsOf({ content: document() }), clusterOf())).clusterSecret).toMatchObject({
    state: 'absent',
    subject: { what: expect.stringContaining('holdfast-web-prepare') },
  });
});

it('takes the latest deploy that compared copies, and not one that was refused before', async () => {
  const deploy = (deployId: string, more: object) => ({ deployId, targets: {}, ...more });
  const refused = deploy('d4', { error: { Error: 'StoreUnavailable', Cause: 'x' } });
  const rolled = deploy('d3', { targets: { 'mi-1': { sessionsAlone: 0 } } });
  const alone = deploy('d2', { error: { Error: 'SessionsAlone', Cause: 'x' } });
  const compared = async (deploys: readonly object[]) => (await gatherCluster(clientsOf({ deploys }), clusterOf())).copiesCompared;
  expect(await compared([refused, rolled, alone])).toMatchObject({ value: { deployId: 'd3' } });
  expect(await compared([refused, alone])).toMatchObject({ value: { deployId: 'd2' } });
  expect(await compared([refused])).toEqual({ state: 'known', value: undefined });
});

it('asks for nothing in a fleet of another strategy', async () => {
  const clients = { ssm: { send: none }, secretsManager: { send: none }, iam: { send: none }, records: { latestDeploys: none } };
  expect(await gatherCluster(clients as unknown as Clients, subjectOf())).toEqual({
    clusterSecret: { state: 'skipped' },
    copiesCompared: { state: 'skipped' },
  });
});
