import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { waitFor } from './wait-for.js';

export interface ServiceProcessOptions {
  /** Name of a folder in apps/; its dist/main.js is run. */
  app: string;
  /** Added to PATH, HOME and the like; nothing else of the test's environment is passed on. */
  env: Record<string, string>;
  /**
   * Another file than the app's dist/main.js, from the repository's root. A `.ts` file is run from the sources, without a
   * build; it starts about a second later.
   */
  main?: string;
  nodeOptions?: string[];
  /** @default 120 000 */
  readyTimeoutMs?: number;
}

export interface Exit {
  code: number | null;
  signal: NodeJS.Signals | null;
}

const root = fileURLToPath(new URL('../../../', import.meta.url));
const loader = new URL('./source-loader.mjs', import.meta.url).href;
const passedOn = ['PATH', 'HOME', 'TMPDIR', 'TZ', 'LANG', 'NODE_EXTRA_CA_CERTS', 'NODE_V8_COVERAGE'];
const LOG_LINES_KEPT = 20_000;
const TAIL = 40;
const living = new Set<ChildProcess>();
process.on('exit', () => living.forEach((child) => child.kill('SIGKILL')));

/** A service as a process of its own, the way it runs for users, on ports the system chooses. */
export class ServiceProcess {
  readonly lines: string[] = [];
  readonly exited: Promise<Exit>;
  #exit: Exit | undefined;
  #ports: Record<string, number> = {};

  private constructor(
    private readonly name: string,
    private readonly child: ChildProcess,
  ) {
    living.add(child);
    this.exited = new Promise((resolve) => {
      child.once('close', (code, signal) => {
        living.delete(child);
        resolve((this.#exit = { code, signal }));
      });
      child.once('error', (error) => this.#keep(String(error)));
    });
    for (const stream of [child.stdout, child.stderr]) {
      if (stream !== null) createInterface({ input: stream }).on('line', (line) => this.#keep(line));
    }
  }

  /** Starts it and waits for /readyz. @throws Error with the log's tail when it ends or is not ready in time */
  static async start(options: ServiceProcessOptions): Promise<ServiceProcess> {
    const service = ServiceProcess.spawn(options);
    try {
      await service.waitUntilReady(options.readyTimeoutMs);
    } catch (error) {
      await service.kill('SIGKILL');
      throw error;
    }
    return service;
  }

  /** Starts it and does not wait: for tests of what happens before it is ready. */
  static spawn({ app, env, main, nodeOptions = [] }: ServiceProcessOptions): ServiceProcess {
    const inherited = Object.fromEntries(
      passedOn.flatMap((name) => (process.env[name] ? [[name, process.env[name]]] : [])),
    );
    const file = main ?? `apps/${app}/dist/main.js`;
    const fromSource = file.endsWith('.ts') ? ['--conditions=@roundhouse/source', '--import', loader] : [];
    const child = spawn(process.execPath, [...fromSource, ...nodeOptions, file], {
      cwd: root,
      env: { ROUNDHOUSE_HEALTH_PORT: '0', ...inherited, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    return new ServiceProcess(app, child);
  }

  get pid(): number {
    return this.child.pid ?? -1;
  }

  get running(): boolean {
    return this.#exit === undefined;
  }

  /** Ports of the start line: `health`, and `http` where the service serves users. */
  get ports(): Readonly<Record<string, number>> {
    return this.#ports;
  }

  /** Base of the service's own HTTP server, else of its health server. */
  get url(): string {
    return `http://127.0.0.1:${this.#ports.http ?? this.#ports.health}`;
  }

  /** Base of the server for those who run it: health, metrics. */
  get healthUrl(): string {
    return `http://127.0.0.1:${this.#ports.health}`;
  }

  /** The log lines that are JSON, with the given event when one is given. */
  logs(event?: string): Record<string, unknown>[] {
    const parsed = this.lines
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as Record<string, unknown>);
    return event === undefined ? parsed : parsed.filter((line) => line.event === event);
  }

  tail(): string {
    return this.lines.slice(-TAIL).join('\n');
  }

  async waitUntilReady(timeoutMs = 120_000): Promise<void> {
    const ready = async () => {
      if (this.#exit !== undefined) return true;
      const port = this.#ports.health ?? this.#ports.http;
      if (port === undefined) throw new Error('no start line with ports yet');
      const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(5000) });
      if (response.ok) return true;
      throw new Error(`/readyz: ${await response.text()}`);
    };
    await waitFor(ready, { timeoutMs, describe: `${this.name} to be ready` }).catch((error: Error) => {
      throw new Error(`${error.message}\nIts log ends with:\n${this.tail()}`, { cause: error });
    });
    if (this.#exit === undefined) return;
    const { code, signal } = this.#exit;
    throw new Error(
      `${this.name} ended at start (${signal ?? `exit code ${code}`}). Its log ends with:\n${this.tail()}`,
    );
  }

  /** Sends a signal and waits for the end. */
  async kill(signal: NodeJS.Signals = 'SIGKILL'): Promise<Exit> {
    this.signal(signal);
    return this.exited;
  }

  /** Sends a signal, e.g. SIGSTOP, and does not wait. */
  signal(signal: NodeJS.Signals): void {
    if (this.running) this.child.kill(signal);
  }

  /** SIGTERM, as an orchestrator stops it. @throws Error with the log's tail unless it ends with code 0 in time */
  async stop(timeoutMs = 60_000): Promise<void> {
    if (!this.running) return;
    this.signal('SIGTERM');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), timeoutMs);
    const { code, signal } = await this.exited;
    clearTimeout(timer);
    if (code !== 0)
      throw new Error(`${this.name} stopped with ${signal ?? `exit code ${code}`}. Its log ends with:\n${this.tail()}`);
  }

  #keep(line: string): void {
    this.lines.push(line);
    if (this.lines.length > LOG_LINES_KEPT) this.lines.splice(0, this.lines.length - LOG_LINES_KEPT);
    if (!line.includes('"service.started"') || !line.startsWith('{')) return;
    const { ports } = JSON.parse(line) as { ports?: Record<string, number> };
    this.#ports = ports ?? {};
  }
}
