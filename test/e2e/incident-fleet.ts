/** The kept fleet as one whose sessions are in its servers' memory, with other settings of incidents, and back as it was. */
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { readCloudState } from '../../cli/cloud-state.ts';
import type { HoldfastConfig } from '../../infra/config.ts';
import type { Fault } from '../../lab/demo/incident-faults/contract.ts';
import { clearFaults, type FaultPorts, injectFault } from '../../lab/demo/incident-faults/inject.ts';
import { localFaultPorts } from '../../lab/demo/incident-faults/local-ports.ts';
import { findFault } from '../../lab/demo/incident-faults/table.ts';
import { buildExample } from './bad-releases.ts';
import { cdkFor, keptConfig } from './cdk.ts';
import { cloud, currentVersion, deploy, publishBad, untilHealthy } from './fleet.ts';

type Given = Partial<HoldfastConfig['incidents']>;

/** One of its two changes, before the other: servers that are started anew move users by themselves. */
const STICKINESS_OFF = findFault('stickiness-off') as Fault;
const IN_MEMORY: Fault = {
  ...STICKINESS_OFF,
  name: 'in-memory',
  changes: STICKINESS_OFF.changes.filter(({ kind }) => kind === 'environment'),
};

const RELEASE = '70.0.0';
/** The example, whose contract says what is so with the fault's environment: that its sessions are in memory. */
async function inServersMemory(folder: string, version: string): Promise<void> {
  await buildExample(folder, version);
  const file = path.join(folder, 'holdfast.app.json');
  const contract = JSON.parse(await readFile(file, 'utf8'));
  await writeFile(file, JSON.stringify({ ...contract, sessions: { path: '/internal/status', field: 'sessions' } }));
}

async function roll(version: string): Promise<void> {
  const { status, message } = await deploy(version);
  if (status !== 'SUCCEEDED') throw new Error(`release ${version} could not be deployed: ${message}`);
}

function stickyConfig(incidents: Given): HoldfastConfig {
  const kept = keptConfig();
  const web = kept.fleets['web'] as HoldfastConfig['fleets'][string];
  return { ...kept, incidents: { ...kept.incidents, ...incidents }, fleets: { ...kept.fleets, web: { ...web, strategy: 'sticky' } } };
}

export interface StickyFleet {
  readonly ports: FaultPorts;
  /** What was set is cleared, and the fleet deployed as it was before. */
  end(): Promise<void>;
}

/** @throws Error when a deploy of the stacks fails */
export async function beginStickyFleet(incidents: Given): Promise<StickyFleet> {
  await untilHealthy(3);
  await cdkFor('incidents', stickyConfig(incidents)).deploy();
  const state = await readCloudState();
  if (!state) throw new Error('the local cloud has ended');
  const before = await currentVersion();
  await publishBad(RELEASE, inServersMemory);
  await roll(RELEASE);
  const ports = await localFaultPorts(await cloud(), state);
  await injectFault(IN_MEMORY, ports);
  await untilHealthy(3);
  return {
    ports,
    async end() {
      const { left } = await clearFaults(ports);
      await cdkFor('incidents', keptConfig()).deploy();
      await roll(before);
      await untilHealthy(3);
      if (left.length > 0) throw new Error(`not every fault could be cleared: ${left.join('; ')}`);
    },
  };
}
