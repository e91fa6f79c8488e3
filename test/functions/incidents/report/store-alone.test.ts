/** What people read of an incident where no fleet is configured. */
import { expect, it } from 'vitest';
import { NO_FLEET } from '../../../../functions/incidents/contract/evidence.ts';
import { pageOf } from '../../../../functions/incidents/report/page.ts';
import { AT, anIncident, PLACE, someEvidence } from './an-incident.ts';

const gap = { gap: NO_FLEET };
const evidence = someEvidence({ deploys: gap, servers: gap, balancer: gap, traffic: gap, witness: gap, canary: gap });
const place = { ...PLACE, fleets: [] };
const { fleet: _, ...incident } = anIncident({
  runbook: 'session-explosion',
  finding: {
    verdict: 'cause',
    cause: 'missing-expiry',
    confidence: 'certain',
    sentence: 'Sessions are written without a TTL',
    sinceMs: AT,
    because: [{ text: '900 of 1,000 sampled sessions have no TTL', source: 'store' }],
    wouldRefute: [],
    also: [],
  },
  mitigations: {},
});
const pageAt = (
  one: typeof incident,
  where: typeof place | { fleets: never[]; local: true; installation: string; region: string } = place,
) => pageOf({ incident: one, evidence, place: where, nowMs: AT + 60_000 });
const commandsOf = ({ next }: ReturnType<typeof pageAt>) => next.flatMap(({ commands }) => [...commands]);

it('says once that there is no fleet, and what is not seen for want of it', () => {
  const { gaps } = pageAt(incident);
  expect(gaps.filter((one) => one.startsWith('No fleet'))).toEqual([
    expect.stringMatching(/^No fleet is configured: .*nor whether the store works from its network$/),
  ]);
});

it('has commands that work there: none about a fleet, each with its Region and installation, or without options in the local cloud', () => {
  const unknown = { ...incident, runbook: 'store-failure' as const, finding: undefined };
  for (const one of [incident, unknown]) {
    const commands = commandsOf(pageAt(one as typeof incident));
    expect(commands.length).toBeGreaterThan(0);
    for (const command of commands) {
      expect(command).not.toMatch(/--fleet|holdfast (deploys?|restart|rollback|releases)\b/);
      if (command.startsWith('./holdfast')) expect(command).toContain('--region eu-west-1 --installation live');
    }
    for (const command of commandsOf(pageAt(one as typeof incident, { ...place, local: true as never })))
      expect(command).toBe(command.trim());
  }
});
