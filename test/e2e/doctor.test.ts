/** Doctor on the kept cloud: nothing wrong with it as it stands; each defect that is planted is told, and only those. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { examine, type Report, reach } from '../../cli/commands/doctor.ts';
import { closeClients, DEFECTS } from './doctor-defects.ts';
import { untilHealthy } from './fleet.ts';

const CLI = path.resolve(import.meta.dirname, '../../cli/main.ts');

const calls = new Set<string>();
let before: Report;

const look = async (): Promise<Report> => {
  const { cloud, config } = await reach({});
  return examine(cloud, config, (operation) => calls.add(operation));
};

/** What other scenarios on the same cloud may have left behind: alarms that rang, requests that were slow by intent. */
const AFTERMATH = /is in ALARM|an answer took/;

const notWell = ({ findings }: Report): string[] =>
  findings
    .filter(({ severity, what }) => severity !== 'ok' && !AFTERMATH.test(what))
    .map(({ check, severity, resource }) => `${severity} ${check} ${resource}`);

function runDoctor(...args: string[]): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], HOLDFAST_STATE_FOLDER: process.env['HOLDFAST_STATE_FOLDER'] }, timeout: 30_000 };
    execFile(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, 'doctor', ...args], options, (error, stdout) => {
      resolve({ code: Number(error?.code ?? 0), stdout });
    });
  });
}

beforeAll(async () => {
  await untilHealthy(3);
  before = await look();
});
afterAll(() => closeClients());

describe('doctor on a healthy fleet', () => {
  it('finds nothing worse than a notice, and sees everything but groups that the emulator does not tell', () => {
    // The emulator tells neither the groups of a launch template's interface nor those of a function.
    const worse = notWell(before).filter((line) => !line.startsWith('notice ') && !line.startsWith('unknown security-group-path '));
    expect(worse).toEqual([]);
    const seen = new Set(
      before.findings
        .filter(({ severity, what }) => severity === 'ok' || severity === 'notice' || AFTERMATH.test(what))
        .map(({ check }) => check),
    );
    for (const { check } of DEFECTS) expect([...seen], check).toContain(check);
    for (const check of ['listener', 'plain-http', 'certificate', 'agent', 'release-reads', 'store-tls', 'store-auth', 'lock', 'clock'])
      expect([...seen]).toContain(check);
  });

  it('sends nothing but reads', () => {
    expect(calls.size).toBeGreaterThan(20);
    expect([...calls].filter((operation) => !/^(Describe|Get|List|Head|Query)/.test(operation))).toEqual(['SimulatePrincipalPolicy']);
  });
});

it('tells each defect that is planted, exits with 5, and tells none when all are taken back', { timeout: 90_000 }, async () => {
  const takeBack: (() => Promise<unknown>)[] = [];
  let planted: { code: number; stdout: string };
  try {
    for (const { plant } of DEFECTS) takeBack.unshift(await plant());
    planted = await runDoctor('--json');
  } finally {
    for (const undo of takeBack) await undo();
  }
  const report = JSON.parse(planted.stdout) as Report;
  for (const { check, severity, what } of DEFECTS) {
    expect(report.findings, check).toContainEqual(expect.objectContaining({ check, severity, what: expect.stringMatching(what) }));
  }
  expect([planted.code, report.worst]).toEqual([5, 'error']);
  await untilHealthy(3);
  // An alarm that is made again has no data at first.
  await expect.poll(async () => notWell(await look()), { timeout: 30_000, interval: 1_000 }).toEqual(notWell(before));
});

it('has a report for people that says how to mend what it tells', async () => {
  const { code, stdout } = await runDoctor();
  expect(code).toBe(4); // for the groups that nobody told
  expect(stdout.split('\n')[0]).toMatch(/^account 000000000000 \(local\), us-east-1, fleet web$/);
  expect(stdout).toMatch(/^✓ store-tls: connections to the store are encrypted$/m);
});
