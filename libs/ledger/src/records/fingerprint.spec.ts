import { fingerprintOf } from './fingerprint.js';

const error = { code: 'INTERNAL', message: 'account 17 of "acme" is closed', retryable: true };
const of = (patch: object = {}) => fingerprintOf('a.b', 1, { ...error, ...patch });

const stack = (...frames: string[]) => ['Error: x', ...frames.map((frame) => `    at ${frame}`)].join('\n');

it('is the same whatever values the message quotes', () => {
  expect(of()).toMatch(/^[0-9a-f]{16}$/);
  expect(of({ message: 'account 9.5 of "globex" is closed' })).toBe(of());
});

it('differs by kind, contract version, code, text and place', () => {
  const place = { stack: stack('Importer.fetch (file:///app/fetch.js:1:2)') };
  const all = [
    of(),
    fingerprintOf('a.c', 1, error),
    fingerprintOf('a.b', 2, error),
    of({ code: 'TIMEOUT' }),
    of({ message: 'account 17 of "acme" is locked' }),
    of(place),
    of({ stack: stack('Importer.store (file:///app/fetch.js:1:2)') }),
  ];
  expect(new Set(all).size).toBe(all.length);
});

it('is the same whether the handler had awaited before it failed, and wherever the code is installed', () => {
  const awaited = stack(
    'Importer.fetch (file:///app/libs/x/fetch.js:48:19)',
    'process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
    'async file:///app/node_modules/@nestjs/microservices/context/rpc-proxy.js:8:32',
    'async Importer.run (file:///app/libs/x/run.js:54:32)',
    'async file:///app/libs/y/server.js:54:32',
  );
  const atOnce = stack(
    'Importer.fetch (file:///srv/roundhouse/libs/x/fetch.js:50:3)',
    'Importer.run (file:///srv/roundhouse/libs/x/run.js:54:32)',
    'file:///srv/roundhouse/node_modules/@nestjs/microservices/context/rpc-context-creator.js:48:33',
    'process.processTicksAndRejections (node:internal/process/task_queues:95:5)',
    'async file:///srv/roundhouse/libs/y/server.js:54:32',
  );
  expect(of({ stack: awaited })).toBe(of({ stack: atOnce }));
});

it('looks at where the root of the causes comes from, as far as it is our own code', () => {
  const wrapped = (cause: string) =>
    of({ stack: `${stack('run (file:///app/execution.js:1:2)')}\ncaused by: ${cause}` });
  const fetching = stack('Importer.fetch (file:///app/fetch.js:1:2)');
  expect(wrapped(fetching)).toBe(of({ stack: fetching }));
  expect(wrapped(fetching)).not.toBe(wrapped(stack('Importer.store (file:///app/fetch.js:1:2)')));
  expect(wrapped(stack('TLSSocket.onend (node:_tls_wrap:1:2)'))).toBe(wrapped('plain text'));
});
