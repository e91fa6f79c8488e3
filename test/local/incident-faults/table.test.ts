import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { CAUSES } from '../../../functions/incidents/contract/causes.ts';
import { knownFault } from '../../../local/incident-faults/command.ts';
import { FAULTS, findFault, NOT_PRODUCIBLE } from '../../../local/incident-faults/table.ts';
import { whyNot } from '../../../local/incident-faults/why-not.ts';

describe('the table of faults', () => {
  it('has a fault for every cause, or the reason why it has none', () => {
    const causes = Object.values(CAUSES).flat().toSorted();
    const covered = [...FAULTS.flatMap(({ cause }) => cause ?? []), ...Object.keys(NOT_PRODUCIBLE)].toSorted();
    expect(covered).toEqual(causes);
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
    expect(shown.length).toBeGreaterThanOrEqual(6);
    const asStarted = { sticky: false, plainListener: true, groupServers: true };
    for (const name of shown) {
      const fault = findFault(name);
      expect(fault && whyNot(fault, asStarted), name).toBeUndefined();
      expect(fault, name).toBeDefined();
    }
  });

  it('refuses unknown names with what to do, and names that cannot be produced with the reason', () => {
    expect(() => knownFault('stickines-off')).toThrow(
      'there is no fault "stickines-off"; nothing was changed. "npx holdfast fault list" shows',
    );
    expect(() => knownFault('sweep-shortened')).toThrow(/cannot be produced here, because .+; nothing was changed/);
  });
});
