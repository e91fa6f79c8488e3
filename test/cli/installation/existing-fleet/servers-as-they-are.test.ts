/** What `init --existing` makes of servers as teams have them: several Javas, an application below a path, no role, an answer that lies. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type InitFleetOptions, initFleet } from '../../../../cli/installation/existing-fleet/init-fleet.ts';
import { createOutput } from '../../../../cli/output.ts';
import type { Answers } from '../existing-store/aws-answers.ts';
import { agentsWith, fleetPlace, IDS, instancesWith, TARGET_GROUP, tomcatWith, viewsWith } from './fleet-answers.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast init '));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

interface Printed {
  readonly decide: readonly { readonly key: string; readonly what: string }[];
  readonly missing: readonly string[];
  readonly notes: readonly string[];
}

async function init(answers: Answers, more: Partial<InitFleetOptions> = {}) {
  const printed: { value: Printed; text: string }[] = [];
  const result = (value: object, text: () => string) => void printed.push({ value: value as Printed, text: text() });
  const options = { targetGroup: TARGET_GROUP, store: 'shop', keyPrefix: 'sess:', user: 'shop-watch', ...more };
  await initFleet(options, { ...createOutput(true), progress: () => {}, result }, fleetPlace(folder, answers));
  const [{ value, text } = { value: {} as Printed, text: '' }] = printed;
  const { web } = JSON.parse(readFileSync(path.join(folder, 'holdfast.config.json'), 'utf8')).fleets;
  const marks = Object.fromEntries(value.decide.map(({ key, what }) => [key.replace('fleets.web.', ''), what]));
  return { web, text, marks, missing: value.missing.join('\n'), notes: value.notes.join('\n') };
}

it('has a person decide on the role of instances without a profile, whatever their agents report', async () => {
  const bare = { ...instancesWith({ IamInstanceProfile: undefined }), ...agentsWith({ IamRole: 'account-default' }) };
  const { marks, missing } = await init(bare);
  expect(marks['existing.instanceRoleName']).toBe('the role of the servers, without its path');
  expect(missing).toContain(`No instance profile is on ${IDS.join(', ')}: attach one`);
});

it('has a person decide on a Java that is not in the same folder everywhere, and takes the oldest version', async () => {
  const { web, marks } = await init(viewsWith({}, { java: { home: null, version: 11 } }, {}));
  expect(marks['app.javaHome']).toBe('the folder of Java, the same on each server: now /usr/lib/jvm/java-17-amazon-corretto, none');
  expect(web.app.leastJava).toBe(11);
});

it('leaves out a Java that is the one in PATH', async () => {
  const { web } = await init(viewsWith({ java: { home: null, version: 21 } }));
  expect(web.app).not.toHaveProperty('javaHome');
  expect(web.app).not.toHaveProperty('leastJava');
});

it('has a person decide on the health path of an application that is not at /, and says that its links need a redirect', async () => {
  const { marks, notes } = await init(viewsWith(tomcatWith({ applications: ['shop#web'] })));
  expect(marks['app.health.loadBalancer']).toBe('what answers to health checks in a release, which is at /: now /health of /shop/web');
  expect(notes).toContain('Today the application is at /shop/web, and a release is at /: links to /shop/web need a redirect.');
});

it('asks for a page that shows a kept session where the application has its own manager', async () => {
  expect((await init({})).marks['app.health.gate']).toContain('a page that shows a session kept in the store');
});

it('says where the AWS CLI is missing, and only if the servers read a secret', async () => {
  const views = viewsWith({ aws: false });
  expect((await init(views)).missing).toContain(`The AWS CLI, with which servers read their password, is missing on ${IDS.join(', ')}`);
});

it('says where Python is too old', async () => {
  expect((await init(viewsWith({}, { python: '3.7' }, {}))).missing).toBe(`Python is older than 3.9 on ${IDS[1]}, and deploys need it.`);
});

it.each<[string, object]>([
  ['a unit with a second line', { units: ['tomcat.service\nwrote nothing'] }],
  ['a unit that is none', { units: ['tomcat.service; rm -rf /'] }],
  ['a relative folder', tomcatWith({ home: 'opt/tomcat' })],
  ['a folder of Java with a space', { java: { home: '/opt/my java', version: 17 } }],
  ['what is none', { python: '3.9\n' }],
])('takes no answer of a server with %s', async (_, lie) => {
  const { marks } = await init(viewsWith(lie));
  expect(marks['existing.replacesService']).toContain(`${IDS[0]}: its answer is not that of the script`);
});

it('prints what servers answer on one line', async () => {
  const { text } = await init(viewsWith({ others: ['10.0.0.9:6379\n  wrote nothing\u001b[2J'] }));
  expect(text).toContain('are connected to 10.0.0.9:6379 wrote nothing');
  const GetCommandInvocation = { Status: 'Success', StandardOutputContent: '{"unread":"ss is missing\\nwrote x"}' };
  rmSync(folder, { recursive: true });
  folder = mkdtempSync(path.join(tmpdir(), 'holdfast init '));
  expect((await init({ GetCommandInvocation })).notes).toContain('ss is missing wrote x');
});
