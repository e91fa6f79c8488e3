/** What is found, how sure it is, what is then done without a person and to which fleets, and the first step that a person reads. */
import { describe, expect, it } from 'vitest';
import { classify } from '../../../../functions/incidents/classify/classify.ts';
import { decide } from '../../../../functions/incidents/classify/decide.ts';
import type { Cause } from '../../../../functions/incidents/contract/causes.ts';
import { MITIGATIONS } from '../../../../functions/incidents/contract/mitigations.ts';
import { nextSteps } from '../../../../functions/incidents/report/steps.ts';
import { NOW_MS } from '../healthy-evidence.ts';
import { anIncident, PLACE } from '../report/an-incident.ts';
import { CASES } from './cases.ts';
import { SITUATIONS } from './situations.ts';

const FLEETS = ['shop', 'web'];
const ALL_AUTO = Object.fromEntries(MITIGATIONS.map((name) => [name, 'auto'])) as Record<string, 'auto'>;
const onEach = (...names: readonly string[]) => names.flatMap((name) => FLEETS.map((fleet) => `${name}@${fleet}`));

/** By cause: what `auto` does once it is certain, and how the first step begins. */
const EXPECTED: Readonly<Record<Cause, { readonly auto: readonly string[]; readonly firstStep: string }>> = {
  'stickiness-off': { auto: onEach('restore-stickiness'), firstStep: 'Set stickiness as it was deployed' },
  'route-mismatch': { auto: [], firstStep: 'Compare the stickiness of the target group with the route' },
  'session-changes-server': { auto: [], firstStep: 'Sessions in the memory of servers need stickiness' },
  'servers-replaced': { auto: [], firstStep: 'See which servers are left' },
  'timeout-too-short': { auto: [], firstStep: 'See when the release was deployed' },
  'cookie-does-not-slide': { auto: [], firstStep: 'See when the release was deployed' },
  'same-site-strict': { auto: [], firstStep: 'See when the release was deployed' },
  'secure-cookie-on-http': { auto: [], firstStep: 'Redirect the HTTP listener to HTTPS' },
  'same-site-lax': { auto: [], firstStep: 'Let the page that other sites post to' },
  'secret-differs': { auto: [], firstStep: 'Give every server the same secret' },
  'cookies-stripped': { auto: [], firstStep: 'Let the CDN or proxy in front' },
  'front-refuses': { auto: [], firstStep: 'No server sees these requests. If a web ACL' },
  'sign-in-fails': { auto: [], firstStep: 'Look at the status page' },
  'store-slow': { auto: [], firstStep: 'See whether a node is busy, slow or full' },
  'store-connection-failures': { auto: onEach('re-login-page'), firstStep: 'Check what keeps the servers from the store' },
  'store-full': { auto: [], firstStep: 'See what fills the store' },
  'store-emptied': { auto: [], firstStep: 'Ask who emptied it' },
  evictions: { auto: [], firstStep: 'Read the state of the store' },
  'unreadable-sessions': { auto: [], firstStep: 'If it began with this deploy, stop it' },
  'deploy-in-progress': { auto: [], firstStep: 'If it began with this deploy, stop it' },
  'sweep-shortened': { auto: [], firstStep: 'See what the sweep did' },
  'store-down': { auto: onEach('re-login-page'), firstStep: 'Read the state of the store' },
  'store-not-redundant': { auto: onEach('re-login-page'), firstStep: 'Read the state of the store' },
  'store-failing-over': {
    auto: onEach('re-login-page'),
    firstStep: '(?:Wait: ElastiCache promotes a replica|The replica has taken over\\. See that)',
  },
  'store-read-only': { auto: onEach('re-login-page'), firstStep: 'See which node is the primary now' },
  'server-partitioned': { auto: onEach(), firstStep: 'If i-2 still does not reach the store, restart it' },
  'store-rejects-logins': { auto: onEach('re-login-page'), firstStep: 'Compare the users and passwords' },
  'collector-cut-off': { auto: [], firstStep: 'Nothing for users' },
  'missing-expiry': { auto: [], firstStep: 'Count the keys without a TTL' },
  'large-sessions': { auto: [], firstStep: 'See the largest sessions' },
  'session-per-request': { auto: [], firstStep: '(?:See how much room is left|Compare a request at the CDN)' },
  'long-lives': { auto: [], firstStep: 'See how much room is left' },
  'unknown-keys': { auto: [], firstStep: 'Group these keys by shape' },
  'structural-growth': { auto: [], firstStep: "Count the members of Spring's index" },
  'not-sessions': { auto: [], firstStep: 'Count by dialect what fills the store' },
  'more-users': { auto: [], firstStep: 'See how long the room lasts' },
};

describe('a situation', () => {
  it.each(SITUATIONS)('($runbook) $when', ({ runbook, planted, expected, never = [] }) => {
    const finding = classify(planted, runbook);
    expect(finding).toMatchObject(expected);
    const named = finding.verdict === 'cause' ? [finding.cause, ...finding.also] : [];
    for (const cause of never) expect(named).not.toContain(cause);
  });

  it.each(SITUATIONS)('($runbook) $when: nothing is done without a person unless it is certain', ({ runbook, planted, expected }) => {
    const finding = classify(planted, runbook);
    const chosen = decide(finding, { modes: ALL_AUTO, fleets: FLEETS, mitigations: {}, isTrailComplete: true }).filter(
      ({ mode }) => mode === 'auto',
    );
    const isCertain = expected.verdict === 'cause' && expected.confidence === 'certain';
    expect(chosen.map(({ key }) => key)).toEqual(isCertain ? EXPECTED[expected.cause].auto : []);
  });

  it.each(CASES)('$cause: $when: does to the fleets what it may, and says what to do first', ({ cause, planted, confidence }) => {
    const runbook = SITUATIONS.find(({ expected }) => expected.verdict === 'cause' && expected.cause === cause)?.runbook ?? 'logged-out';
    const finding = [runbook, 'store-failure', 'session-explosion', 'logged-out']
      .map((one) => classify(planted, one as typeof runbook))
      .find((one) => one.verdict === 'cause' && one.cause === cause);
    if (finding?.verdict !== 'cause') throw new Error(`${cause} is not found`);
    const chosen = decide(finding, { modes: ALL_AUTO, fleets: FLEETS, mitigations: {}, isTrailComplete: true }).filter(
      ({ mode }) => mode === 'auto',
    );
    expect(chosen.map(({ key }) => key)).toEqual(confidence === 'likely' ? [] : EXPECTED[cause].auto);
    const [first] = nextSteps(anIncident({ finding, mitigations: {} }), planted, PLACE, NOW_MS);
    expect(first?.text).toMatch(new RegExp(`^${EXPECTED[cause].firstStep}`));
  });
});
