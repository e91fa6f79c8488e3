import type { Agents } from '../../shared/aws/run-command.ts';
import type { JsonService } from '../../shared/aws/signed/json-service.ts';

interface Described {
  readonly NextToken?: string;
  readonly InstanceInformationList?: readonly {
    readonly InstanceId?: string;
    readonly AgentVersion?: string;
    readonly PingStatus?: string;
  }[];
}

/** What a page holds; the filter takes 100 values. */
const PAGE = 50;
/** A page can be short, or empty, and more comes after it. @see https://github.com/aws/aws-cli/issues/2626 */
const MOST_PAGES = 20;

/** Every page that belongs to these instances. */
async function describeSome(ssm: JsonService, ids: readonly string[]): Promise<NonNullable<Described['InstanceInformationList']>> {
  const found: NonNullable<Described['InstanceInformationList']>[number][] = [];
  let next: string | undefined;
  for (let page = 0; page < MOST_PAGES && (page === 0 || next); page += 1) {
    const Filters = [{ Key: 'InstanceIds', Values: ids }];
    const described = await ssm<Described>('DescribeInstanceInformation', { Filters, MaxResults: PAGE, ...(next && { NextToken: next }) });
    found.push(...(described.InstanceInformationList ?? []));
    next = described.NextToken;
  }
  return found;
}

/** Does by signed calls what the SDK's adapter does: the SDK's client of Systems Manager would be a sixth of the function. */
export const signedAgents = (ssm: JsonService): Agents => ({
  async describe(instanceIds) {
    const pages = Array.from({ length: Math.ceil(instanceIds.length / PAGE) }, (_, page) =>
      instanceIds.slice(page * PAGE, page * PAGE + PAGE),
    );
    const described = await Promise.all(pages.map((ids) => describeSome(ssm, ids)));
    return described.flat().map(({ InstanceId = '', AgentVersion = '', PingStatus }) => ({
      instanceId: InstanceId,
      version: AgentVersion,
      online: PingStatus === 'Online',
    }));
  },
});
