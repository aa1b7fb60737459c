import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

interface Pair {
  client: Socket;
  target: Socket;
}

export interface Target {
  host: string;
  port: number;
}

/** Sits between a client and a server and does to their connections what networks do. */
export class TcpProxy {
  /** Each piece of data is held back this long, in both directions; order is kept. Milliseconds. */
  delay = 0;
  readonly #pairs = new Set<Pair>();
  #held = false;
  #refusing = false;

  private constructor(
    private readonly server: Server,
    private readonly target: Target,
  ) {
    server.on('connection', (client) => this.#accept(client));
  }

  /** @param port 0: any free port */
  static async start(target: Target, port = 0): Promise<TcpProxy> {
    const server = createServer({ allowHalfOpen: true });
    const proxy = new TcpProxy(server, target);
    await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve));
    return proxy;
  }

  /** In front of the server that the URL names. */
  static async before(url: string): Promise<TcpProxy> {
    const { hostname: host, port } = new URL(url);
    return TcpProxy.start({ host, port: Number(port) });
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** `url` with the proxy's host and port in place of its own. */
  through(url: string): string {
    const rewritten = new URL(url);
    rewritten.hostname = '127.0.0.1';
    rewritten.port = String(this.port);
    return rewritten.href;
  }

  /** Ends every connection with a FIN to both sides; new ones are served. */
  cut(): void {
    for (const { client, target } of this.#pairs) {
      client.end();
      target.end();
      // A side that never answers the FIN must not keep the pair alive.
      client.destroySoon();
      target.destroySoon();
    }
  }

  /** Ends every connection and every new one at once, until `heal`. */
  refuse(): void {
    this.#refusing = true;
    this.cut();
  }

  /** Nothing passes any more and nobody is told, as when a cable is cut; `heal` lets what was sent meanwhile arrive. */
  blackhole(): void {
    this.#held = true;
    for (const { client, target } of this.#pairs) [client, target].forEach((socket) => socket.pause());
  }

  heal(): void {
    this.#held = false;
    this.#refusing = false;
    for (const { client, target } of this.#pairs) [client, target].forEach((socket) => socket.resume());
  }

  async stop(): Promise<void> {
    const closed = new Promise((resolve) => this.server.close(resolve));
    for (const { client, target } of this.#pairs) [client, target].forEach((socket) => socket.destroy());
    await closed;
  }

  #accept(client: Socket): void {
    if (this.#refusing) {
      client.destroy();
      return;
    }
    const target = connect({ ...this.target, allowHalfOpen: true });
    const pair: Pair = { client, target };
    this.#pairs.add(pair);
    this.#pass(client, target);
    this.#pass(target, client);
    const over = () => {
      if (!client.destroyed || !target.destroyed) return;
      this.#pairs.delete(pair);
    };
    client.on('close', () => (target.destroySoon(), over()));
    target.on('close', () => (client.destroySoon(), over()));
    if (this.#held) [client, target].forEach((socket) => socket.pause());
  }

  #pass(from: Socket, to: Socket): void {
    from.setNoDelay(true);
    from.on('error', () => from.destroy());
    const later = (action: () => void) => (this.delay > 0 ? void setTimeout(action, this.delay) : action());
    from.on('data', (chunk) => later(() => void (to.writable && to.write(chunk))));
    from.on('end', () => later(() => to.end()));
  }
}
