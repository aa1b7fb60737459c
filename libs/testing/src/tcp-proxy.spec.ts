import { once } from 'node:events';
import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { TcpProxy } from './tcp-proxy.js';
import { waitFor } from './wait-for.js';

describe('TcpProxy', () => {
  let echo: Server;
  let proxy: TcpProxy;
  const sockets: Socket[] = [];

  beforeEach(async () => {
    echo = createServer((socket) => void socket.on('error', () => undefined).pipe(socket)).listen(0, '127.0.0.1');
    await once(echo, 'listening');
    proxy = await TcpProxy.start({ host: '127.0.0.1', port: (echo.address() as AddressInfo).port });
  });

  afterEach(async () => {
    sockets.splice(0).forEach((socket) => socket.destroy());
    await proxy.stop();
    await new Promise((resolve) => echo.close(resolve));
  });

  async function client() {
    const socket = connect(proxy.port, '127.0.0.1').on('error', () => undefined);
    sockets.push(socket);
    const seen = { text: '', ended: false, closed: false, socket };
    socket.on('data', (data) => (seen.text += data.toString()));
    socket.on('end', () => (seen.ended = true));
    socket.on('close', () => (seen.closed = true));
    await once(socket, 'connect');
    return seen;
  }

  it('passes data both ways', async () => {
    const seen = await client();
    seen.socket.write('hello');
    await waitFor(() => seen.text === 'hello');
    expect(proxy.through('amqp://u:p@far:1/v')).toBe(`amqp://u:p@127.0.0.1:${proxy.port}/v`);
  });

  it('cuts with a FIN and serves new connections', async () => {
    const first = await client();
    await waitFor(() => proxy.connections === 1);
    proxy.cut();
    await waitFor(() => first.ended && first.closed);
    await waitFor(() => proxy.connections === 0);
    const second = await client();
    second.socket.write('again');
    await waitFor(() => second.text === 'again');
  });

  it('refuses until it is healed', async () => {
    proxy.refuse();
    const refused = await client();
    await waitFor(() => refused.closed);
    proxy.heal();
    const served = await client();
    served.socket.write('x');
    await waitFor(() => served.text === 'x');
  });

  it('swallows silently, and delivers when healed', async () => {
    const seen = await client();
    seen.socket.write('a');
    await waitFor(() => seen.text === 'a');
    proxy.blackhole();
    seen.socket.write('b');
    const late = await client();
    late.socket.write('c');
    // Another connection, not through the proxy, shows that the server would have answered by now.
    const direct = connect((echo.address() as AddressInfo).port, '127.0.0.1').end('direct');
    await once(direct, 'data');
    direct.destroy();
    expect([seen.text, seen.closed, late.text]).toEqual(['a', false, '']);
    proxy.heal();
    await waitFor(() => seen.text === 'ab' && late.text === 'c');
  });

  it('delays and keeps the order', async () => {
    const seen = await client();
    proxy.delay = 40;
    const before = performance.now();
    for (const text of ['1', '2', '3']) seen.socket.write(text);
    await waitFor(() => seen.text === '123');
    expect(performance.now() - before).toBeGreaterThanOrEqual(75);
  });
});
