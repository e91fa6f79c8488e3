/** Whether an installation can have a fault. Pure. */
import type { Fault } from './contract.ts';

/** What faults need of the local cloud that is up. */
export interface Abilities {
  /** The fleet's target group is sticky. */
  readonly sticky: boolean;
  /** The load balancer has a listener for plain HTTP. */
  readonly plainListener: boolean;
  /** Servers of an Auto Scaling group, which Run Command reaches. */
  readonly groupServers: boolean;
  /** The servers run the Node example, which reads the variables of examples/node-app/modes.mjs. */
  readonly nodeExample: boolean;
  /** Status of `GET /count` without a session: 401 from the examples; undefined where none was received. */
  readonly countStatus: number | undefined;
}

/** Variables that only the Node example reads. */
const OWN_VARIABLE = /^COUNTER_/;
const NO_SESSION = 401;

/** Why the installation cannot have the fault, and what to do: the end of a sentence; undefined if it can. */
export function whyNot(
  { changes, needsSticky }: Fault,
  { sticky, plainListener, groupServers, nodeExample, countStatus }: Abilities,
): string | undefined {
  if (needsSticky && !sticky)
    return 'needs a fleet whose target group is sticky: start the local cloud with "--config FILE", in which the fleet has "strategy": "sticky"';
  const byHttp = changes.some((change) => change.kind === 'plainListener' || (change.kind === 'visitors' && change.visit === 'by-http'));
  if (byHttp && !plainListener) return 'needs a listener for plain HTTP, and the load balancer has none';
  if (changes.some(({ kind }) => kind === 'environment') && !groupServers)
    return 'needs servers of an Auto Scaling group, and the fleet has none: start the local cloud without the strategy "tomcat-cluster"';
  const setsOwn = changes.some(
    (change) => change.kind === 'environment' && Object.keys(change.variables).some((name) => OWN_VARIABLE.test(name)),
  );
  if (setsOwn && !nodeExample)
    return 'sets variables that only the Node example reads, and the servers run another application: start the local cloud without "--app"';
  // A server that answers nothing now, or an error of its own, can be what another fault does.
  const isOther = countStatus !== undefined && countStatus < 500 && countStatus !== NO_SESSION;
  if (changes.some((change) => change.kind === 'visitors' && change.visit !== 'bot') && isOther)
    return `has users who log in with POST /login and come back with GET /count, which the application answers with ${countStatus} without a session, and the examples with ${NO_SESSION}`;
  return undefined;
}
