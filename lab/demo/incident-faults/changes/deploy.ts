/** A deploy of another published release, started as `holdfast deploy` starts it. */

import {
  DescribeTargetGroupsCommand,
  DescribeTargetHealthCommand,
  ElasticLoadBalancingV2Client,
} from '@aws-sdk/client-elastic-load-balancing-v2';
import { DescribeExecutionCommand } from '@aws-sdk/client-sfn';
import type { DeployCloud } from '../../../../cli/deploy/deploy.ts';
import { startDeploy } from '../../../../cli/deploy/deploy.ts';
import { holdfast } from '../../../../functions/shared/command-options.ts';
import { targetGroupName } from '../../../../functions/shared/naming.ts';
import { waitUntil } from '../../../processes/wait.ts';
import { BAD_VERSION } from '../../bad-release/bad-release.ts';
import { CannotSet, type Changer } from '../contract.ts';

/** With short times a deploy of three servers takes half a minute, and one of a Java server a few minutes. */
const LIMIT_MS = 600_000;
/** A health check every few seconds, of which some have to succeed. */
const HEALTHY_LIMIT_MS = 60_000;

export interface Deploys {
  /** Version that is deployed; undefined before the first deploy. */
  current(): Promise<string | undefined>;
  published(): Promise<readonly string[]>;
  /** Resolves when every target is healthy: servers that were restarted are not at once, and a deploy would refuse to start. */
  untilHealthy(): Promise<void>;
  /** @returns the execution's ARN */
  start(version: string): Promise<string>;
  /** Resolves when the deploy has ended, in whatever way. @throws Error after ten minutes */
  end(executionArn: string): Promise<void>;
}

export function deployChanger(deploys: Deploys, fleet: string): Changer<'deploy'> {
  return {
    async prepare() {
      const [from, published] = [await deploys.current(), await deploys.published()];
      const to = published.find((version) => version !== from && version !== BAD_VERSION);
      if (from === undefined || to === undefined) {
        throw new CannotSet(
          `fleet ${fleet} has no other release to deploy; nothing was changed: publish one with "${holdfast('releases publish')}"`,
        );
      }
      return { from, to };
    },
    async apply(_change, before) {
      await deploys.untilHealthy();
      return { ...before, executionArn: await deploys.start(before.to) };
    },
    /** Waits for the deploy, and deploys the previous release again. */
    async restore({ from, executionArn }) {
      if (executionArn === undefined) return;
      await deploys.end(executionArn);
      if ((await deploys.current()) !== from) await deploys.end(await deploys.start(from));
    },
  };
}

export function cloudDeploys(cloud: DeployCloud): Deploys {
  const { fleet, installation, records, stepFunctions } = cloud;
  return {
    current: async () => (await records.getFleet(fleet))?.currentVersion,
    published: async () => (await records.listReleases(fleet)).map(({ version }) => version),
    async untilHealthy() {
      const balancer = new ElasticLoadBalancingV2Client(cloud.client);
      try {
        const { TargetGroups } = await balancer.send(new DescribeTargetGroupsCommand({ Names: [targetGroupName(installation, fleet)] }));
        const TargetGroupArn = TargetGroups?.[0]?.TargetGroupArn;
        await waitUntil(
          'healthy targets',
          async () => {
            const { TargetHealthDescriptions = [] } = await balancer.send(new DescribeTargetHealthCommand({ TargetGroupArn }));
            return TargetHealthDescriptions.every(({ TargetHealth }) => TargetHealth?.State === 'healthy');
          },
          { timeoutMs: HEALTHY_LIMIT_MS, pollMs: 500 },
        );
      } finally {
        balancer.destroy();
      }
    },
    start: (version) => startDeploy(cloud, version, {}),
    async end(executionArn) {
      await waitUntil(
        'the end of the deploy',
        async () => (await stepFunctions.send(new DescribeExecutionCommand({ executionArn }))).status !== 'RUNNING',
        { timeoutMs: LIMIT_MS, pollMs: 500 },
      );
    },
  };
}
