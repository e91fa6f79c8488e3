/** What the models of the documents' scripts share, as server/documents/instance.py and probes.py do. */
import type { Application } from '../../servers/application.ts';
import type { Machine, ServiceName } from '../../servers/machine.ts';
import type { ScriptProcess } from '../../servers/script-process.ts';

/** Where a script runs, and with what. */
export interface ScriptContext {
  readonly machine: Machine;
  readonly process: ScriptProcess;
  readonly parameters: Readonly<Record<string, string>>;
  /** SHA-256 of what the document's download step left; undefined without a file. */
  readonly archiveSha256: string | undefined;
}

export interface ScriptResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** A script, from its start to its end; its promise stays open once the process was killed. */
export type Script = (context: ScriptContext) => Promise<ScriptResult>;

export const printed = (result: object, code = 0): ScriptResult => ({ code, stdout: `${JSON.stringify(result)}\n`, stderr: '' });
/** By Python's `sys.exit(message)`. */
export const exited = (message: string): ScriptResult => ({ code: 1, stdout: '', stderr: `${message}\n` });

export const numberOf = ({ parameters }: ScriptContext, name: string): number => Number(parameters[name]);

/** True when a later deploy has worked on this machine; otherwise this token becomes the highest seen. */
export function isStale({ disk }: Machine, fencingToken: number): boolean {
  if (fencingToken < disk.fencingToken) return true;
  disk.fencingToken = fencingToken;
  return false;
}

/** A service's state and the end of its journal, as a failed attempt quotes them. */
export function describeService(machine: Machine, service: ServiceName): { readonly service: string; readonly journal?: string[] } {
  const state = machine.stateOf(service);
  const ended = state !== 'active' && { journal: [`${service}.service: Main process exited, code=exited, status=1`] };
  return { service: `${service} is ${state}`, ...ended };
}

/** One request to a path of the machine's own localhost. */
export type LocalAnswer = { readonly application: Application; readonly afterMs: number } | { readonly error: string };

const HTTP_MS = 2_000;

/** Asks, and waits for the answer as long as the scripts do. */
export async function httpGet({ machine, process }: ScriptContext): Promise<LocalAnswer> {
  const { application } = machine;
  if (application === undefined || !application.isListening) return { error: 'ConnectionRefusedError: [Errno 111] Connection refused' };
  const { afterMs } = application.probe();
  if (application.isFrozen || afterMs >= HTTP_MS) {
    await process.sleep(HTTP_MS);
    return { error: 'TimeoutError: the response is not complete after 2 s' };
  }
  await process.sleep(afterMs);
  return machine.application === application ? { application, afterMs } : { error: 'RemoteDisconnected' };
}
