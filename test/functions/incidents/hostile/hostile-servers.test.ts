/**
 * Somebody has taken over a server of the fleet, which can answer to read-logs what it likes: nothing of its texts comes out anywhere,
 * and what it says alone makes nothing certain about the fleet. The seeds are fixed; a failure names its own.
 */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { judgeRow } from '../../../../functions/incidents/classify/judged.ts';
import { rowOf } from '../../../../functions/incidents/classify/rows.ts';
import { createServersCollector } from '../../../../functions/incidents/collect/collect-servers.ts';
import { createCollect } from '../../../../functions/incidents/collect/run-collector.ts';
import { RUNBOOKS, type Runbook } from '../../../../functions/incidents/contract/causes.ts';
import type { Collected, Evidence, Facts } from '../../../../functions/incidents/contract/evidence.ts';
import { READ_ACCESS_LOG } from '../../../../functions/incidents/contract/read-logs.ts';
import type { ServerFacts } from '../../../../functions/incidents/contract/server-facts.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { textOf } from '../../../../functions/incidents/report/text.ts';
import { renderReport } from '../../../../functions/incidents/run/report.ts';
import type { AppContract } from '../../../../functions/shared/app-contract.ts';
import { parseJson } from '../../../../functions/shared/json.ts';
import { CASES } from '../classify/cases.ts';
import { seeded } from '../classify/pieces.ts';
import { evidence, FROM_MS, NOW_MS, SIGN_MS, server } from '../healthy-evidence.ts';
import { anIncident, PLACE } from '../report/an-incident.ts';
import { anyAnswer, MARKS, pick, possibleAnswer, type Random, SECRETS } from './answers.ts';

const CONTRACT = { session: { cookie: 'SID', page: '/' }, health: { loadBalancer: '/up', ready: '/ready' } } as unknown as AppContract;

/** What of an answer each document prints; a text that is no answer comes from both. */
function partOf(output: string, step: string | undefined): string {
  const begin = output.lastIndexOf('\n') + 1;
  const whole: unknown = parseJson(output.slice(begin));
  if (typeof whole !== 'object' || whole === null || Array.isArray(whole)) return output;
  const { access, route, ...own } = whole as Record<string, unknown>;
  if (step !== READ_ACCESS_LOG.step) return output.slice(0, begin) + JSON.stringify(own);
  const part = {
    release: own['release'],
    gaps: own['gaps'],
    ...(access !== undefined && { access }),
    ...(route !== undefined && { route }),
  };
  return output.slice(0, begin) + JSON.stringify(part);
}

/** What is stored of servers that answer so, as the function stores it. */
async function collected(answers: Readonly<Record<string, { readonly output: string; readonly failed?: boolean }>>) {
  let nowMs = NOW_MS;
  const servers = createServersCollector({
    documentNames: { 'read-logs': 'read-logs', 'access-log': 'access-log' },
    serversOf: async () => Object.keys(answers).map((instanceId) => ({ instanceId })),
    contractOf: async (_fleet, version) => (version.startsWith('1.') ? CONTRACT : undefined),
    runCommand: {
      send: async ({ instanceId }) => `command-${instanceId}`,
      describe: async (_id, instanceId, step) => {
        const { output = '', failed = false } = answers[instanceId] ?? {};
        const state = failed ? 'failed' : 'succeeded';
        return {
          state,
          statusDetails: failed ? 'Failed' : 'Success',
          output: partOf(output, step),
          errorOutput: `${SECRETS.join(' ')} ${MARKS.join(' ')}`,
        };
      },
    },
    now: () => nowMs,
    pause: async (ms) => {
      nowMs += ms;
    },
  });
  let stored: unknown;
  const collect = createCollect({
    collectors: { servers },
    putJson: async (_key, value) => {
      stored = JSON.parse(JSON.stringify(value));
    },
    secret: async () => 'secret',
  });
  const run = {
    incidentId: 'inc-0123456789ab',
    run: 1,
    runbook: 'logged-out',
    fleets: ['web'],
    fromMs: FROM_MS,
    toMs: NOW_MS,
    firstSignMs: SIGN_MS,
  };
  await collect({ run, source: 'servers' } as never);
  return stored as Collected<Facts['servers']>;
}

const withServers = (whole: Evidence, servers: Evidence['sources']['servers']): Evidence => ({
  ...whole,
  sources: { ...whole.sources, servers },
});

/** Everything that people and programs read of an incident with this evidence. */
function everything(found: Evidence, runbook: Runbook): string {
  const finding = classify(found, runbook);
  const incident = anIncident({ runbook, finding });
  const { markdown, json, subject, text } = renderReport(PLACE, () => NOW_MS)(incident, found);
  const page = pageOf({ incident, evidence: found, place: PLACE, nowMs: NOW_MS });
  return [JSON.stringify(found), markdown, JSON.stringify(json), subject, text, textOf(page, { verbose: true })].join('\n');
}

