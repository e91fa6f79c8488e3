import type { Call, Invocation, ServiceName } from './call.ts';
import { currentInvocation } from './current-invocation.ts';
import { type MetricValue, type Seam, setSeam } from './current-seam.ts';
import { createDelivery, type Network } from './delivery.ts';
import { replaceSend } from './replace-send.ts';

export interface SeamOptions extends Network {
  readonly metric?: (metric: MetricValue, invocation: Invocation | undefined) => void;
}

/**
 * Connects the functions' calls, in this process, with the simulated services until the returned function is called.
 * One run at a time.
 */
export function connectSeam({ metric = () => {}, ...network }: SeamOptions): () => void {
  const { kernel } = network;
  const seam: Seam = {
    kernel,
    begin(service, operation, input) {
      const invocation = currentInvocation.getStore();
      if (invocation === undefined) {
        kernel.fail(new Error(`${service} ${operation} is called outside of an invocation`));
        return undefined;
      }
      return beginCall(invocation, service, operation, input);
    },
    attempt: createDelivery(network),
    metric,
  };
  setSeam(seam);
  const restoreSend = replaceSend(kernel);
  return () => {
    restoreSend();
    setSeam(undefined);
  };
}

function beginCall(
  invocation: Invocation,
  service: ServiceName,
  operation: string,
  input: unknown,
): { readonly call: Call; readonly attempt: 1 } | undefined {
  if (invocation.ended) return undefined;
  invocation.calls += 1;
  const number = invocation.calls;
  invocation.aroundCall?.(number, false);
  return invocation.ended ? undefined : { call: { service, operation, input, invocation, number }, attempt: 1 };
}
