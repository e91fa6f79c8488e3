import { describe, expect, it } from 'vitest';
import type { CanaryRecord } from '../../../functions/canary/contract/canary-records.ts';
import type { DeployRecord, TargetProgress } from '../../../functions/records/types.ts';
import type { SweepRecord } from '../../../functions/sweep/contract/record.ts';
import type { Viewer } from '../../../functions/widgets/contract.ts';
import { COLOURS, html } from '../../../functions/widgets/html.ts';
import { renderCanary, renderDeploys, renderIncidents, renderSweeps } from '../../../functions/widgets/render.ts';
import { AT, anIncident } from '../incidents/report/an-incident.ts';

const START_MS = Date.UTC(2026, 10, 20, 22, 30);
const BERLIN: Viewer = { locale: 'de', offset: '+02:00', theme: 'light' };
const UTC: Viewer = { locale: 'en', offset: '+00:00', theme: 'dark' };
const target = (phase: TargetProgress['phase'], order: number): TargetProgress => ({
  phase,
  order,
  fromVersion: '1.0.0',
  phaseStartedAtMs: START_MS,
});
const DEPLOY: DeployRecord = {
  deployId: 'd-1',
  executionArn: 'arn',
  fleet: 'web',
  from: '1.0.0',
  to: '1.1.0',
  requestedBy: 'ann',
  startedAtMs: START_MS,
  finishedAtMs: START_MS + 185_000,
  status: 'SUCCEEDED',
  stage: 'finished',
  targets: { 'i-2': target('done', 1), 'i-1': target('skipped', 0), 'i-3': target('done', 2) },
};
const SWEEP: SweepRecord = {
  sweepId: 's-1',
  executionArn: 'arn',
  startedAtMs: START_MS,
  finishedAtMs: START_MS + 61_000,
  requestedBy: 'schedule',
  dryRun: false,
  policy: 'expire',
  policies: { 'spring-session': 'report' },
  shards: ['0001'],
  status: 'SUCCEEDED',
  summary: {
    keys: 1_234_567,
    withoutTtl: 89,
    structural: 3,
    repaired: 80,
    deleted: 7,
    leftOnPurpose: 0,
    unknown: 2,
    seconds: 4.2,
    keysPerSecond: 294_000,
    storeP99Ms: 0.6,
  },
};
/** What stands in the cells of each row, tags taken off. */
const cells = (written: { html: string }) =>
  [...written.html.matchAll(/<tr>(.*?)<\/tr>/g)].map(([, row]) =>
    [...String(row).matchAll(/<t[dh]>(.*?)<\/t[dh]>/g)].map(([, cell]) => String(cell).replaceAll(/<[^>]+>/g, '')),
  );

