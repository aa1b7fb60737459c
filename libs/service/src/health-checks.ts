export interface CheckResult {
  name: string;
  ok: boolean;
  /** Why it is not. */
  reason?: string;
  /** False: the process serves without it, less well. */
  essential: boolean;
}

export interface Readiness {
  /** degraded: it takes work, and something that it does not need for that is amiss. */
  status: 'ready' | 'degraded' | 'not_ready';
  checks: CheckResult[];
}

export interface CheckOptions {
  /** A check that takes longer counts as failed. @default 2000 */
  timeoutMs?: number;
  /** Without it the process is not ready. @default true */
  essential?: boolean;
}

/** Ready when it returns; not ready, with the error's message as the reason, when it throws or rejects. */
export type ReadinessCheck = () => unknown;

const DEFAULT_TIMEOUT_MS = 2000;

/** What a process needs to take work. The health server and the gateway's own routes answer from it. */
export class HealthChecks {
  readonly #checks = new Map<string, { check: ReadinessCheck } & Required<CheckOptions>>();

  /** Returns how to remove it. */
  register(name: string, check: ReadinessCheck, options: CheckOptions = {}): () => void {
    const { timeoutMs = DEFAULT_TIMEOUT_MS, essential = true } = options;
    if (this.#checks.has(name)) throw new Error(`Readiness check "${name}" is registered twice`);
    this.#checks.set(name, { check, timeoutMs, essential });
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
      [...this.#checks].map(async ([name, { check, timeoutMs, essential }]) => ({
        ...(await this.#run(name, check, timeoutMs)),
        essential,
      })),
    );
    const amiss = checks.filter(({ ok }) => !ok);
    if (amiss.length === 0) return { status: 'ready', checks };
    return { status: amiss.some(({ essential }) => essential) ? 'not_ready' : 'degraded', checks };
  }

  async #run(name: string, check: ReadinessCheck, timeoutMs: number): Promise<Omit<CheckResult, 'essential'>> {
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
