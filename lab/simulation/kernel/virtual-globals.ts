/** What a run replaces in its process: the clock, pauses and randomness are the run's, and whatever else is real throws. */
import crypto from 'node:crypto';
import http from 'node:http';
import https from 'node:https';
import module from 'node:module';
import net from 'node:net';
import { performance } from 'node:perf_hooks';
import timers from 'node:timers';
import timersPromises from 'node:timers/promises';
import { currentInvocation, describeInvocation } from '../seam/current-invocation.ts';
import type { Kernel } from './kernel.ts';
import { virtualDate } from './virtual-date.ts';

/** Something real that was used during a run. */
export class RealWorldUsed extends Error {
  override readonly name = 'RealWorldUsed';
}

type Owner = Record<string, unknown>;

/** What throws during a run: its owner, how messages name that, and the names. */
const FORBIDDEN: readonly (readonly [owner: object, name: string, members: readonly string[]])[] = [
  [globalThis, 'the global', ['setTimeout', 'setInterval', 'setImmediate', 'fetch']],
  [timers, 'node:timers’', ['setTimeout', 'setInterval', 'setImmediate']],
  [timersPromises, 'node:timers/promises’', ['setInterval', 'setImmediate']],
  [timersPromises.scheduler, 'node:timers/promises’ scheduler’s', ['wait', 'yield']],
  [AbortSignal, 'AbortSignal’s', ['timeout']],
  [net.Socket.prototype, 'a socket’s', ['connect']],
  [net, 'node:net’s', ['connect', 'createConnection']],
  [http, 'node:http’s', ['request', 'get']],
  [https, 'node:https’', ['request', 'get']],
  [crypto, 'node:crypto’s', ['randomUUID', 'randomInt', 'randomFillSync']],
  [globalThis.crypto, 'the global crypto’s', ['randomUUID', 'getRandomValues']],
];

/**
 * Replaces the globals of this process until the returned function is called. One run at a time.
 * Real timers, sockets and randomness end the run with their name and the function that used them.
 */
export function replaceGlobals(kernel: Kernel): () => void {
  const restores: (() => void)[] = [];
  const replace = (owner: object, name: string, value: unknown) => {
    const before = Object.getOwnPropertyDescriptor(owner, name);
    Object.defineProperty(owner, name, { value, writable: true, configurable: true, enumerable: before?.enumerable ?? true });
    restores.unshift(() => {
      if (before) Object.defineProperty(owner, name, before);
      else delete (owner as Owner)[name];
    });
  };
  const refuse = (what: string): never => {
    const error = new RealWorldUsed(`${describeInvocation(currentInvocation.getStore())} used ${what}: a simulated run has none`);
    kernel.fail(error);
    throw error;
  };

  for (const [owner, ownerName, names] of FORBIDDEN) {
    for (const name of names) if (name in owner) replace(owner, name, () => refuse(`${ownerName} ${name}`));
  }
  replace(
    globalThis,
    'Date',
    virtualDate(() => kernel.now() + (currentInvocation.getStore()?.clockSkewMs ?? 0)),
  );
  replace(timersPromises, 'setTimeout', (ms = 0, value?: unknown) => sleep(kernel, ms, value));
  const draws = kernel.random('Math.random of functions');
  replace(Math, 'random', () => (currentInvocation.getStore() ? draws.fraction() : refuse('Math.random')));
  // Of functions: they make keys of hashes.
  replace(crypto, 'randomBytes', (size: number) =>
    currentInvocation.getStore()
      ? Buffer.from(Array.from({ length: size }, () => Math.floor(draws.fraction() * 256)))
      : refuse('node:crypto’s randomBytes'),
  );
  const realNow = performance.now.bind(performance);
  replace(performance, 'now', () => (currentInvocation.getStore() ? refuse('performance.now') : realNow()));
  module.syncBuiltinESMExports();
  return () => {
    for (const restore of restores.splice(0)) restore();
    module.syncBuiltinESMExports();
  };
}

/** As node:timers/promises’ setTimeout. Does not wake an invocation that has ended. */
function sleep(kernel: Kernel, ms: number, value: unknown): Promise<unknown> {
  const invocation = currentInvocation.getStore();
  return new Promise((resolve) => {
    // Node waits at least 1 ms.
    kernel.after(Math.max(1, ms), () => {
      if (!invocation?.ended) resolve(value);
    });
  });
}
