/** Sessions in the memory of one process: gone with it. */
import type { Kernel } from '../../kernel/kernel.ts';
import type { SessionStore } from '../contracts.ts';

/** An idle session ends after this time. Every release that keeps its sessions in memory has it in its contract. */
export const SESSION_TIMEOUT_MS = 300_000;

export class SessionMemory implements SessionStore {
  private readonly kernel: Kernel;
  private readonly sessions = new Map<string, { counter: number; lastMs: number }>();

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  raise(sessionId: string): number {
    const counter = (this.has(sessionId) ? (this.sessions.get(sessionId)?.counter ?? 0) : 0) + 1;
    this.sessions.set(sessionId, { counter, lastMs: this.kernel.now() });
    return counter;
  }

  end(sessionId: string): void {
    this.sessions.delete(sessionId);
  }

  has(sessionId: string): boolean {
    const found = this.sessions.get(sessionId);
    return found !== undefined && this.kernel.now() - found.lastMs < SESSION_TIMEOUT_MS;
  }

  get count(): number {
    return [...this.sessions.keys()].filter((sessionId) => this.has(sessionId)).length;
  }
}
