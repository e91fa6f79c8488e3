import type { ElasticLoadBalancingV2Client } from '@aws-sdk/client-elastic-load-balancing-v2';
import { AwsError } from '#local-aws/service/service.ts';
import type { World } from '#local-aws/test/elbv2/support.ts';

/** An SDK client with the SDK's names of errors, whose calls the local Elastic Load Balancing answers; `sent` has the names of those that change something. */
export function localClient(world: World): Pick<ElasticLoadBalancingV2Client, 'send'> & { readonly sent: string[] } {
  const sent: string[] = [];
  const send = async (command: { readonly constructor: { readonly name: string }; readonly input: object }) => {
    const operation = command.constructor.name.replace(/Command$/, '');
    if (!operation.startsWith('Describe')) sent.push(operation);
    try {
      return await world.call(operation, asText(command.input) as Record<string, unknown>);
    } catch (error) {
      throw error instanceof AwsError ? Object.assign(new Error(error.message), { name: `${error.code}Exception` }) : error;
    }
  };
  return { send: send as ElasticLoadBalancingV2Client['send'], sent };
}

/** The Query protocol sends every value as text. */
function asText(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asText);
  if (typeof value === 'object' && value !== null) return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, asText(one)]));
  return value === undefined ? undefined : String(value);
}
