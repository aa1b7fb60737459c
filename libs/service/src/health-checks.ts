export interface CheckResult {
  name: string;
  ok: boolean;
  /** Why it is not ready. */
  reason?: string;
}

export interface Readiness {
  ready: boolean;
  checks: CheckResult[];
}

/** Ready when it returns; not ready, with the error's message as the reason, when it throws or rejects. */
export type ReadinessCheck = () => unknown;

const DEFAULT_TIMEOUT_MS = 2000;

/** What a process needs to take work. The health server and the gateway's own routes answer from it. */
export class HealthChecks {
  readonly #checks = new Map<string, { check: ReadinessCheck; timeoutMs: number }>();

  /** A check that takes longer than `timeoutMs` (default 2 s) counts as failed. Returns how to remove it. */
  register(name: string, check: ReadinessCheck, timeoutMs = DEFAULT_TIMEOUT_MS): () => void {
    if (this.#checks.has(name)) throw new Error(`Readiness check "${name}" is registered twice`);
    this.#checks.set(name, { check, timeoutMs });
    return () => void this.#checks.delete(name);
  }

  /** Not ready until the returned function is called: for the time of starting and of stopping. */
  hold(name: string, reason: string): () => void {
    return this.register(name, () => {
      throw new Error(reason);
    });
  }

  /** All checks run at once; the slowest one's timeout is the longest this takes. */
  async readiness(): Promise<Readiness> {
    const checks = await Promise.all(
      [...this.#checks].map(([name, { check, timeoutMs }]) => this.#run(name, check, timeoutMs)),
    );
    return { ready: checks.every(({ ok }) => ok), checks };
  }

  async #run(name: string, check: ReadinessCheck, timeoutMs: number): Promise<CheckResult> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs);
    });
    try {
      await Promise.race([(async () => check())(), late]);
      return { name, ok: true };
    } catch (error) {
      return { name, ok: false, reason: error instanceof Error ? error.message : String(error) };
    } finally {
      clearTimeout(timer);
    }
  }
}
