import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CAUSES } from '../../../../functions/incidents/contract/causes.ts';
import { knownFault } from '../../incident-faults/command.ts';
import { FAULTS, findFault, NOT_PRODUCIBLE } from '../../incident-faults/table.ts';
import { whyNot } from '../../incident-faults/why-not.ts';

/** Of the cloud that README starts. */
const asStarted = { sticky: false, plainListener: true, groupServers: true, nodeExample: true, countStatus: 401 };

describe('the table of faults', () => {
  it('has a fault for every cause, or the reason why it has none', () => {
    const causes = Object.values(CAUSES).flat().toSorted();
    const covered = new Set([...FAULTS.flatMap(({ cause }) => cause ?? []), ...Object.keys(NOT_PRODUCIBLE)]);
    expect([...covered].toSorted()).toEqual(causes);
  });

  it('has each name once, with the runbook of its cause', () => {
    expect(new Set(FAULTS.map(({ name }) => name)).size).toBe(FAULTS.length);
    for (const { cause, runbook } of FAULTS) if (cause) expect(CAUSES[runbook]).toContain(cause);
  });

  it('has each one that README, a page or the help shows, which the cloud that they start can have', () => {
    const pages = [
      'README.md',
      'bin/local-commands.ts',
      ...readdirSync('docs', { recursive: true, encoding: 'utf8' }).map((name) => `docs/${name}`),
    ];
    const shown = pages
      .filter((name) => /\.(md|ts)$/.test(name))
      .flatMap((name) => [...readFileSync(name, 'utf8').matchAll(/fault inject ([a-z][a-z-]+)/g)].map(([, fault = '']) => fault));
    expect(shown.length).toBeGreaterThanOrEqual(5);
    for (const name of shown) {
      const fault = findFault(name);
      expect(fault && whyNot(fault, asStarted), name).toBeUndefined();
      expect(fault, name).toBeDefined();
    }
  });

  it('refuses unknown names with what to do, and names that cannot be produced with the reason', () => {
    expect(() => knownFault('stickines-off')).toThrow(
      'there is no fault "stickines-off"; nothing was changed. "./holdfast fault list" shows',
    );
    expect(() => knownFault('secret-differs')).toThrow(/cannot be produced here, because .+; nothing was changed/);
  });
});

describe('a fleet with an application of its own', () => {
  const OWN = { ...asStarted, nodeExample: false, countStatus: 404 };
  const reasons = (abilities: typeof OWN | (Omit<typeof OWN, 'countStatus'> & { countStatus: number | undefined })) =>
    Object.fromEntries(FAULTS.map((fault) => [fault.name, whyNot(fault, abilities)]));

  it('is offered the faults of its store, of its servers and of its variables alone', () => {
    const offered = Object.entries(reasons(OWN)).flatMap(([name, why]) => (why === undefined ? [name] : []));
    expect(offered).toEqual([
      ...['store-down', 'store-not-redundant', 'store-failing-over', 'server-partitioned', 'store-rejects-logins', 'store-read-only'],
      ...['structural-growth', 'not-sessions', 'bot', 'restart'],
    ]);
  });

  it('is not offered the others, each with the reason in one sentence', () => {
    const { 'large-sessions': ofVariables, 'same-site-strict': ofVisitors } = reasons(OWN);
    expect(ofVariables).toBe(
      'sets variables that only the Node example reads, and the servers run another application: start the local cloud without "--app"',
    );
    expect(ofVisitors).toMatch(/^has users who log in with POST \/login .* answers with 404 without a session, and the examples with 401$/);
  });

  it.each([undefined, 502, 503])('that answers %s to a user without a session is taken for one that is in trouble', (countStatus) => {
    expect(reasons({ ...OWN, countStatus })['same-site-strict']).toBeUndefined();
  });
});
