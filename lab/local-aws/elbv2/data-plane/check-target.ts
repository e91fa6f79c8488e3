/** One health check of one target, over a connection of its own. */
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import type { HealthCheck } from '../resources.ts';
import type { CheckResult } from './judge-health.ts';

/** The time-out is waited for in this many beats: one that comes late shows that this process had no processor meanwhile. */
const BEATS = 10;
/** Timers of an idle machine are a few milliseconds late. */
const USUAL_LATENESS_MS = 20;

/**
 * Never rejects; ends early as `failed` when `signal` is aborted. Where the checker's own loop stood still for a quarter of the time-out, the
 * answer may have waited in it: a time-out is then one of the checker, and nothing is known of the target.
 */
export function checkTarget(
  address: { readonly host: string; readonly port: number },
  check: Pick<HealthCheck, 'protocol' | 'path'>,
  timeoutMs: number,
  signal: AbortSignal,
): Promise<CheckResult | { readonly kind: 'late' }> {
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
    const settle = (result: CheckResult | { readonly kind: 'late' }): void => {
      clearInterval(timer);
      done(result);
      req.destroy();
    };
    const startedMs = performance.now();
    let [beatMs, lateMs] = [startedMs, 0];
    const timer = setInterval(() => {
      const nowMs = performance.now();
      lateMs = Math.max(lateMs, nowMs - beatMs - timeoutMs / BEATS);
      beatMs = nowMs;
      if (nowMs - startedMs < timeoutMs) return;
      settle({ kind: lateMs > Math.max(timeoutMs / 4, USUAL_LATENESS_MS) ? 'late' : 'timedOut' });
    }, timeoutMs / BEATS);
    timer.unref();
    req.on('response', (answer) => {
      answer.resume();
      settle({ kind: 'answered', status: answer.statusCode ?? 0 });
    });
    req.on('error', () => settle({ kind: 'failed' }));
    req.end();
  });
}
