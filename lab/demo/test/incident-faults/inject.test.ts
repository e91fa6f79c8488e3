import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { LockRecord } from '../../../../functions/records/types.ts';
import type { ChangeKind, Changer, Changers, Fault, SetFault } from '../../incident-faults/contract.ts';
import { type FaultFile, faultFile } from '../../incident-faults/fault-file.ts';
import { clearFaults, type FaultPorts, injectFault, sortFaults } from '../../incident-faults/inject.ts';
import { whyHeld, whyKept } from '../../incident-faults/why-held.ts';

const FAULT: Fault = {
  name: 'example',
  sentence: 'An example.',
  runbook: 'logged-out',
  changes: [
    { kind: 'environment', servers: 'all', variables: { MODE: 'memory' } },
    { kind: 'stickiness', attributes: { 'stickiness.enabled': 'false' } },
  ],
};
const OTHER: Fault = { ...FAULT, name: 'other', changes: [{ kind: 'stickiness', attributes: { 'stickiness.enabled': 'maybe' } }] };

let folder: string;
let file: FaultFile;
let state: { environment: string; stickiness: string };
let failing: Set<string>;
let lock: LockRecord | undefined;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'faults-'));
  file = faultFile(folder);
  state = { environment: 'none', stickiness: 'true' };
  failing = new Set();
  lock = undefined;
});
afterEach(() => rmSync(folder, { recursive: true }));

function fails(what: string): void {
  if (failing.has(what)) throw new Error(`${what} is refused`);
}

/** A change of one value, which remembers what it was. */
const changer = (kind: 'environment' | 'stickiness', read: (change: never) => string) =>
  ({
    async prepare() {
      fails(`prepare ${kind}`);
      return { was: state[kind] };
    },
    async apply(change: never, before: { was: string }) {
      state[kind] = read(change);
      fails(`apply ${kind}`);
      return before;
    },
    async restore({ was }: { was: string }) {
      fails(`restore ${kind}`);
      state[kind] = was;
    },
  }) as unknown as Changer<ChangeKind>;

const ports = (sticky = true): FaultPorts => ({
  file,
  fleet: 'web',
  now: () => 1_000,
  lock: async () => lock,
  abilities: async () => ({ sticky, plainListener: false, groupServers: true, nodeExample: true, countStatus: 401 }),
  changers: {
    environment: changer('environment', ({ variables }: { variables: { MODE: string } }) => variables.MODE),
    stickiness: changer('stickiness', ({ attributes }: { attributes: Record<string, string> }) => attributes['stickiness.enabled'] ?? ''),
  } as unknown as Changers,
});

describe('a fault', () => {
  it('is set, is on record, and is put back exactly', async () => {
    expect(await injectFault(FAULT, ports())).toMatchObject({ name: 'example', fleet: 'web', setAtMs: 1_000 });
    expect(state).toEqual({ environment: 'memory', stickiness: 'false' });
    expect(file.read().map(({ name }) => name)).toEqual(['example']);
    expect(await clearFaults(ports())).toEqual({ cleared: ['example'], left: [] });
    expect(state).toEqual({ environment: 'none', stickiness: 'true' });
    expect(file.read()).toEqual([]);
  });

  it('is set next to another one, and both are put back in reverse order', async () => {
    await injectFault(FAULT, ports());
    await injectFault(OTHER, ports());
    expect(state.stickiness).toBe('maybe');
    expect(await clearFaults(ports())).toEqual({ cleared: ['other', 'example'], left: [] });
    expect(state).toEqual({ environment: 'none', stickiness: 'true' });
  });

  it('is refused a second time, and on a fleet without stickiness when it needs some', async () => {
    await expect(injectFault({ ...FAULT, needsSticky: true }, ports(false))).rejects.toThrow(
      /^fleet web cannot have example: it needs a fleet whose target group is sticky: start the local cloud with .*; nothing was changed$/,
    );
    await injectFault(FAULT, ports());
    await expect(injectFault(FAULT, ports())).rejects.toThrow('example is set already; nothing was changed');
  });

  it('is offered only where the installation can have it, or has it', async () => {
    const named = { ...FAULT, name: 'by-http', changes: [{ kind: 'visitors', visit: 'by-http' }] } as const;
    const sticky = { ...FAULT, name: 'sticky', needsSticky: true } as const;
    const names = async (given: FaultPorts) => {
      const { offered, notHere } = await sortFaults([FAULT, sticky, named], given);
      return [offered.map(({ fault, set }) => `${fault.name} ${set}`), notHere.map(({ name }) => name)];
    };
    expect(await names(ports(false))).toEqual([['example false'], ['sticky', 'by-http']]);
    expect(await names(ports(true))).toEqual([['example false', 'sticky false'], ['by-http']]);
    await injectFault(sticky, ports(true));
    // A fault that is set can take away what it needed.
    expect(await names(ports(false))).toEqual([['example false', 'sticky true'], ['by-http']]);
  });

  it('changes nothing when any of its changes cannot be prepared', async () => {
    failing.add('prepare stickiness');
    await expect(injectFault(FAULT, ports())).rejects.toThrow('prepare stickiness is refused');
    expect(state).toEqual({ environment: 'none', stickiness: 'true' });
    expect(file.read()).toEqual([]);
  });

  it('is put back when a change fails half way', async () => {
    failing.add('apply stickiness');
    await expect(injectFault(FAULT, ports())).rejects.toThrow(
      /^example was not set: apply stickiness is refused; everything is as it was$/,
    );
    expect(state).toEqual({ environment: 'none', stickiness: 'true' });
    expect(file.read()).toEqual([]);
  });

  it('stays on the list with what could not be put back, until that succeeds', async () => {
    await injectFault(FAULT, ports());
    failing.add('restore environment');
    expect(await clearFaults(ports())).toEqual({
      cleared: [],
      left: ['example: environment could not be put back (restore environment is refused)'],
    });
    expect(state).toEqual({ environment: 'memory', stickiness: 'true' });
    failing.clear();
    expect(await clearFaults(ports())).toEqual({ cleared: ['example'], left: [] });
    expect(state.environment).toBe('none');
  });

  it('is on record before its first change, so that another process can put it back', async () => {
    let seen: readonly unknown[] = [];
    const given = ports();
    const environment = {
      ...given.changers.environment,
      apply: async () => {
        seen = file.read();
      },
    } as unknown as Changer<'environment'>;
    await injectFault(FAULT, { ...given, changers: { ...given.changers, environment } });
    expect(seen).toMatchObject([{ name: 'example', made: [{ kind: 'environment', before: { was: 'none' } }] }]);
  });
});

