/** A call as CloudTrail writes it: the event of LookupEvents, and the record in it. */
import { LOCAL_ACCOUNT_ID } from '../local-account.ts';
import type { HistoricCall } from './call-history.ts';

/** Services whose sources have another name than their actions in policies. */
const SOURCES: Readonly<Record<string, string>> = { cloudwatch: 'monitoring', 'elastic-load-balancing': 'elasticloadbalancing' };

/** Request parameters that name a resource, by what its ARN has after the account. */
const PARAMETERS: readonly (readonly [kind: RegExp, parameter: string])[] = [
  [/^targetgroup\//, 'targetGroupArn'],
  [/^listener-rule\//, 'ruleArn'],
  [/^listener\//, 'listenerArn'],
  [/^loadbalancer\//, 'loadBalancerArn'],
  [/^parametergroup:/, 'cacheParameterGroupName'],
  [/^replicationgroup:/, 'replicationGroupId'],
  [/^usergroup:/, 'userGroupId'],
  [/^security-group\//, 'groupId'],
  [/autoScalingGroupName\//, 'autoScalingGroupName'],
];

export interface TrailEvent {
  readonly EventId: string;
  readonly EventName: string;
  readonly ReadOnly: 'false';
  readonly EventTime: Date;
  readonly EventSource: string;
  readonly Username: string;
  readonly Resources: readonly { readonly ResourceName: string }[];
  readonly CloudTrailEvent: string;
}

export function describeEvent(call: HistoricCall, region: string): TrailEvent {
  const { eventId, operation, service, principal, resource, allowed } = call;
  // CloudTrail has whole seconds.
  const time = new Date(Math.floor(call.atMs / 1_000) * 1_000);
  const source = `${SOURCES[service] ?? service}.amazonaws.com`;
  const name = principal.replace(/^.*\//, '').replace(/^.*:/, '');
  const parameters = parametersOf(resource);
  return {
    EventId: eventId,
    EventName: operation,
    ReadOnly: 'false',
    EventTime: time,
    EventSource: source,
    Username: name,
    Resources: resource === '*' ? [] : [{ ResourceName: Object.values(parameters)[0] ?? resource }],
    CloudTrailEvent: JSON.stringify({
      eventVersion: '1.11',
      userIdentity: identityOf(principal, name),
      eventTime: time.toISOString().replace('.000Z', 'Z'),
      eventSource: source,
      eventName: operation,
      awsRegion: region,
      sourceIPAddress: '127.0.0.1',
      ...(!allowed && { errorCode: 'AccessDenied' }),
      requestParameters: parameters,
      responseElements: null,
      eventID: eventId,
      readOnly: false,
      eventType: 'AwsApiCall',
      managementEvent: true,
      recipientAccountId: LOCAL_ACCOUNT_ID,
      eventCategory: 'Management',
    }),
  };
}

/** @see https://docs.aws.amazon.com/awscloudtrail/latest/userguide/cloudtrail-event-reference-user-identity.html */
function identityOf(principal: string, name: string): object {
  const accountId = LOCAL_ACCOUNT_ID;
  if (principal.endsWith(':root')) return { type: 'Root', principalId: accountId, arn: principal, accountId };
  if (!principal.includes(':role/')) return { type: 'IAMUser', arn: principal, accountId, userName: name };
  return {
    type: 'AssumedRole',
    arn: `arn:aws:sts::${accountId}:assumed-role/${name}/local-session`,
    accountId,
    sessionContext: { sessionIssuer: { type: 'Role', arn: principal, accountId, userName: name } },
  };
}

function parametersOf(resource: string): Readonly<Record<string, string>> {
  const id = resource.split(':').slice(5).join(':');
  const parameter = PARAMETERS.find(([kind]) => kind.test(id))?.[1];
  if (parameter === undefined) return {};
  return { [parameter]: parameter.endsWith('Arn') ? resource : id.replace(/^.*[:/]/, '') };
}
