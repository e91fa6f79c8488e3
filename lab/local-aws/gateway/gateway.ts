/**
 * The one endpoint of the local cloud: answers the services that are Holdfast's own and passes the rest on to the
 * emulator, by the service name in each request's signature.
 */
import http from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Ec2Machine } from '../ec2/describe-machines.ts';
import type { EmulatorAccess } from '../emulator/emulator-access.ts';
import type { ExecutionStatus } from '../emulator/execution-metrics.ts';
import { type FaultOptions, faultEndpoints } from '../faults/answer-faults.ts';
import { carryOut, sendReply, type WholeReply } from '../faults/carry-out.ts';
import type { FaultRegistry } from '../faults/fault-registry.ts';
import { type FoundFault, findFault } from '../faults/find-fault.ts';
import { readCall } from '../faults/read-call.ts';
import { refuseCall } from '../faults/refuse-call.ts';
import type { AccessControl } from '../iam/access-control.ts';
import type { Log } from '../interfaces.ts';
import { LOCAL_ACCOUNT_ID } from '../local-account.ts';
import { MAX_CALL_BYTES, readRawBody, unpackBody } from '../service/read-body.ts';
import { LIMITED_SERVICES, refuseCallOverLimit } from '../service/refuse-over-limit.ts';
import { AwsError, type LocalService } from '../service/service.ts';
import { answerCall } from './answer-call.ts';
import { checkPath, checkRequest } from './check-request.ts';
import { checkedBody } from './checked-body.ts';
import { collectProviders } from './cloudformation.ts';
import { createForwarder, EMULATOR_TIMEOUT_MS } from './forward-request.ts';
import { answerInternal, INTERNAL_PREFIX } from './internal.ts';

export interface GatewayOptions {
  readonly services: readonly LocalService[];
  /** Where everything else is answered. */
  readonly emulator: Pick<EmulatorAccess, 'url' | 'token'>;
  /** 0 takes a free one. */
  readonly port: number;
  readonly region: string;
  readonly log: Log;
  /** Who may call these services; without it everybody may. */
  readonly access?: AccessControl;
  /** What is made to go wrong, and the secret of those who may set it. */
  readonly faults?: { readonly registry: FaultRegistry } & FaultOptions;
  /** A function's log line that may hold embedded metrics. */
  readonly onLogLine: (line: { logGroup: string; logStream: string; message: string }) => void;
  /** The machines that EC2's API lists. @default none */
  readonly machines?: () => readonly Ec2Machine[];
  /** Called when an execution of the emulator starts or ends. @default not reported */
  readonly onExecution?: (execution: ExecutionStatus) => void;
}

export interface Gateway {
  /** `http://127.0.0.1:PORT`: what AWS_ENDPOINT_URL is set to. */
  readonly url: string;
  close(): Promise<void>;
}

const SIGNED_SERVICE = /Credential=([^/\s]+)\/\d{8}\/([^/]+)\/([^/]+)\/aws4_request/;

/** Who calls which service, by the header alone, unverified: for a gateway that allows everybody, and for the form of an error. */
function claimedBy({ headers }: http.IncomingMessage): { accessKeyId: string; region: string; service: string } {
  const [, accessKeyId = '', region = '', service = ''] = SIGNED_SERVICE.exec(headers.authorization ?? '') ?? [];
  return { accessKeyId, region, service };
}

/** @throws Error when two services claim one signing name or one resource type, or the port is taken */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const byName = servicesByName(options.services);
  const { access, onLogLine, onExecution, log } = options;
  const faults = options.faults?.registry;
  const endpoints = options.faults && faultEndpoints(options.faults.registry, options.faults);
  const machines = options.machines ?? (() => []);
  const internal = { providers: collectProviders(options.services), onLogLine, onExecution, machines, log, access, faults: endpoints };
  const emulator = createForwarder(options.emulator);

  const server = http.createServer((request, response) => {
    route(request, response).catch((error: unknown) => {
      if (error instanceof AwsError && !response.headersSent)
        return sendReply(response, refuseCall(claimedBy(request).service, request, error));
      options.log(`gateway ${request.method} ${request.url}: ${String(error)}`);
      if (response.headersSent) response.destroy();
      // 503: SDKs try it again, which is right while the emulator starts.
      else response.writeHead(503, { 'content-type': 'text/plain' }).end(`the emulator does not answer: ${String(error)}\n`);
    });
  });

  async function route(request: http.IncomingMessage, response: http.ServerResponse): Promise<void> {
    checkRequest(request);
    if (request.url?.startsWith(INTERNAL_PREFIX)) return answerInternal(internal, request, response);
    const { method = 'GET', url = '/', headers } = request;
    checkPath(url);
    const head = { method, url, headers };
    const signer = access?.signerOf(head);
    const { accessKeyId, region, service: name } = signer ?? claimedBy(request);
    const service = byName.get(name);
    const fault: FoundFault = faults ? await findFault(faults, request, name, access?.callerOf(accessKeyId) ?? '') : {};
    const refuse = (error: AwsError) => refuseCall(name, request, error);
    if (service) {
      const { effect, body } = fault;
      const context = { accessKeyId, region, accountId: LOCAL_ACCOUNT_ID };
      const perform = (): Promise<WholeReply> => answerCall(service, request, context, access, body && (async () => body));
      return effect ? carryOut({ effect, perform, refuse }, response) : sendReply(response, await perform());
    }
    const check = signer ? access?.verify(signer, head) : undefined;
    const isLimited = LIMITED_SERVICES.has(name);
    const body = fault.body ?? (check?.needsWhole || isLimited ? await readRawBody(request, MAX_CALL_BYTES) : undefined);
    if (body) check?.update(body);
    if (body) check?.end();
    if (body && isLimited) {
      const { action, input } = readCall({ service: name, method, url, headers, body: await unpackBody(request, body) });
      refuseCallOverLimit(name, action, input);
    }
    if (fault.effect && body) {
      const perform = (): Promise<WholeReply> => emulator.exchange(request, accessKeyId, body);
      await carryOut({ effect: fault.effect, perform, refuse }, response);
    } else await emulator.forward(request, accessKeyId, response, body ?? (check && checkedBody(check)));
    if (name === 'iam') access?.forgetDecisions();
  }

  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(options.port, '127.0.0.1', resolve));
  server.keepAliveTimeout = 75_000;
  server.requestTimeout = EMULATOR_TIMEOUT_MS;
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: async () => {
      server.closeAllConnections();
      await new Promise<void>((resolve) => server.close(() => resolve()));
      emulator.close();
    },
  };
}

function servicesByName(services: readonly LocalService[]): ReadonlyMap<string, LocalService> {
  const byName = new Map<string, LocalService>();
  for (const service of services) {
    for (const name of service.signingNames) {
      if (byName.has(name)) throw new Error(`two local services answer for ${name}`);
      byName.set(name, service);
    }
  }
  return byName;
}
