/** What each case rolls. */
import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import type { Strategy } from '../../../../advisor/situation.ts';
import { EXAMPLES, NODE_EXAMPLE } from '../../../demo/app/examples.ts';
import type { PrepareExample } from '../../../demo/app/local-app.ts';
import type { FleetInput } from '../../../demo/local-settings.ts';
import type { StrategyName } from './judge-strategies.ts';

const EXAMPLE = path.resolve(import.meta.dirname, '../../../../examples/node-app');

/** The Node example with its sessions in its server's memory. */
const inMemory =
  (deploy: FleetInput['deploy']): PrepareExample =>
  async () => {
    const { server } = await NODE_EXAMPLE();
    return {
      server: { ...server, strategy: 'sticky', deploy },
      async build({ folder, version, temporary, signal }) {
        const words = ['--version', version, '--out', folder, '--sessions', 'memory'];
        const options = { env: { ...process.env, TMPDIR: temporary }, timeout: 60_000, signal };
        await promisify(execFile)(process.execPath, [path.join(EXAMPLE, 'build.mjs'), ...words], options);
        return folder;
      },
    };
  };

/** The Tomcat example with its sessions where this strategy has them. */
const tomcat =
  (strategy: Strategy, deploy: FleetInput['deploy'] = {}): PrepareExample =>
  async (settings) => {
    const app = await (EXAMPLES['tomcat'] as PrepareExample)({ ...settings, strategy });
    return { ...app, server: { ...app.server, strategy, deploy } };
  };

export const STRATEGY_APPS: Readonly<Record<StrategyName, PrepareExample>> = {
  redis: NODE_EXAMPLE,
  'sticky-drain-rule': inMemory({}),
  'sticky-plain': inMemory({ sessionDrainSeconds: 0 }),
  'tomcat-sticky': tomcat('sticky'),
  'tomcat-plain': tomcat('sticky', { sessionDrainSeconds: 0 }),
  'tomcat-redis': tomcat('redis'),
};
