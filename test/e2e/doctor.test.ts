/** Doctor on the kept cloud: no problem as it is; with planted defects it reports each of them and nothing else. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { connectWithConfig, examine, type Report } from '../../cli/doctor/doctor.ts';
import { closeClients, DEFECTS } from './doctor-defects.ts';
import { untilHealthy } from './fleet.ts';

const CLI = path.resolve(import.meta.dirname, '../../bin/main.ts');

const calls = new Set<string>();
let before: Report;

const runExamination = async (): Promise<Report> => {
  const { cloud, config } = await connectWithConfig({});
  return examine(cloud, config, (operation) => calls.add(operation));
};

/** Findings that other scenarios on the same cloud can cause: alarms that fired or lack data, requests that were slow on purpose. */
const AFTERMATH = /is in ALARM|has no data yet|a response took/;

const problemsOf = ({ findings }: Report): string[] =>
  findings
    .filter(({ severity, what }) => severity !== 'ok' && !AFTERMATH.test(what))
    .map(({ check, severity, resource }) => `${severity} ${check} ${resource}`);

function runDoctor(...args: string[]): Promise<{ code: number; stdout: string }> {
  return new Promise((resolve) => {
    const options = { env: { PATH: process.env['PATH'], HOLDFAST_STATE_FOLDER: process.env['HOLDFAST_STATE_FOLDER'] }, timeout: 150_000 };
    execFile(process.execPath, ['--disable-warning=ExperimentalWarning', CLI, 'doctor', ...args], options, (error, stdout) => {
      resolve({ code: Number(error?.code ?? 0), stdout });
    });
  });
}

beforeAll(async () => {
  await untilHealthy(3);
  before = await runExamination();
});
afterAll(() => closeClients());

describe('doctor on a healthy fleet', () => {
  it('finds nothing worse than a notice, and checks everything', () => {
    expect(problemsOf(before).filter((line) => !line.startsWith('notice '))).toEqual([]);
    const seen = new Set(
      before.findings
        .filter(({ severity, what }) => severity === 'ok' || severity === 'notice' || AFTERMATH.test(what))
        .map(({ check }) => check),
    );
    for (const { check } of DEFECTS) expect([...seen], check).toContain(check);
    for (const check of [
      'listener',
      'plain-http',
      'certificate',
      'agent',
      'release-reads',
      'security-group-path',
      'parameter-reads',
      'application-access',
      'store-tls',
      'store-auth',
      'alarm-subscribers',
      'lock',
      'clock',
    ])
      expect([...seen]).toContain(check);
  });

  it('sends only reads', () => {
    expect(calls.size).toBeGreaterThan(20);
    expect([...calls].filter((operation) => !/^(BatchGet|Describe|Get|List|Head|Query)/.test(operation))).toEqual([
      'SimulatePrincipalPolicy',
    ]);
  });
});

it('reports each planted defect and exits with 5; reports none after all are removed', { timeout: 400_000 }, async () => {
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
  // What only time repairs may have ended meanwhile: readings to compare with, of which there are ten minutes by now.
  const known = new Set(problemsOf(before));
  const added = async () => problemsOf(await runExamination()).filter((line) => !known.has(line));
  await expect.poll(added, { timeout: 150_000, interval: 1_000 }).toEqual([]);
});

it('prints a report without anything unknown, and exits with 0 for it', async () => {
  const { code, stdout } = await runDoctor();
  // Alarms that other scenarios on the same cloud made fire are warnings.
  const warned = /^! /m.test(stdout);
  expect(code).toBe(warned ? 4 : 0);
  expect((await runDoctor('--fail-on', 'error')).code).toBe(0);
  expect(stdout).not.toMatch(/^\? /m);
  expect(stdout).toMatch(/^✓ security-group-path: servers → store, port 6379 is open$/m);
  expect(stdout.split('\n')[0]).toMatch(/^account 000000000000 \(local\), us-east-1, fleet web$/);
  expect(stdout).toMatch(/^✓ store-tls: connections to the store are encrypted$/m);
});
