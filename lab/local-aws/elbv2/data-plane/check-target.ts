/** One health check of one target, over a connection of its own. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { HealthCheck } from '../resources.ts';
import type { CheckResult } from './judge-health.ts';

/** Never rejects; takes at most `timeoutMs`, and ends early as `failed` when `signal` is aborted. */
export function checkTarget(
  address: { readonly host: string; readonly port: number },
  check: Pick<HealthCheck, 'protocol' | 'path'>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<CheckResult> {
  return new Promise((done) => {
    const request = check.protocol === 'HTTPS' ? httpsRequest : httpRequest;
    const req = request({
      ...address,
      path: check.path,
      agent: false,
      signal,
      rejectUnauthorized: false,
      headers: { 'User-Agent': 'ELB-HealthChecker/2.0', Connection: 'close' },
    });
    const settle = (result: CheckResult): void => {
      clearTimeout(timer);
      done(result);
      req.destroy();
    };
    const timer = setTimeout(() => settle({ kind: 'timedOut' }), timeoutMs);
    timer.unref();
    req.on('response', (answer) => {
      answer.resume();
      settle({ kind: 'answered', status: answer.statusCode ?? 0 });
    });
    req.on('error', () => settle({ kind: 'failed' }));
    req.end();
  });
}
