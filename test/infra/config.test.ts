import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseConfig, readConfig } from '../../infra/config.ts';
import { formatRefusals, parse, refusal } from './parse-config.ts';
import { synthesize } from './synthesize.ts';
import { REPOSITORY } from './synthesized.ts';

const web = { allowPlainHttp: true };
const CERTIFICATE = 'arn:aws:acm:us-east-1:111122223333:certificate/00000000-0000-4000-8000-000000000000';

const SUBNETS = ['subnet-0000000a', 'subnet-0000000b'];
const EXISTING_NETWORK = { existing: { vpcId: 'vpc-0000000a', webSubnetIds: SUBNETS, storeSubnetIds: SUBNETS } };
const EXISTING_STORE = { host: 'store.example.com', tls: false, auth: 'none', engineVersion: '7.1', replicas: 0 };

const REFUSED: Readonly<Record<string, unknown>> = {
  'an unknown key': { fleets: { web }, replicas: 3 },
  'an unknown key of a fleet': { fleets: { web: { ...web, prot: 80 } } },
  'a wrong type': { fleets: { web: { ...web, port: '8080' } } },
  'a port out of range': { fleets: { web: { ...web, port: 70_000 } } },
  'neither a certificate nor plain HTTP': { fleets: { web: {} } },
  'a certificate of another Region': { region: 'eu-west-1', fleets: { web: { certificateArn: CERTIFICATE } } },
  'no fleet': { fleets: {} },
  'a bad Region': { region: 'Ireland', fleets: { web } },
  'a zone that is not a letter': { zones: ['a', 'eu-west-1b'], fleets: { web } },
  'one zone': { zones: ['a'], fleets: { web } },
  'a zone that is listed twice': { zones: ['a', 'a'], fleets: { web } },
  'a network that is not a CIDR block': { network: { cidr: '10.0/8' }, fleets: { web } },
  'a network too small for its zones': { network: { cidr: '10.0.0.0/20' }, fleets: { web } },
  'an account that is not twelve digits': { account: '1234', fleets: { web } },
  'a bad fleet name': { fleets: { Web_1: web } },
  'names too long for a load balancer': { installation: 'sessions-of-the-shop', fleets: { 'front-end-servers': web } },
  'a name that ends in a hyphen': { fleets: { 'web-': web } },
  'a name that AWS reserves': { installation: 'internal', fleets: { web } },
  'an unknown engine': { store: { engine: 'memcached' }, fleets: { web } },
  'a version without IAM users': { store: { engine: 'redis', engineVersion: '6.2' }, fleets: { web } },
  'a version of the other engine': { store: { engine: 'redis', engineVersion: '8.0' }, fleets: { web } },
  'a policy that evicts sessions without TTL': { store: { evictionPolicy: 'allkeys-lru' }, fleets: { web } },
  'a database twice': { store: { databases: [1, 1] }, fleets: { web } },
  'a database that ElastiCache cannot have': { store: { databases: [10_000] }, fleets: { web } },
  'no database': { store: { databases: [] }, fleets: { web } },
  'databases of sweeps alone': { sweep: { databases: [1] }, fleets: { web } },
  'no replica': { store: { replicas: 0 }, fleets: { web } },
  'snapshots that outlive an ephemeral installation': { retention: 'ephemeral', store: { snapshotRetentionDays: 7 }, fleets: { web } },
  'a log retention that CloudWatch does not offer': { logRetentionDays: 10, fleets: { web } },
  'a maximum below the minimum': { fleets: { web: { ...web, minCapacity: 4, maxCapacity: 3 } } },
  'a health check that overlaps the next': { fleets: { web: { ...web, healthCheckIntervalSeconds: 5, healthCheckTimeoutSeconds: 5 } } },
  'a package name that is a command': { fleets: { web: { ...web, runtimePackages: ['nodejs24; id'] } } },
  'a deregistration delay above the maximum of a target group': {
    fleets: { web: { ...web, deploy: { deregistrationDelaySeconds: 4000 } } },
  },
  'a drain that ends after the load balancer cuts': {
    fleets: { web: { ...web, deploy: { deregistrationDelaySeconds: 60, drainTimeoutSeconds: 90 } } },
  },
  'a delay that is too short for any drain': { fleets: { web: { ...web, deploy: { deregistrationDelaySeconds: 30 } } } },
  'a poll interval below a second': { fleets: { web: { ...web, deploy: { pollSeconds: 0.5 } } } },
  'more slices of a drain than an execution history holds': {
    fleets: { web: { ...web, deploy: { deregistrationDelaySeconds: 3600, drainSliceSeconds: 1 } } },
  },
  'more time for one target than its state machine has': {
    fleets: { web: { ...web, deploy: { deregistrationDelaySeconds: 3600, healthDeadlineSeconds: 14_400 } } },
  },
  'more polls than an execution history holds': { fleets: { web: { ...web, deploy: { settleSeconds: 7200, pollSeconds: 3 } } } },
  'more own alarms than the environment of functions holds': {
    fleets: { web: { ...web, deploy: { alarmNames: Array.from({ length: 21 }, (_, at) => `own-${at}`) } } },
  },
  'an alarm with a longer name than CloudWatch has': { fleets: { web: { ...web, deploy: { alarmNames: ['a'.repeat(256)] } } } },
  'a longer wait for metrics than a deploy allows': { fleets: { web: { ...web, deploy: { peopleWaitSeconds: 601 } } } },
  'another answer to what people meet than stop and report': { fleets: { web: { ...web, deploy: { onPeople: 'ignore' } } } },
  'an unknown setting of deploys': { fleets: { web: { ...web, deploy: { bake: 5 } } } },
};