describe('the latest deploys', () => {
  it("are a table, with times in the viewer's zone and language", () => {
    expect(cells(renderDeploys([DEPLOY], BERLIN, START_MS))).toEqual([
      ['Started (UTC+02:00)', 'Took', 'Release', 'Outcome', 'Targets', 'By', 'Deploy'],
      ['21.11.2026, 00:30:00', '3 m 05 s', '1.0.0 → 1.1.0', 'SUCCEEDED', '1 skipped, 2 done', 'ann', 'd-1'],
    ]);
    expect(cells(renderDeploys([DEPLOY], UTC, START_MS))[1]?.[0]).toBe('Nov 20, 2026, 22:30:00');
  });

  it("show a running deploy's duration so far, and a failed one's error", () => {
    const { finishedAtMs: _, ...begun } = DEPLOY;
    const running = { ...begun, status: 'RUNNING', stage: 'rolling' } as const;
    const failed = { ...DEPLOY, status: 'FAILED', rolledBack: true, error: { Error: 'BakeFailed', Cause: 'errors' } } as const;
    const [, first, second] = cells(renderDeploys([running, failed], UTC, START_MS + 5_000));
    expect([first?.[1], first?.[3], second?.[3]]).toEqual(['5.0 s', 'RUNNING, rolling', 'FAILED, rolled back BakeFailed']);
  });

  it('show the sessions that a deploy waits for, and those that it cut off', () => {
    const waiting = { ...target('sessionDrain', 0), sessionsLeft: 12 };
    const targets = { 'i-1': waiting, 'i-2': target('waiting', 1) };
    const [, first, second] = cells(
      renderDeploys(
        [
          { ...DEPLOY, targets },
          { ...DEPLOY, sessionsCutOff: 1 },
        ],
        UTC,
        START_MS,
      ),
    );
    expect([first?.[4], second?.[4]]).toEqual([
      '1 stopped while waiting for its sessions (12 sessions left), 1 not touched',
      '1 skipped, 2 done, 1 session cut off',
    ]);
  });

  it('escape every value from outside', () => {
    const evil = `<img src=x onerror="alert('&')">`;
    const written = renderDeploys([{ ...DEPLOY, requestedBy: evil, to: evil, error: { Error: evil, Cause: '' } }], UTC, START_MS).html;
    expect(written).not.toContain('<img');
    expect(written.match(/&lt;img src=x onerror=&#34;alert\(&#39;&amp;&#39;\)&#34;&gt;/g)).toHaveLength(3);
  });

  it('show that there is none', () => {
    expect(renderDeploys([], UTC, START_MS).html).toContain('no deploy yet');
  });
});

describe('the latest sweeps', () => {
  it("are a table, with numbers in the viewer's language", () => {
    expect(cells(renderSweeps([SWEEP], BERLIN, START_MS))).toEqual([
      [
        'Started (UTC+02:00)',
        ...['Took', 'Policy', 'Keys', 'Without TTL', 'Repaired', 'Deleted', 'Unknown', 'Store busy', 'Outcome', 'By', 'Sweep'],
      ],
      [
        '21.11.2026, 00:30:00',
        ...['1 m 01 s', 'expire, spring-session report', '1.234.567', '89', '80', '7', '2', '4.2 s', 'SUCCEEDED', 'schedule', 's-1'],
      ],
    ]);
  });

  it('have no counts before the end, and no policy without one on record', () => {
    const { summary: _, policy: __, finishedAtMs: ___, ...begun } = SWEEP;
    const [, row] = cells(renderSweeps([{ ...begun, status: 'RUNNING', dryRun: true }], UTC, START_MS + 2_000));
    expect(row?.slice(1, 10)).toEqual(['2.0 s', '', '', '', '', '', '', '', 'RUNNING, dry run']);
  });

  it('show that there is none', () => {
    expect(renderSweeps([], UTC, START_MS).html).toContain('no sweep yet');
  });
});

describe('the latest incidents', () => {
  it("are a table: what is wrong, how sure that is, and what was done, opened in the viewer's zone and language", () => {
    const [head, row] = cells(renderIncidents([anIncident()], BERLIN, AT + 12 * 60_000));
    expect(head).toEqual(['Opened (UTC+02:00)', 'Lasted', 'State', 'About', 'What is wrong', 'Finding', 'Mitigations', 'Incident']);
    expect(row).toEqual([
      '22.11.2026, 05:12:25',
      '11 m 40 s',
      'open',
      'fleet web',
      'Certain: The target group of fleet web no longer keeps users on their server, since 03:10 UTC.',
      'stickiness-off (certain)',
      'restore-stickiness not carried out (observe)',
      'inc-0123456789ab',
    ]);
  });

  it('show that nothing was done of what is only named', () => {
    const [[key, known]] = Object.entries(anIncident().mitigations) as [[string, object]];
    const incident = anIncident({ mitigations: { [key]: { ...known, mode: 'observe', state: 'observed' } } as never });
    expect(cells(renderIncidents([incident], UTC, AT))[1]).toContain('restore-stickiness not carried out (observe)');
  });

  it('show one without a finding, of the store, as lasting', () => {
    const { finding: _, fleet: __, ...begun } = anIncident({ runbook: 'store-failure', stage: 'collecting', mitigations: {} });
    const [, row] = cells(renderIncidents([begun], UTC, AT + 25_000));
    expect(row?.slice(1, 7)).toEqual([
      '5.0 s',
      'open',
      'the session store',
      'The cause is not known yet: the evidence is being read.',
      'being investigated',
      '',
    ]);
  });

  it('color what needs a person, what is over, and what is about to be', () => {
    const colorOf = (more: Parameters<typeof anIncident>[0]) =>
      /<td><span style="color:(#\w+)">/.exec(renderIncidents([anIncident(more)], UTC, AT).html)?.[1];
    const { bad, good, busy } = COLOURS.dark;
    expect([
      colorOf({}),
      colorOf({ mitigations: {} }),
      colorOf({ mitigations: {}, quietSinceMs: AT }),
      colorOf({ closedAtMs: AT }),
    ]).toEqual([bad, bad, busy, good]);
  });

  it('escape every value from outside', () => {
    const evil = '<img src=x onerror=alert(1)>';
    const finding = { ...anIncident().finding, sentence: evil } as NonNullable<ReturnType<typeof anIncident>['finding']>;
    expect(renderIncidents([anIncident({ fleet: evil, finding })], UTC, AT).html).not.toContain('<img');
  });

  it('show that there is none', () => {
    expect(renderIncidents([], UTC, AT).html).toContain('no incident yet');
  });
});

describe('colours', () => {
  const PANELS = { light: '#ffffff', dark: '#192534' } as const;
  /** @see https://www.w3.org/TR/WCAG22/#dfn-relative-luminance */
  const luminance = (colour: string) => {
    const [r, g, b] = [1, 3, 5].map((at) => {
      const part = Number.parseInt(colour.slice(at, at + 2), 16) / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    }) as [number, number, number];
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };

  it.each(
    (['light', 'dark'] as const).flatMap((theme) => Object.entries(COLOURS[theme]).map(([tone, colour]) => [theme, tone, colour] as const)),
  )('in the %s theme %s can be read', (theme, _, colour) => {
    const [dark, bright] = [luminance(colour), luminance(PANELS[theme])].toSorted((a, b) => a - b) as [number, number];
    expect((bright + 0.05) / (dark + 0.05)).toBeGreaterThanOrEqual(4.5);
  });
});

it('HTML stays as it is', () => {
  expect(html`<b>${html`<i>${'<'}</i>`}</b>`.html).toBe('<b><i>&lt;</i></b>');
});

describe('the widget of the canary', () => {
  const record: CanaryRecord = {
    url: 'https://shop/',
    ranAtMs: START_MS,
    sessions: 2,
    vanishedAtMs: [START_MS],
    lines: [
      { check: 'foreign-id', result: 'holds', severity: 'ok', what: 'a planted id is not adopted' },
      { check: 'caching', result: 'finding', severity: 'warning', what: 'it has <max-age>', finding: 'page-cacheable' },
    ],
    timeOuts: [],
    failed: { sinceMs: START_MS, atMs: START_MS, what: 'the site answered 429' },
  };

  it('shows results worst first, when they were found, what vanished, and why it does not work', () => {
    const { html: text } = renderCanary(record, UTC, 10);
    expect(text.indexOf('page-cacheable')).toBeLessThan(text.indexOf('foreign-id'));
    expect(text).toContain('it has &lt;max-age&gt;');
    expect(text).toMatch(/all checks ran at Nov 20, 2026, 22:30:00 \(UTC\)/);
    expect(text).toContain('a session vanished at');
    expect(renderCanary({ ...record, vanishedAtMs: [] }, UTC, 10).html).not.toContain('vanished');
    expect(text).toContain('the site answered 429');
    expect(renderCanary(record, UTC, 1).html).not.toContain('foreign-id');
  });

  it('says when there is nothing yet', () => {
    expect(renderCanary(undefined, UTC, 10).html).toContain('no turn of the canary yet');
    const { ranAtMs: _never, ...rest } = record;
    expect(renderCanary({ ...rest, lines: [] }, UTC, 10).html).toContain('all checks have not run yet');
  });
});
