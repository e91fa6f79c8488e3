/** What `init --existing` makes of servers as teams have them: several Javas, an application below a path, no role, an answer that lies. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { type InitFleetOptions, initFleet } from '../../../../cli/installation/existing-fleet/init-fleet.ts';
import { createOutput } from '../../../../cli/output.ts';
import type { Answers } from '../existing-store/aws-answers.ts';
import {
  agent,
  agentsWith,
  fleetPlace,
  IDS,
  instancesWith,
  TARGET_GROUP,
  targetGroupWith,
  targetsWith,
  tomcatWith,
  viewsWith,
} from './fleet-answers.ts';

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
  const app = mkdtempSync(path.join(folder, 'app '));
  await initFleet(options, { ...createOutput(true), progress: () => {}, result }, fleetPlace(app, answers));
  const [{ value, text } = { value: {} as Printed, text: '' }] = printed;
  const { web } = JSON.parse(readFileSync(path.join(app, 'holdfast.config.json'), 'utf8')).fleets;
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
  expect((await init({})).marks['app.health.ready']).toContain('a page that shows a session kept in the store');
});

it('says where the AWS CLI is missing, and only if the servers read a secret', async () => {
  const views = viewsWith({ aws: false });
  expect((await init(views)).missing).toContain(`The AWS CLI, with which servers read their password, is missing on ${IDS.join(', ')}`);
});

it('keeps the sizes of memory that all servers have, and names what else a release would lack', async () => {
  const { web, notes } = await init(viewsWith({}, tomcatWith({ flags: ['-Xmx2g', '-XX:+UseZGC'], properties: ['db.url'] }), {}));
  expect(web.app.javaOptions).toEqual(['-Xmx2g']);
  expect(notes).toContain("A release has nothing of today's conf, setenv.sh and variables, as -Duser.timezone, -Ddb.url: what it needs");
});

// apache/tomcat, build.xml package-tgz: folders 750, files 640.
it('says what the user of a release cannot read: an archive that is unpacked as it is', async () => {
  expect((await init(viewsWith({ closed: ['/opt/tomcat/bin/bootstrap.jar'] }))).missing).toBe(
    "The user of a release's service cannot read /opt/tomcat/bin/bootstrap.jar: let others read them and their folders (chmod a+rX), and have them outside of /home and /root.",
  );
});

it('says that a release does not answer where the health check asks', async () => {
  const sentence = 'and a release listens at 8080 by HTTP alone';
  expect((await init(targetGroupWith({ HealthCheckPort: '8081' }))).missing).toContain(
    `The health check asks by HTTP at 8081, ${sentence}`,
  );
  expect((await init(targetGroupWith({ HealthCheckProtocol: 'HTTPS' }))).missing).toContain(sentence);
  expect((await init(targetGroupWith({ HealthCheckPort: '8080' }))).missing).toBe('');
});

it('says what else ends with the service of a process manager', async () => {
  const pm2 = { units: ['pm2-ubuntu.service'], programs: ['node'], tomcat: null, java: null, processes: 4 };
  expect((await init(viewsWith(pm2))).notes).toContain('pm2-ubuntu.service has 4 other processes, which the first deploy stops with it.');
});

it('says why no server was read, and that a Tomcat takes more', async () => {
  const StandardErrorContent = "Holdfast needs Python 3.9 or later, and this server's is 3.8";
  const { notes } = await init({ GetCommandInvocation: { Status: 'Failed', StatusDetails: 'Failed', StandardErrorContent } });
  expect(notes).toContain(StandardErrorContent);
  expect(notes).toContain('for WARs in a Tomcat write app as well');
});

it('takes an address for a node on premises, and for an instance only of a network that is peered', async () => {
  const ofZone = (AvailabilityZone?: string) => ({
    ...targetGroupWith({ TargetType: 'ip' }),
    ...targetsWith({ Id: '10.0.3.7', Port: 8080, AvailabilityZone }),
    DescribeInstances: { Reservations: [] },
  });
  const agents = (...ids: string[]): Answers => ({
    DescribeInstanceInformation: {
      InstanceInformationList: ids.map((id) =>
        agent(id, { IPAddress: '10.0.3.7', ...(id.endsWith('2') && { PingStatus: 'ConnectionLost' }) }),
      ),
    },
  });
  const [lost, online, staging] = ['mi-0123456789abcdef2', 'mi-0123456789abcdef1', 'i-0123456789abcdef1'] as const;
  expect((await init({ ...ofZone(), ...agents(staging, lost, online) })).web.existing.nodes[0].nodeId).toBe(online);
  expect((await init({ ...ofZone('all'), ...agents(staging) })).web.existing.nodes[0].nodeId).toBe(staging);
  await expect(init({ ...ofZone('eu-west-1a'), ...agents(staging) })).rejects.toThrow('10.0.3.7 is the address of no instance');
});

it.each<[string, object]>([
  ['a unit with a second line', { units: ['tomcat.service\nwrote nothing'] }],
  ['a unit that is none', { units: ['tomcat.service; rm -rf /'] }],
  ['a relative folder', tomcatWith({ home: 'opt/tomcat' })],
  ['a folder of Java with a space', { java: { home: '/opt/my java', version: 17 } }],
  ['a flag that is none', tomcatWith({ flags: ['-Xmx2g -javaagent:x'] })],
])('takes no answer of a server with %s', async (_, lie) => {
  const { marks } = await init(viewsWith(lie));
  expect(marks['existing.replacesService']).toContain(`${IDS[0]}: its answer is not that of the script`);
});

it('prints what servers answer on one line', async () => {
  const { text } = await init(viewsWith({ others: ['10.0.0.9:6379\n  wrote nothing\u001b[2J'] }));
  expect(text).toContain('are connected to 10.0.0.9:6379 wrote nothing');
  const GetCommandInvocation = { Status: 'Success', StandardOutputContent: '{"unread":"ss is missing\\nwrote x"}' };
  expect((await init({ GetCommandInvocation })).notes).toContain('ss is missing wrote x');
});