describe('a configuration', () => {
  it('needs no more than a fleet with a certificate', () => {
    const config = parse({ fleets: { web: { certificateArn: CERTIFICATE } } });
    expect(config).toMatchObject({ installation: 'holdfast', retention: 'protected', store: { engine: 'valkey', engineVersion: '8.0' } });
    expect(config.fleets['web']?.deploy.bakeSeconds).toBe(15);
  });

  it('is the one in the repository', () => {
    expect(Object.keys(readConfig(path.join(REPOSITORY, 'holdfast.config.json')).fleets)).toEqual(['web']);
  });

  it('uses the engine’s default version when none is given', () => {
    expect(parse({ store: { engine: 'redis' }, fleets: { web } }).store).toMatchObject({ engineVersion: '7.1' });
  });

  it('sweeps database 0 alone unless it lists others, of a created store or an existing one', () => {
    expect(parse({ fleets: { web } }).store.databases).toEqual([0]);
    expect(parse({ store: { databases: [0, 20] }, fleets: { web } }).store.databases).toEqual([0, 20]);
    expect(
      parse({ network: EXISTING_NETWORK, store: { existing: EXISTING_STORE, databases: [3] }, fleets: { web } }).store.databases,
    ).toEqual([3]);
  });

  it('takes an application with a reader endpoint for one that reads from replicas, unless it says otherwise', () => {
    const of = (store: object) => parse({ network: EXISTING_NETWORK, store, fleets: { web } }).store.applicationReadsReplicas;
    const readerHost = 'reader.example.com';
    expect([of({ existing: EXISTING_STORE }), of({ existing: { ...EXISTING_STORE, readerHost } })]).toEqual([false, true]);
    expect(of({ existing: { ...EXISTING_STORE, readerHost }, applicationReadsReplicas: false })).toBe(false);
    expect(parse({ store: { applicationReadsReplicas: true }, fleets: { web } }).store.applicationReadsReplicas).toBe(true);
  });

  it('is rejected with the value and the rule, as the page of refusals shows', async () => {
    await expect(formatRefusals(REFUSED)).toMatchFileSnapshot(path.join(import.meta.dirname, 'config', 'refusals', 'configuration.txt'));
  });

  it('is rejected with every rule that it breaks', () => {
    expect(refusal({ region: 'x', fleets: { web: { port: -1 } } }).split('\n')).toHaveLength(1 + 3);
  });

  it('is rejected when it is not JSON', () => {
    expect(() => parseConfig('{', 'the file')).toThrow(/^the file is not valid JSON: /);
    expect(() => parseConfig('\ufeff{}', 'the file')).toThrow('it begins with a byte order mark (BOM)');
  });
});

describe('a configuration file', () => {
  it('that cannot be read is reported with its path', () => {
    expect(() => readConfig('/nowhere/holdfast.json')).toThrow(
      '/nowhere/holdfast.json cannot be read (ENOENT). Pass the file of another configuration: -c config=FILE to cdk, --config FILE to holdfast',
    );
  });

  it('is read', async () => {
    const folder = await mkdtemp(path.join(tmpdir(), 'holdfast-config-'));
    const file = path.join(folder, 'config.json');
    await writeFile(file, JSON.stringify({ fleets: { web } }));
    expect(readConfig(file).region).toBe('us-east-1');
    await rm(folder, { recursive: true });
  });

  it('that is not valid ends cdk with 1 and one message, without a stack trace', async () => {
    const { code, output } = await synthesize({ region: 'Ireland', fleets: { web } });
    expect(code).toBe(1);
    expect(output.split('region ("Ireland")')).toHaveLength(2);
    expect(output).not.toMatch(/\n\s+at /);
  });
});
