/** Starts and stops servers on premises in a local cloud that is up. */
import { authorizationOf } from '../iam/signature.ts';
import type { LocalCredentials } from '../local-account.ts';
import { SIGNING_NAME } from './service.ts';

/** User data has a minute, and then the machine is ended. */
const TIMEOUT_MS = 90_000;

export interface Endpoint {
  readonly gatewayUrl: string;
  readonly region: string;
  /** Root's. */
  readonly credentials: LocalCredentials;
}

export interface StartedMachine {
  /** `m-…`: the local cloud's own name for it. */
  readonly machineId: string;
  /** `mi-…`, when its user data registered it with an activation. */
  readonly nodeId?: string;
}

/**
 * @param userData a script that runs as the machine boots; `amazon-ssm-agent -register` in it makes the machine a managed node
 * @throws Error with the end of the script's output when it fails; the machine is then removed
 */
export async function startMachine(endpoint: Endpoint, name: string, ipAddress: string, userData: string): Promise<StartedMachine> {
  const { MachineId, NodeId } = await call(endpoint, 'StartMachine', { Name: name, IpAddress: ipAddress, UserData: userData });
  return { machineId: String(MachineId), ...(NodeId !== undefined && { nodeId: String(NodeId) }) };
}

export async function stopMachine(endpoint: Endpoint, machineId: string): Promise<void> {
  await call(endpoint, 'StopMachine', { MachineId: machineId });
}

async function call({ gatewayUrl, region, credentials }: Endpoint, operation: string, input: object): Promise<Record<string, unknown>> {
  const body = Buffer.from(JSON.stringify(input));
  const date = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const headers = { host: new URL(gatewayUrl).host, 'x-amz-date': date, 'x-amz-target': `OnPremises.${operation}` };
  const scope = {
    accessKeyId: credentials.accessKeyId,
    day: date.slice(0, 8),
    region,
    service: SIGNING_NAME,
    signedHeaders: Object.keys(headers),
  };
  const authorization = authorizationOf(credentials.secretAccessKey, scope, { method: 'POST', url: '/', headers, body });
  const reply = await fetch(gatewayUrl, {
    method: 'POST',
    headers: { ...headers, authorization },
    body,
    signal: AbortSignal.timeout(TIMEOUT_MS),
  });
  const answer = (await reply.json()) as Record<string, unknown>;
  if (!reply.ok) throw new Error(`${operation}: ${answer['message'] ?? reply.status}`);
  return answer;
}
