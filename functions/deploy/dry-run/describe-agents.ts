import type { Agents } from '../../shared/aws/run-command.ts';
import type { JsonService } from '../../shared/aws/signed/json-service.ts';

interface Described {
  readonly InstanceInformationList?: readonly {
    readonly InstanceId?: string;
    readonly AgentVersion?: string;
    readonly PingStatus?: string;
  }[];
}

/** What a page holds; the filter takes 100 values. */
const PAGE = 50;

/** As the SDK's adapter, by signed calls: the client of Systems Manager would be a sixth of the function. */
export const signedAgents = (ssm: JsonService): Agents => ({
  async describe(instanceIds) {
    const pages = Array.from({ length: Math.ceil(instanceIds.length / PAGE) }, (_, page) =>
      instanceIds.slice(page * PAGE, page * PAGE + PAGE),
    );
    const described = await Promise.all(
      pages.map((ids) =>
        ssm<Described>('DescribeInstanceInformation', { Filters: [{ Key: 'InstanceIds', Values: ids }], MaxResults: PAGE }),
      ),
    );
    return described
      .flatMap(({ InstanceInformationList = [] }) => InstanceInformationList)
      .map(({ InstanceId = '', AgentVersion = '', PingStatus }) => ({
        instanceId: InstanceId,
        version: AgentVersion,
        online: PingStatus === 'Online',
      }));
  },
});
