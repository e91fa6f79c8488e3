import { once } from 'node:events';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { IncidentRecord } from '../../../functions/incidents/contract/incident.ts';
import { recordKeys } from '../../../functions/records/keys.ts';
import { AT, anIncident } from '../../functions/incidents/report/an-incident.ts';
import { type FakeCloud, RUNBOOK_EXECUTION, startFakeCloud } from '../fake-cloud.ts';
import { makeStateFolder, onlyLine, runCli, startCli } from '../run-cli.ts';

let cloud: FakeCloud;
let state: ReturnType<typeof makeStateFolder>;

beforeAll(async () => {
  cloud = await startFakeCloud();
  state = makeStateFolder();
  cloud.announce(state.folder);
});
afterAll(async () => {
  await cloud.close();
  state.remove();
});

const put = (key: { pk: string; sk: string }, item: object) => cloud.items.set(`${key.pk}|${key.sk}`, { ...item });
const run = (...words: string[]) => runCli(state.folder, words);

beforeEach(() => {
  cloud.items.clear();
  const incident = anIncident();
  put(recordKeys.incident(incident.incidentId), incident);
  put(recordKeys.incidentStart(incident.openedAtMs, incident.incidentId), { incidentId: incident.incidentId });
});

it('lists incidents', async () => {
  const { stdout } = await run('incidents');
  expect(stdout).toMatch(/OPENED .*\n2026-11-22T03:12:25\.000Z .* open +logged-out +web +stickiness-off \(certain\) +inc-0123456789ab\n/);
  const json = onlyLine((await run('incidents', '--json')).stdout) as { incidents: { openedAtMs: number }[] };
  expect(json.incidents.map(({ openedAtMs }) => openedAtMs)).toEqual([AT + 20_000]);
});

it('shows one as a page, whose evidence is not there yet', async () => {
  const { code, stdout } = await run('incidents', 'show', 'inc-0123');
  expect([code, stdout]).toEqual([0, expect.stringContaining('./holdfast incidents do inc-0123456789ab restore-stickiness --fleet web')]);
});

it('has the links of the stored report, which knows the address of the documentation, and none that is no address', async () => {
  const linksWith = async (links: readonly string[]) => {
    cloud.objects.set('_incidents/i/1/report.json', JSON.stringify({ page: { links } }));
    const { stdout } = await run('incidents', 'show', 'inc-0123', '--verbose');
    return /READ MORE\n(.*?)\n\n/s
      .exec(stdout)?.[1]
      ?.split('\n')
      .map((line) => line.slice('- '.length));
  };
  const link = 'https://git.example.com/holdfast/blob/main/docs/runbook/logged-out.md#redirects';
  expect(await linksWith([link])).toEqual([link]);
  expect(await linksWith(['docs/runbook/logged-out.md#redirects'])).toEqual([
    expect.stringMatching(/^http:\/\/.*#\/runbook\/stickiness-off$/),
    'docs/mitigations.md',
  ]);
  cloud.objects.clear();
});

it('says that there are none yet', async () => {
  cloud.items.clear();
  expect((await run('incidents')).stdout).toContain('No incidents yet.');
});

it('refuses what names no incident, no runbook and no time in the past, before anything is started', async () => {
  const lines = await Promise.all([
    run('incidents', 'show', 'inc-ffff', '--json'),
    run('incidents', 'do', 'inc 1', 'sweep-now', '--json'),
    run('incidents', 'inc-0123456789ab', '--json'),
    run('incidents', 'run', 'everything', '--dry-run', '--json'),
    run('incidents', 'run', 'logged-out', '--since', 'tomorrow', '--json'),
  ]);
  expect(lines.map(({ code, stdout }) => [code, (onlyLine(stdout) as { error: { code: string } }).error.code])).toEqual([
    [2, 'NoSuchIncident'],
    [2, 'InvalidIncident'],
    [2, 'InvalidCommand'],
    [2, 'InvalidRunbook'],
    [2, 'InvalidOption'],
  ]);
  expect(cloud.started).toEqual([]);
});

it('prints the report when it is written, although the runbook goes on to look after what bridges the outage', async () => {
  cloud.describe = () => ({ status: 'RUNNING' });
  const report = { ...anIncident().report, markdownKey: '_incidents/inc-0123456789ab/2/report.md' };
  put(recordKeys.incident('inc-0123456789ab'), anIncident({ executionArn: RUNBOOK_EXECUTION, runs: 2, report } as Partial<IncidentRecord>));
  const { code, stdout } = await run('incidents', 'run', 'store-failure');
  expect([code, stdout]).toEqual([0, expect.stringMatching(/^CAUSE /m)]);
});

it('leaves the runbook running at Ctrl-C, and shows how to read what it found', async () => {
  cloud.describe = () => ({ status: 'RUNNING' });
  put(recordKeys.incident('inc-0123456789ab'), anIncident({ executionArn: RUNBOOK_EXECUTION, stage: 'collecting', running: true }));
  const { child, ended } = startCli(state.folder, ['incidents', 'run', 'logged-out', '--dry-run']);
  while (!String((await once(child.stderr, 'data'))[0]).includes('collecting'));
  child.kill('SIGINT');
  const { code, stdout } = await ended;
  expect(code).toBe(130);
  expect(stdout.split('\n').slice(-3)).toEqual([
    'Runbook logged-out goes on.',
    'Show what it found with: ./holdfast incidents show inc-0123456789ab --fleet web',
    '',
  ]);
});

it.each(['do', 'end'])('has help for %s, and refuses what names no incident', async (what) => {
  const unknown = await run('incidents', what, 'inc-ffff', 'sweep-now', '--json');
  expect([unknown.code, onlyLine(unknown.stdout)]).toMatchObject([2, { error: { code: 'NoSuchIncident' } }]);
  const help = await run('incidents', what, '--help');
  expect([help.code, help.stdout]).toEqual([0, expect.stringContaining('Exit codes:')]);
});
