import type { StoreNode } from '../../../collect/collect.ts';
import { COLLECT_ENV } from '../../../collect/contract.ts';
import { createStoreNodes } from '../../../collect/store-nodes.ts';
import { recordsTableFrom } from '../../../records/dynamo-records.ts';
import { readStoreNodes } from '../../../records/store-nodes.ts';
import { type Environment, optional } from '../../../shared/environment.ts';
import { createLog } from '../../../shared/logger.ts';
import { stepHandler } from '../../../shared/step-handler.ts';
import { createStoreConnector } from '../../../shared/store/store-connection.ts';
import { createStoreLogin } from '../../../shared/store/store-login.ts';
import { readStoreSettings } from '../../../shared/store/store-settings.ts';
import { SWEEP_ENV } from '../../../sweep/contract/environment.ts';
import { DEFAULT_SWEEP_SETTINGS } from '../../../sweep/contract/settings.ts';
import { createClassify } from '../../../sweep/keys/classify-key.ts';
import { selectDatabase } from '../../../sweep/nodes/shards.ts';
import { readSweepSettings } from '../../../sweep/read-sweep-input.ts';
import type { CollectReply, CollectStep } from '../../contract/steps.ts';
import { type Collectors, collectWith } from '../run-collector.ts';
import { createStoreCollector } from './store.ts';

/** The nodes are those that the collector has on record, each by its own name. @throws MissingEnvironment */
export function createStoreSources(environment: Environment): Collectors {
  const settings = readStoreSettings(environment);
  const login = createStoreLogin(settings.auth, environment, Date.now);
  const table = recordsTableFrom(environment);
  const sweep = optional(environment, SWEEP_ENV.settings);
  const swept = sweep === undefined ? DEFAULT_SWEEP_SETTINGS : readSweepSettings(sweep);
  const connect = ({ host, port }: Pick<StoreNode, 'host' | 'port'>) => createStoreConnector({ ...settings, host, port }, login)();
  const nodesAt = (at: readonly Pick<StoreNode, 'host' | 'port'>[]) => {
    const listed = { hosts: `[${at.map(({ host }) => host).join(',')}]`, ports: `[${at.map(({ port }) => port).join(',')}]` };
    return createStoreNodes(settings, { [COLLECT_ENV.storeNodes]: listed.hosts, [COLLECT_ENV.storeNodePorts]: listed.ports }, connect)();
  };
  return {
    store: createStoreCollector({
      endpoint: async () => (await nodesAt([settings]))[0] as StoreNode,
      nodes: async () => {
        const known = (await readStoreNodes(table))?.nodes ?? [];
        return known.length === 0 ? [] : nodesAt(known);
      },
      record: () => readStoreNodes(table),
      connect: async (node, database) => selectDatabase(await connect(node), database),
      databases: swept.databases,
      applicationReadsReplicas: swept.applicationReadsReplicas,
      classify: createClassify(swept),
      now: Date.now,
    }),
  };
}

export const handler = stepHandler<CollectStep, CollectReply>(createLog('incidents-collect-store'), (environment) =>
  collectWith(createStoreSources(environment), environment),
);
