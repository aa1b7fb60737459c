import { Validator } from '@seriousme/openapi-schema-validator';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- as it comes
type Document = any;

const operationsOf = (document: Document): [path: string, operations: Record<string, { operationId: string }>][] =>
  Object.entries(document.paths);

/** Each as `GET /v1/jobs/{id}`. */
export const routesOf = (document: Document): string[] =>
  operationsOf(document).flatMap(([path, item]) =>
    Object.keys(item).map((method) => `${method.toUpperCase()} ${path}`),
  );

export const operationIds = (document: Document): string[] =>
  operationsOf(document).flatMap(([, item]) => Object.values(item).map(({ operationId }) => operationId));

export async function expectValid(document: Document): Promise<void> {
  const { valid, errors } = await new Validator().validate(structuredClone(document));
  expect({ valid, errors }).toEqual({ valid: true, errors: undefined });
}

/** Every reference leads to something in the document itself. */
export function expectReferences(document: Document): void {
  for (const reference of referencesIn(document)) {
    expect(reference).toMatch(/^#\//);
    const target = reference
      .slice(2)
      .split('/')
      .reduce((node, key) => node?.[key], document);
    expect([reference, typeof target]).toEqual([reference, 'object']);
  }
}

function referencesIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([key, value]) => (key === '$ref' ? [String(value)] : referencesIn(value)));
}
