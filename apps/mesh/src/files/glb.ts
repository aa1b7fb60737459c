import { Document, WebIO, type Node } from '@gltf-transform/core';
import type { Solid } from '../solid/solid.js';

const io = new WebIO();

// glTF measures in metres with y up; the node turns the millimetres and z of the mesh.
const turned: [number, number, number, number] = [-Math.SQRT1_2, 0, 0, Math.SQRT1_2];
const metres: [number, number, number] = [0.001, 0.001, 0.001];

/** GLB (glTF 2.0). Without normals: viewers show flat faces then. */
export async function writeGlb({ positions, indices }: Solid, name: string): Promise<Uint8Array> {
  const document = new Document();
  document.getRoot().getAsset().generator = 'Roundhouse';
  const buffer = document.createBuffer();
  const position = document
    .createAccessor()
    .setType('VEC3')
    .setArray(positions as Float32Array<ArrayBuffer>)
    .setBuffer(buffer);
  const narrow = positions.length / 3 <= 65_535;
  const index = document
    .createAccessor()
    .setType('SCALAR')
    .setArray(narrow ? Uint16Array.from(indices) : (indices as Uint32Array<ArrayBuffer>))
    .setBuffer(buffer);
  const material = document
    .createMaterial('resin')
    .setBaseColorFactor([0.72, 0.74, 0.78, 1])
    .setMetallicFactor(0)
    .setRoughnessFactor(0.7);
  const primitive = document
    .createPrimitive()
    .setAttribute('POSITION', position)
    .setIndices(index)
    .setMaterial(material);
  const mesh = document.createMesh(name).addPrimitive(primitive);
  const node = document.createNode(name).setMesh(mesh).setRotation(turned).setScale(metres);
  document.getRoot().setDefaultScene(document.createScene().addChild(node));
  return io.writeBinary(document);
}

/**
 * All triangles of a GLB in one solid, in millimetres with z up. For files of our own that is exactly what was written.
 * @throws Error when it cannot be read or holds no triangles
 */
export async function readGlb(bytes: Uint8Array): Promise<Solid> {
  const document = await io.readBinary(bytes);
  const found: Solid[] = [];
  const visit = (node: Node): void => {
    for (const primitive of node.getMesh()?.listPrimitives() ?? []) {
      const positions = primitive.getAttribute('POSITION');
      if (primitive.getMode() !== 4 || !positions) throw new Error('holds something else than triangles');
      const own = isOwn(node);
      const matrix = node.getWorldMatrix();
      const array = new Float32Array(3 * positions.getCount());
      const point: number[] = [];
      for (let i = 0; i < positions.getCount(); i += 1) {
        const [x = 0, y = 0, z = 0] = positions.getElement(i, point);
        array.set(own ? [x, y, z] : inMillimetres(matrix, x, y, z), 3 * i);
      }
      const indices = primitive.getIndices()?.getArray();
      found.push({
        positions: array,
        indices: indices ? Uint32Array.from(indices) : Uint32Array.from({ length: positions.getCount() }, (_, i) => i),
      });
    }
    node.listChildren().forEach(visit);
  };
  const scene = document.getRoot().getDefaultScene() ?? document.getRoot().listScenes()[0];
  scene?.listChildren().forEach(visit);
  if (found.length === 0) throw new Error('holds no mesh');
  return joined(found);
}

function isOwn(node: Node): boolean {
  const same = (a: readonly number[], b: readonly number[]) => a.every((value, i) => Math.abs(value - b[i]!) < 1e-6);
  return (
    node.getParentNode() === null &&
    same(node.getRotation(), turned) &&
    same(node.getScale(), metres) &&
    same(node.getTranslation(), [0, 0, 0])
  );
}

/** Column-major matrix; y up becomes z up. */
function inMillimetres(m: readonly number[], x: number, y: number, z: number): [number, number, number] {
  const along = (axis: number): number => 1000 * (m[axis]! * x + m[axis + 4]! * y + m[axis + 8]! * z + m[axis + 12]!);
  return [along(0), -along(2), along(1)];
}

function joined(solids: Solid[]): Solid {
  if (solids.length === 1) return solids[0]!;
  const positions = new Float32Array(solids.reduce((sum, s) => sum + s.positions.length, 0));
  const indices = new Uint32Array(solids.reduce((sum, s) => sum + s.indices.length, 0));
  let [atPosition, atIndex] = [0, 0];
  for (const solid of solids) {
    positions.set(solid.positions, atPosition);
    indices.set(
      solid.indices.map((index) => index + atPosition / 3),
      atIndex,
    );
    atPosition += solid.positions.length;
    atIndex += solid.indices.length;
  }
  return { positions, indices };
}
