import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { recordKeys } from '../../../functions/records/keys.ts';
import { AT, anIncident } from '../../functions/incidents/report/an-incident.ts';
import { type FakeCloud, startFakeCloud } from '../fake-cloud.ts';
import { makeStateFolder, onlyLine, runCli } from '../run-cli.ts';

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

it('lists incidents with what waits for a decision', async () => {
  const { stdout } = await run('incidents');
  expect(stdout).toMatch(
    /OPENED .*\n2026-11-22T03:12:25\.000Z .* waits for approval +logged-out +web +stickiness-off \(certain\) +inc-0123456789ab\n/,
  );
  const json = onlyLine((await run('incidents', '--json')).stdout) as { incidents: { openedAtMs: number }[] };
  expect(json.incidents.map(({ openedAtMs }) => openedAtMs)).toEqual([AT + 20_000]);
});

it('says that there are none yet', async () => {
  cloud.items.clear();
  expect((await run('incidents')).stdout).toContain('No incidents yet.');
});

it('refuses what names no incident, no runbook and no time in the past, before anything is started', async () => {
  const lines = await Promise.all([
    run('incidents', 'show', 'inc-ffff', '--json'),
    run('incidents', 'approve', 'inc 1', '--json'),
    run('incidents', 'run', 'everything', '--dry-run', '--json'),
    run('incidents', 'run', 'logged-out', '--since', 'tomorrow', '--json'),
  ]);
  expect(lines.map(({ code, stdout }) => [code, (onlyLine(stdout) as { error: { code: string } }).error.code])).toEqual([
    [2, 'NoSuchIncident'],
    [2, 'InvalidIncident'],
    [2, 'InvalidRunbook'],
    [2, 'InvalidOption'],
  ]);
  expect(cloud.started).toEqual([]);
});

it('reports that nothing waits for an approval', async () => {
  put(recordKeys.incident('inc-0123456789ab'), anIncident({ mitigations: {} }));
  const { code, stderr } = await run('incidents', 'deny', 'inc-0123');
  expect(code).toBe(2);
  expect(stderr).toContain('NothingWaits: No mitigation of inc-0123456789ab waits for approval. Nothing was decided.');
});