describe('a fault that restarts servers', () => {
  const DEPLOY: LockRecord = { fencingToken: 7, deployId: 'd1', version: '1.1.0', requestedBy: 'ann', acquiredAtMs: 0, expiresAtMs: 2_000 };

  it('is not set while a deploy holds the lock, unless that is meant', async () => {
    lock = DEPLOY;
    await expect(injectFault(FAULT, ports())).rejects.toThrow(
      'example was not injected, and nothing was changed: it restarts servers, while deploy d1 of 1.1.0 has held the lock of the fleet since ' +
        '1970-01-01T00:00:00.000Z: follow it with "./holdfast deploys follow d1" or end it with "./holdfast deploys abort d1", or add --during-deploy',
    );
    expect([state, file.read()]).toEqual([{ environment: 'none', stickiness: 'true' }, []]);
    await injectFault(FAULT, ports(), { duringDeploy: true });
    expect(state.environment).toBe('memory');
  });

  it('is not cleared then, while one that restarts none is', async () => {
    await injectFault(FAULT, ports());
    await injectFault(OTHER, ports());
    lock = DEPLOY;
    expect(await clearFaults(ports())).toEqual({
      cleared: ['other'],
      left: [
        expect.stringMatching(/^example: clearing it restarts servers, while deploy d1 of 1\.1\.0 has held the lock .*--during-deploy$/),
      ],
    });
    expect(state).toEqual({ environment: 'memory', stickiness: 'false' });
    expect(await clearFaults(ports(), { duringDeploy: true })).toEqual({ cleared: ['example'], left: [] });
  });

  it('that runs a deploy of its own is cleared, for it waits for that', () => {
    const made = [{ kind: 'environment' }, { kind: 'deploy' }] as unknown as SetFault['made'];
    const set = { name: 'deploy-in-progress', fleet: 'web', setAtMs: 0, made };
    expect(whyKept(set, { lock: DEPLOY, nowMs: 1_000, duringDeploy: false })).toBeUndefined();
  });

  it.each<[string, Partial<LockRecord>, RegExp | undefined]>([
    ['a refresh', { heldBy: 'refresh', version: 'lt-1 version 2' }, /refresh d1 to lt-1 version 2 .* wait for its end, within minutes/],
    ['a clean-up', { heldBy: 'reconcile' }, /while the check for what deploys left .* wait for its end/],
    ['an incident, which works on no server', { heldBy: 'incident' }, undefined],
    ['a deploy whose lease has expired', { expiresAtMs: 1_000 }, undefined],
  ])('asks who holds the lock: %s', (_, more, why) => {
    const held = whyHeld(FAULT, { lock: { ...DEPLOY, ...more }, nowMs: 1_000, duringDeploy: false });
    if (why) expect(held).toMatch(why);
    else expect(held).toBeUndefined();
  });
});

describe('the file', () => {
  it('lets one command at a time work, and forgets one that died', async () => {
    await file.alone(async () => {
      await expect(faultFile(folder).alone(async () => 1)).rejects.toThrow(
        'another command sets or clears faults now; nothing was changed',
      );
    });
    expect(readdirSync(folder)).toEqual([]);
  });
});
