import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type InitFleetOptions, initFleet } from '../../../../cli/installation/existing-fleet/init-fleet.ts';
import { createOutput } from '../../../../cli/output.ts';
import { parseContent } from '../../../../infra/config.ts';
import { type Answers, groupWith, refusal } from '../existing-store/aws-answers.ts';
import { attributesWith, fleetPlace, IDS, listedServers, TARGET_GROUP, viewsWith } from './fleet-answers.ts';

let folder: string;
let printed: { value: Record<string, unknown>; text: string }[];
let asked: string[];
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast init '));
  printed = [];
  asked = [];
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const output = {
  ...createOutput(true),
  progress: () => {},
  result: (value: object, text: () => string) => void printed.push({ value: value as Record<string, unknown>, text: text() }),
};
const SECRET = 'arn:aws:secretsmanager:eu-west-1:111122223333:secret:shop-AbCdEf';
const OPTIONS: InitFleetOptions = { targetGroup: TARGET_GROUP, store: 'shop', keyPrefix: 'sess:', user: 'shop-watch' };
const init = (answers: Answers = {}, options: Partial<InitFleetOptions> = {}) =>
  initFleet({ ...OPTIONS, ...options }, output, fleetPlace(folder, answers, asked));
const written = () => JSON.parse(readFileSync(path.join(folder, 'holdfast.config.json'), 'utf8'));
const web = () => written().fleets.web;
const decided = () => printed.flatMap(({ value }) => (value['decide'] as { key: string }[]).map(({ key }) => key));
const notes = () => printed.flatMap(({ value }) => value['notes'] as string[]);

it('writes what a group of Tomcats shows, and a configuration that is valid once a person has decided', async () => {
  await init();
  expect(decided()).toEqual(['fleets.web.sessions.application.secretArn']);
  expect(web()).toMatchObject({
    port: 8080,
    strategy: 'redis',
    existing: {
      targetGroupArn: TARGET_GROUP,
      autoScalingGroupName: 'shop',
      instanceRoleName: 'shop-server',
      instanceSecurityGroupId: 'sg-0123456789abcdef9',
      replacesService: 'tomcat.service',
    },
    app: {
      kind: 'tomcat',
      home: '/opt/tomcat',
      javaHome: '/usr/lib/jvm/java-17-amazon-corretto',
      health: { loadBalancer: '/health', status: '200-399' },
      sessionManager: 'application',
    },
    sessions: { keyPrefix: 'sess:', application: { userName: 'app' } },
    deploy: { deregistrationDelaySeconds: 120 },
  });
  const config = written();
  config.fleets.web.sessions.application.secretArn = SECRET;
  expect(() => parseContent(config, 'it')).not.toThrow();
});