describe('a server that answers anything', () => {
  it('brings no text of its own into the evidence, the record, the report, the page or the message', async () => {
    let used = 0;
    for (let seed = 1; seed <= 80; seed += 1) {
      const random = seeded(seed);
      const stored = await collected({
        'i-1': { output: `noise\n${anyAnswer(random)}`, failed: random() < 0.1 },
        'i-2': { output: JSON.stringify(possibleAnswer(random)) },
      });
      used += 'facts' in stored ? stored.facts.servers.filter(({ gap }) => gap === undefined).length : 0;
      const { planted } = pick(CASES, random);
      const out = everything(withServers(planted, stored), pick(RUNBOOKS, random));
      for (const bad of [...SECRETS, ...MARKS]) expect([seed, bad, out.includes(bad)]).toEqual([seed, bad, false]);
      expect([seed, /[\p{Cc}\p{Cf}]/u.exec(out.replaceAll('\n', ''))?.[0]]).toEqual([seed, undefined]);
    }
    // Every answer would be left out if the possible ones were.
    expect(used).toBeGreaterThan(90);
  });

  it('is one gap, whatever it prints, and the others count', async () => {
    for (const output of [
      '',
      '{',
      '{}',
      'null',
      '[]',
      '{"release":"1.4.0"}',
      '{"release":"1.4.0","gaps":[],"gaps":[7]}',
      '{'.repeat(30_000),
      '['.repeat(30_000),
    ]) {
      const stored = await collected({ 'i-1': { output }, 'i-2': { output: '{"release":"1.4.0","gaps":[]}' } });
      expect(stored).toMatchObject({ facts: { servers: [{ gap: expect.any(String) }, { instanceId: 'i-2', release: '1.4.0' }] } });
    }
  });
});

/** The third server's part of what is planted on two. */
function withThird(planted: Evidence, third: ServerFacts): Evidence {
  const known = planted.sources.servers;
  if (!known || 'gap' in known) return planted;
  return withServers(planted, { ...known, facts: { servers: [...known.facts.servers, third] } });
}

async function liar(random: Random): Promise<ServerFacts> {
  const stored = await collected({ 'i-3': { output: JSON.stringify(possibleAnswer(random)) } });
  return ('facts' in stored ? stored.facts.servers[0] : undefined) ?? { instanceId: 'i-3', gap: 'no answer' };
}

describe('one server of three that lies', () => {
  const STATES: readonly Evidence[] = [evidence(), ...CASES.map(({ planted }) => planted)];

  it('makes nothing certain about the fleet that the others do not show', async () => {
    let certain = 0;
    for (let seed = 1; seed <= 120; seed += 1) {
      const random = seeded(seed);
      const honest = pick(STATES, random);
      const whole = withThird(honest, await liar(random));
      for (const runbook of RUNBOOKS) {
        const finding = classify(whole, runbook);
        if (finding.verdict !== 'cause' || finding.confidence !== 'certain' || finding.about?.instanceId === 'i-3') continue;
        certain += 1;
        const row = rowOf(finding.cause);
        expect([seed, finding.cause, row && judgeRow(row, honest).state]).toEqual([
          seed,
          finding.cause,
          expect.stringMatching(/^(holds|likely)$/),
        ]);
      }
    }
    expect(certain).toBeGreaterThan(14);
  });

  it.each([
    ['logged-out', 'store-connection-failures', { store: { reachable: false, error: 'ETIMEDOUT' } }, ['i-2', 'i-3', 'i-4']],
    ['store-failure', 'store-refuses', { store: { reachable: false, error: 'WRONGPASS' } }, ['i-3', 'i-4']],
  ] as const)('%s: %s is likely at the most when one server says so, and certain when enough others do', (runbook, cause, lie, enough) => {
    const servers = (...lying: readonly string[]) =>
      evidence({
        servers: { servers: ['i-1', 'i-2', 'i-3', 'i-4'].map((id) => server(id, lying.includes(id) ? { ...lie, ...FAILING } : {})) },
      });
    const found = (whole: Evidence) => judgeRow(rowOf(cause) as never, whole).state;
    expect(classify(servers('i-4'), runbook)).not.toMatchObject({ confidence: 'certain' });
    expect(found(servers('i-4'))).toBe('likely');
    expect(found(servers(...enough))).toBe('holds');
  });
});

/** A server whose log says what its store view does. */
const FAILING = {
  application: {
    lines: 500,
    storeConnection: 80,
    readOnly: 0,
    outOfMemory: 0,
    serialization: 0,
    sessionTimeout: 0,
    firstMs: { storeConnection: SIGN_MS - 60_000 },
    lastMs: { storeConnection: NOW_MS - 1_000 },
  },
};
