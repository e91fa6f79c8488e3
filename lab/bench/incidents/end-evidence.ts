/**
 * Waits until what the case before has left is no evidence any more. What a runbook would see for an hour is dated back, removed or
 * closed, and the benchmark's result names it as planted; what ends by itself within seconds is waited for.
 */

import { setTimeout as sleep } from 'node:timers/promises';
import type { OpenCloud } from '../../../cli/open-stores.ts';
import type { FaultControl } from '../../demo/fault-control.ts';
import type { Servers } from '../../demo/incident-faults/changes/server-environment.ts';
import type { StoreAdmin } from '../../demo/incident-faults/changes/store-admin.ts';
import { deleteIdleSessions } from '../../demo/incident-faults/changes/store-keys.ts';
import { keepUsualLogsOfNewServers } from './begin-logs.ts';
import { removeStoreProblems } from './case-alarms.ts';
import { takeReading, untilReadingIsClean } from './collector.ts';
import { dateDeploys, LONG_AGO_MS } from './date-deploys.ts';
import { endIncidents } from './end-incidents.ts';
import { MINUTE_MS, PUBLISHED_MS, plantBaseline, plantResponses } from './plant-baseline.ts';
import { untilServersAreSettled } from './settled-servers.ts';

export interface BenchCloud {
  readonly cloud: OpenCloud<'records' | 'incidents' | 'store' | 's3' | 'stepFunctions'>;
  readonly control: FaultControl;
  readonly servers: Servers;
  readonly admin: StoreAdmin;
  /** Rate of the traffic that runs already. */
  readonly requestsPerMinute: number;
  /** Replicas of the store when it is well. */
  readonly replicas: number;
}

/** A runbook reads the hour before the first sign. */
const OVER_MS = 2 * 3_600_000;

/** @throws Error that names what does not end */
export async function endEvidence(bench: BenchCloud): Promise<void> {
  const { cloud, control, admin } = bench;
  await untilReadingIsClean(cloud, bench.replicas);
  await untilServersAreSettled(cloud);
  await removeStoreProblems(cloud, control);
  // An alarm that is set to OK while its metrics are still bad fires again with the next minute, and opens an incident of no case.
  await plantResponses(cloud, bench);
  await endIncidents(cloud);
  await control.dateEventsBack(OVER_MS);
  await dateDeploys(cloud, LONG_AGO_MS);
  await deleteIdleSessions(admin);
  await takeReading(cloud);
  await plantBaseline(cloud, bench);
  // With the planted window before it, nothing grows.
  await takeReading(cloud);
  await removeStoreProblems(cloud, control);
  await endRequests(bench);
  // The minutes that ended meanwhile still had the previous case in them, and can have opened incidents.
  await endIncidents(cloud);
  await keepUsualLogsOfNewServers(bench.servers);
}

/** A minute that ended since the responses were planted was published with what the case before did in it. */
async function endRequests(bench: BenchCloud): Promise<void> {
  await bench.control.forgetRequests();
  await sleep(untilPublished(Date.now()));
  await plantResponses(bench.cloud, bench);
}

/** What the metrics show later than they were planted would be added to them. @returns how long until the minute before is published */
export const untilPublished = (nowMs: number): number => Math.max(0, PUBLISHED_MS - (nowMs % MINUTE_MS));
