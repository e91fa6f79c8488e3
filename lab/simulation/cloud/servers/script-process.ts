/** A script that runs on a machine. Once killed it does nothing more: what it waits for never comes. */
import type { Kernel } from '../../kernel/kernel.ts';

export class ScriptProcess {
  private readonly kernel: Kernel;
  private over = false;

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Killed, or at its end. */
  get isOver(): boolean {
    return this.over;
  }

  /** Milliseconds of the machine's own clock. */
  now(): number {
    return this.kernel.now();
  }

  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.kernel.after(ms, () => {
        if (!this.over) resolve();
      });
    });
  }

  end(): void {
    this.over = true;
  }
}
