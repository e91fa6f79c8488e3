/**
 * boto3 goes through the gateway's services, which run as in `npm start`: each answer has to be valid by the service model
 * that botocore publishes, waiters have to end, and paginators have to give in pages what one call gives. Of all that `npm test` has
 * what the scenarios leave, read and judged in the same way (test/e2e/valid-answers.full.test.ts), and covered.test.ts about what is used.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { writeCredentials } from '../../../demo/write-credentials.ts';
import type { LocalCloud } from '../../cloud.ts';
import { type LocalAws, startLocalAws } from '../../start.ts';
import { goThroughServices, type Report } from './go-through-services.ts';
import { commandsOfPages, operationsOfCode, operationsOfCommands, SERVICES } from './used-operations.ts';

const REGION = 'us-east-1';
/** The first use on a machine installs boto3. */
const LIMIT_MS = 300_000;

let home: string;
let aws: LocalAws;
let cloud: LocalCloud;
let report: Report;

beforeAll(async () => {
  home = mkdtempSync(path.join(tmpdir(), 'holdfast-clients-'));
  aws = await startLocalAws({ region: REGION });
  cloud = aws.cloud;
  report = await goThroughServices({
    gatewayUrl: aws.endpoint,
    credentialsFile: writeCredentials(aws.folder, aws.credentials),
    home,
    region: REGION,
  });
}, LIMIT_MS);
afterAll(async () => {
  await aws?.stop();
  rmSync(home, { recursive: true, force: true });
});

describe('boto3', () => {
  it('gets answers and refusals that are valid by botocore’s service models', () => {
    expect(report.faults).toEqual([]);
    expect(report.answers).toBeGreaterThan(300);
  });

  it('has called every operation of the gateway’s services', () => {
    const names = Object.keys(SERVICES);
    const signingNames: Readonly<Record<string, string>> = { elasticloadbalancing: 'elbv2', monitoring: 'cloudwatch' };
    const offered = cloud.services.flatMap(({ signingNames: [signed = ''], operations }) => {
      const name = signingNames[signed] ?? signed;
      return names.includes(name) ? Object.keys(operations).map((operation) => `${name}.${operation}`) : [];
    });
    expect(offered.length).toBeGreaterThan(100);
    expect(offered.filter((operation) => !report.operations.includes(operation))).toEqual([]);
  });

  it('has called every operation that the code, the pages and printed commands use', () => {
    const used = [...operationsOfCode(), ...operationsOfCommands()];
    expect(used).toEqual(expect.arrayContaining(['elbv2.DescribeRules', 'ssm.ListCommandInvocations', 'elasticache.ModifyUserGroup']));
    expect(used.filter((operation) => !report.operations.includes(operation))).toEqual([]);
  });

  it('waits by each waiter that these services can fulfil, and pages by each paginator of their operations', () => {
    expect([...report.waiters].sort()).toEqual([
      'cloudformation.stack_create_complete',
      'cloudformation.stack_delete_complete',
      'cloudformation.stack_exists',
      'cloudformation.stack_update_complete',
      'cloudwatch.alarm_exists',
      'ec2.instance_exists',
      'ec2.instance_running',
      'elasticache.cache_cluster_available',
      'elasticache.cache_cluster_deleted',
      'elasticache.replication_group_available',
      'elasticache.replication_group_deleted',
      'elbv2.load_balancer_available',
      'elbv2.load_balancer_exists',
      'elbv2.load_balancers_deleted',
      'elbv2.target_deregistered',
      'elbv2.target_in_service',
      'ssm.command_executed',
    ]);
    expect(report.paginators).toHaveLength(27);
  });
});

describe('the AWS CLI', () => {
  it('carries out every command of these services that pages and programs print, with output as JSON, text and tables', () => {
    const commands = [...commandsOfPages()];
    expect(commands).toEqual(expect.arrayContaining(['autoscaling.resume-processes', 'elasticache.modify-user']));
    expect(commands.filter((command) => !report.commands.includes(command))).toEqual([]);
  });
});
