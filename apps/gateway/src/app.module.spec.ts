import { gatewayControllers } from './app.module.js';
import { consoleControllers } from './platform/console/index.js';
import { OpenApi } from './platform/openapi/index.js';
import { workloads } from './workloads/index.js';

interface Document {
  paths: Record<string, Record<string, { operationId: string }>>;
  components: { schemas: Record<string, { properties: { type: { enum: string[] } } }> };
}

const documentOf = (controllers: typeof gatewayControllers) => new OpenApi(controllers, '0').document() as Document;
const twice = (names: string[]): string[] => names.filter((name, i) => names.indexOf(name) !== i);

describe('the routes of the platform and of its workloads', () => {
  // One by one: a document has a route once, whoever else has it.
  const routes = gatewayControllers.flatMap((controller) =>
    Object.entries(documentOf([controller]).paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, { operationId }]) => ({ route: `${method} ${path}`, operationId })),
    ),
  );

  it('are all of different methods and paths, and of different names', () => {
    expect(routes.length).toBeGreaterThan(100);
    expect(twice(routes.map(({ route }) => route))).toEqual([]);
    expect(twice(routes.map(({ operationId }) => operationId))).toEqual([]);
  });
});

describe('what workloads have ids for', () => {
  it('is of one workload each', () => {
    expect(twice(workloads.flatMap(({ things }) => things))).toEqual([]);
  });

  it('is named in the OpenAPI document', () => {
    const { components } = documentOf(consoleControllers(['gadget']));
    expect(components.schemas.Found?.properties.type.enum).toEqual(expect.arrayContaining(['job', 'gadget']));
  });
});

describe('what a request may ask with', () => {
  interface Schema {
    type?: string;
    maximum?: number;
  }

  /** Every integer in it, by its path. */
  function integers(node: unknown, path: string): [string, Schema][] {
    if (typeof node !== 'object' || node === null) return [];
    const { type } = node as Schema;
    const own: [string, Schema][] = type === 'integer' ? [[path, node as Schema]] : [];
    return [...own, ...Object.entries(node).flatMap(([name, below]) => integers(below, `${path}/${name}`))];
  }

  it('has no integers that no column holds', () => {
    const { paths } = documentOf(gatewayControllers);
    const asked = Object.entries(paths).flatMap(([path, methods]) =>
      Object.entries(methods).flatMap(([method, operation]) => {
        const { parameters, requestBody } = operation as { parameters?: unknown; requestBody?: unknown };
        return integers({ parameters, requestBody }, `${method} ${path}`);
      }),
    );
    expect(asked.length).toBeGreaterThan(20);
    expect(asked.filter(([, { maximum }]) => maximum === undefined || maximum >= 2 ** 31)).toEqual([]);
  });
});
