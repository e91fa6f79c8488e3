import { expect, it } from 'vitest';
import { API_SOURCES, createSources } from '../../../../functions/incidents/collect/sources.ts';
import { NO_FLEET } from '../../../../functions/incidents/contract/evidence.ts';
import { READ_LOGS_ENV } from '../../../../functions/incidents/contract/read-logs.ts';
import { fleet, request } from './request.ts';

const fleets = { web: fleet() };
const environment = {
  HOLDFAST_INSTALLATION: 'holdfast',
  HOLDFAST_RECORDS_TABLE: 'holdfast-records',
  [READ_LOGS_ENV.document]: 'holdfast-read-logs',
  [READ_LOGS_ENV.accessDocument]: 'holdfast-access-log',
};

it('has a collector for each source, and asks nobody before one is called', () => {
  expect(Object.keys(createSources(environment, fleets)).sort()).toEqual([...API_SOURCES].sort());
});

it('knows no replication group that the environment does not name', async () => {
  expect(await createSources({ ...environment, HOLDFAST_REPLICATION_GROUP: '' }, fleets).storeGroup(request())).toEqual({
    gap: expect.stringContaining('no replication group'),
  });
});

it('refuses a fleet that the stack does not know, before it calls anything', async () => {
  await expect(createSources(environment, fleets).scaling(request({ fleets: ['shop'] }))).rejects.toThrow('no fleet named shop');
});

it('says of each source of a fleet that there is none, and needs no document of servers for it', async () => {
  const { [READ_LOGS_ENV.document]: _, [READ_LOGS_ENV.accessDocument]: __, ...without } = environment;
  const sources = createSources(without, {});
  expect(Object.keys(sources).sort()).toEqual([...API_SOURCES].sort());
  for (const name of ['balancer', 'traffic', 'scaling', 'deploys', 'servers', 'canary', 'witness', 'criticalActions'] as const)
    expect([name, await sources[name](request({ fleets: [] }))]).toEqual([name, { gap: NO_FLEET }]);
});
