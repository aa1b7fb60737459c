type Json = Record<string, unknown>;

const isObject = (node: unknown): node is Json => typeof node === 'object' && node !== null;

/**
 * Schemas made one by one bring their named parts along as `$defs` and refer to `#/$defs/…`, which leads nowhere in a
 * document that holds them deep inside. This moves the parts to `components.schemas`, where OpenAPI looks for them.
 */
export function hoistDefinitions<D extends { components: { schemas: Json } }>(document: D): D {
  const found: Json = {};
  const walk = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(walk);
    if (!isObject(node)) return node;
    const { $defs, ...rest } = node;
    if (isObject($defs)) for (const [name, schema] of Object.entries($defs)) found[name] = walk(schema);
    return Object.fromEntries(
      Object.entries(rest).map(([key, value]) => [key, key === '$ref' ? moved(value) : walk(value)]),
    );
  };
  const hoisted = walk(document) as D;
  Object.assign(hoisted.components.schemas, found);
  return hoisted;
}

function moved(reference: unknown): unknown {
  return typeof reference === 'string' ? reference.replace(/^#\/\$defs\//, '#/components/schemas/') : reference;
}
