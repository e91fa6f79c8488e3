/** The secret of a Tomcat cluster's messages: who can read it, and where it is written. And what asks its servers for their copies. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { adopted, EXISTING_ADDRESSES, SECRET as STORE_SECRET, TARGET_GROUP } from './adopted-configs.ts';
import { list } from './role-statements.ts';
import { SynthesizedApp } from './synthesized.ts';

const APP = { kind: 'tomcat', home: '/opt/tomcat' } as const;
const NODES = {
  ...EXISTING_ADDRESSES,
  existing: { ...EXISTING_ADDRESSES.existing, instanceRoleName: 'shop-instance' },
} as const;
let cluster: SynthesizedApp;
beforeAll(async () => {
  cluster = await SynthesizedApp.create({
    ...adopted(),
    fleets: {
      web: { ...NODES, strategy: 'tomcat-cluster', app: APP },
      sticky: {
        ...NODES,
        existing: {
          ...NODES.existing,
          targetGroupArn: TARGET_GROUP.replace('/shop/', '/sticky/'),
          nodes: [{ nodeId: 'mi-00000000000000003', ip: '192.168.7.5', port: 9090, availabilityZone: 'all' }],
        },
        strategy: 'sticky',
        deploy: { sessionDrainSeconds: 0 },
        app: APP,
      },
    },
  });
});
afterAll(() => cluster?.remove());

const secretsOf = (app: SynthesizedApp) =>
  app.everything.filter(
    ({ Type, Properties }) =>
      Type === 'AWS::SecretsManager::Secret' && `${Properties['Description']}`.startsWith('Encrypts the copies of sessions'),
  );
const templateOf = (name: string) => cluster.template(name.replace(/^holdfast-/, '')).toJSON() as { Outputs?: object };

describe('the dry run', () => {
  const sending = (fleet: string) => {
    const statements = cluster
      .resources('AWS::IAM::Policy')
      .filter(({ stackName, logicalId }) => stackName === `holdfast-${fleet}-deploy` && logicalId.startsWith('DryRun'))
      .flatMap(({ Properties }) => (Properties['PolicyDocument'] as { Statement: { Action: unknown; Resource: unknown }[] }).Statement);
    expect(JSON.stringify(statements), 'its own policy').toContain('dynamodb:BatchGetItem');
    const actions = new Set(statements.flatMap(({ Action }) => list(Action).map(String)));
    const run = statements.filter(({ Action }) => list(Action).includes('ssm:SendCommand')).flatMap(({ Resource }) => list(Resource));
    return {
      actions: [...actions].filter((action) => /^ssm:(?!Describe)/.test(action)).toSorted(),
      resources: run.map((resource) => JSON.stringify(resource)).toSorted(),
    };
  };

  it('of a cluster runs the one document that only reads, on its own servers; that of another fleet runs none', () => {
    const { actions, resources } = sending('web');
    expect(actions).toEqual(['ssm:GetCommandInvocation', 'ssm:SendCommand']);
    expect(resources).toEqual([
      expect.stringContaining(':instance/i-00000000000000001'),
      expect.stringContaining(':document/holdfast-observe'),
      expect.stringContaining(':managed-instance/mi-00000000000000002'),
    ]);
    expect(sending('sticky')).toEqual({ actions: [], resources: [] });
  });
});

describe("the secret of a cluster's messages", () => {
  it('is one of a fleet with that strategy, and of no other', () => {
    expect(secretsOf(cluster).map(({ stackName }) => stackName)).toEqual([expect.stringMatching(/^holdfast-web-/)]);
  });

  it('is made by Secrets Manager: no template has its value', () => {
    const [secret] = secretsOf(cluster);
    expect(secret?.Properties['GenerateSecretString']).toMatchObject({ PasswordLength: 64 });
    expect(secret?.Properties).not.toHaveProperty('SecretString');
    for (const name of cluster.stackNames)
      expect(JSON.stringify(templateOf(name))).not.toMatch(/resolve:secretsmanager:[^}]*ClusterSecret/);
  });

  it("allows the servers' role to read its value, and nobody anything else", () => {
    const [secret] = secretsOf(cluster);
    const statements = cluster
      .resources('AWS::IAM::Policy')
      .flatMap(({ Properties }) => {
        const { Statement } = Properties['PolicyDocument'] as { Statement: { Action: unknown; Effect: string; Resource: unknown }[] };
        return Statement.map((statement) => ({ ...statement, roles: Properties['Roles'] }));
      })
      .filter(({ Resource }) => JSON.stringify(Resource).includes(`${secret?.logicalId}`));
    expect(statements).toEqual([
      {
        Action: 'secretsmanager:GetSecretValue',
        Effect: 'Allow',
        // CDK makes one statement of those that are alike.
        Resource: [STORE_SECRET, { Ref: secret?.logicalId }],
        roles: ['shop-instance'],
      },
    ]);
    expect(cluster.everything.filter(({ Type }) => Type === 'AWS::SecretsManager::ResourcePolicy')).toEqual([]);
  });

  it('is used in its own stack alone, so that the strategy can be changed: no stack exports it or its ARN', () => {
    const [secret] = secretsOf(cluster);
    const users = cluster.stackNames.filter((name) => JSON.stringify(templateOf(name)).includes(`${secret?.logicalId}`));
    expect(users).toEqual([secret?.stackName]);
    expect(JSON.stringify(templateOf(`${secret?.stackName}`).Outputs ?? {})).not.toContain(`${secret?.logicalId}`);
  });
});
