import { catalogue } from '@roundhouse/contracts';
import { readdirSync, readFileSync, type Dirent } from 'node:fs';
import { join, resolve } from 'node:path';

const root = resolve(import.meta.dirname, '..');

interface Source {
  path: string;
  text: string;
}

function sources(folder: string, wanted: RegExp): Source[] {
  const entries: Dirent[] = readdirSync(join(root, folder), { recursive: true, withFileTypes: true });
  return entries
    .filter((e) => e.isFile() && wanted.test(e.name) && !/node_modules|\/dist\//.test(`${e.parentPath}/`))
    .map((e) => join(e.parentPath, e.name))
    .map((path) => ({ path: path.slice(root.length + 1), text: readFileSync(path, 'utf8') }));
}

const code = sources('apps', /(?<!\.spec)\.ts$/);
const protos = sources('proto/roundhouse', /\.proto$/);
const appOf = ({ path }: Source): string => path.split('/')[1]!;

interface FoundHandler {
  kind: string;
  app: string;
  path: string;
  controller: string | undefined;
}

/** Every method marked as a handler, with the class it is in: the last one that begins before it. */
const handlers: FoundHandler[] = code.flatMap((source) =>
  [...source.text.matchAll(/@JobHandler\('([^']+)'\)/g)].map(({ 1: kind, index }) => ({
    kind: kind!,
    app: appOf(source),
    path: source.path,
    controller: [...source.text.slice(0, index).matchAll(/^export class (\w+)/gm)].at(-1)?.[1],
  })),
);
const kinds = catalogue.kinds();

describe('the kinds of the catalogue and their handlers', () => {
  it('finds them at all', () => {
    expect(kinds.length).toBeGreaterThan(3);
    expect(handlers.length).toBeGreaterThan(3);
    expect(code.flatMap(({ text }) => [...text.matchAll(/@JobHandler\(/g)])).toHaveLength(handlers.length);
  });

  it('has no handler of a kind that is not in the catalogue', () => {
    expect(handlers.filter(({ kind }) => !catalogue.kind(kind))).toEqual([]);
  });

  // The three edits: a message with its options, a method marked as its handler, its class in a module.
  it.each(kinds.map(({ kind }) => kind))('%s: one message, one handler, one line in a module', (kind) => {
    const options = protos.filter(({ text }) => new RegExp(`kind: "${kind}"`).test(text));
    expect(options).toHaveLength(1);
    const own = handlers.filter((handler) => handler.kind === kind);
    expect(own.map(({ path }) => path)).toHaveLength(1);
    const [{ app, controller }] = own as [FoundHandler];
    const modules = code.filter((s) => appOf(s) === app && s.path.endsWith('.module.ts'));
    const lists = modules.flatMap(({ text }) => [...text.matchAll(/controllers: \[([^\]]*)\]/g)].map((m) => m[1]!));
    const lines = lists
      .flatMap((list) => list.split(',').map((name) => name.trim()))
      .filter((name) => name === controller);
    expect([controller, lines.length]).toEqual([controller, 1]);
  });

  it.each(catalogue.queues())(
    'queue %s is served by one app: another one would only pass the rest of its kinds on',
    (queue) => {
      const own = kinds.filter((k) => k.queue === queue).map((k) => k.kind);
      const apps = new Set(handlers.filter(({ kind }) => own.includes(kind)).map(({ app }) => app));
      expect([...apps]).toHaveLength(1);
    },
  );
});
