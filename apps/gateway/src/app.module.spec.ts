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
