/** The console of a local cloud: on loopback, with what this process owns and what any AWS client can read. */

import path from 'node:path';
import { NOT_EMULATED as IAM_NOT_EMULATED } from '#local-aws/iam/not-emulated.ts';
import type { LocalService } from '#local-aws/service/service.ts';
import type { CloudState } from '../../cli/cloud-state.ts';
import { type Console, startConsole } from '../../console/server.ts';
import { replicationGroupId } from '../../functions/shared/naming.ts';
import { describeCloud, type ShownListener, type ShownMachine, type ShownNode } from './describe-cloud.ts';
import { faultRoutes } from './views/fault-routes.ts';

export interface PageOptions {
  /** 0 for a free one. */
  readonly port: number;
  /** Needed by every request for data. */
  readonly token: string;
  readonly cloud: ShownCloud;
  readonly state: () => CloudState;
}

/** What the page shows of a local cloud. */
export interface ShownCloud {
  readonly elbv2: { listeners(): readonly ShownListener[] };
  readonly instances: { describe(): readonly ShownMachine[] };
  readonly elastiCache: { nodes(groupId: string): readonly ShownNode[] };
  readonly services: readonly Pick<LocalService, 'title' | 'signingNames' | 'notEmulated'>[];
}

export function startPage({ port, token, cloud, state: stateNow }: PageOptions): Promise<Console> {
  const describe = async () => {
    const { token: _token, credentials: _credentials, ...state } = stateNow();
    return describeCloud({
      state,
      listeners: cloud.elbv2.listeners(),
      machines: cloud.instances.describe(),
      storeNodes: storeNodes(cloud, state.installation),
      notEmulated: [
        ...cloud.services.map((service) => ({ name: service.title ?? service.signingNames.join(', '), lines: service.notEmulated })),
        { name: 'iam', lines: IAM_NOT_EMULATED },
      ],
    });
  };
  const connected = keepFirst(connect);
  return startConsole({
    port,
    token,
    backend: async () => (await connected()).backend,
    more: {
      routes: [{ method: 'GET', path: 'cloud', answer: describe }, ...faultRoutes(async () => (await connected()).faults)],
      script: LOCAL_SCRIPT,
    },
  });
}

/** The script of the page, with the views that the local cloud alone has. */
export const LOCAL_SCRIPT = path.join(import.meta.dirname, 'views/main.ts');

/** Loads the SDK's clients, which are not needed until someone opens the console. */
async function connect() {
  const [{ connect: connectTo }, { createBackend }, { consoleFaults }] = await Promise.all([
    import('../../cli/cloud.ts'),
    import('../../console/backend.ts'),
    import('./incident-faults/console-faults.ts'),
  ]);
  const cloud = await connectTo({});
  const faults = consoleFaults(cloud);
  return { backend: { ...createBackend(cloud), tries: faults.tries }, faults };
}

/** Retries after a failure. */
function keepFirst<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return () =>
    (made ??= make().catch((error: Error) => {
      made = undefined;
      throw error;
    }));
}

/** None before the stacks are deployed. */
function storeNodes(cloud: ShownCloud, installation: string): readonly ShownNode[] {
  try {
    return cloud.elastiCache.nodes(replicationGroupId(installation));
  } catch {
    return [];
  }
}
