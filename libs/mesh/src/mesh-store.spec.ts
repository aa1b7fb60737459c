import type { Transaction } from '@roundhouse/jobs';
import { migratedSource } from '@roundhouse/testing';
import { randomUUID } from 'node:crypto';
import { createMeshDataSource } from './mesh-data-source.js';
import { MeshStore } from './mesh-store.js';
import type { NewMesh } from './mesh.js';

const tenantId = 'acme';
const source = migratedSource(createMeshDataSource);
const meshes = new MeshStore(source);

const mesh = (id: string): NewMesh => ({
  id,
  batchId: undefined,
  name: 'gear',
  source: { storageKey: 'mesh/images/gear' },
  options: undefined,
});

/** The database, with something happening after its first statement. */
function interrupted(happens: () => Promise<void>): Transaction {
  let done = false;
  return {
    async query<T>(sql: string, parameters?: unknown[]): Promise<T> {
      const answer = await source.query<T>(sql, parameters);
      if (!done) {
        done = true;
        await happens();
      }
      return answer;
    },
  };
}

describe('a job that starts on a mesh', () => {
  it('has it, whether or not it was noted before', async () => {
    const [noted, unknown] = [randomUUID(), randomUUID()];
    await meshes.add(tenantId, mesh(noted), noted);
    for (const id of [noted, unknown]) {
      expect(await meshes.begin(tenantId, mesh(id), id, true)).toEqual({ id });
      expect(await meshes.find(tenantId, id)).toMatchObject({ state: 'running', jobId: id });
    }
  });

  it('has it also when it is noted at that very moment', async () => {
    const id = randomUUID();
    const racing = new MeshStore(interrupted(() => meshes.add(tenantId, mesh(id), id)));
    expect(await racing.begin(tenantId, mesh(id), id, true)).toEqual({ id });
    expect(await meshes.find(tenantId, id)).toMatchObject({ state: 'running', jobId: id });
  });

  it('does not have it when it was cancelled, is another job’s, or has to be known and is not', async () => {
    const [cancelled, others, unknown] = [randomUUID(), randomUUID(), randomUUID()];
    await meshes.add(tenantId, mesh(cancelled), cancelled);
    await meshes.cancelOfJobs([cancelled]);
    await meshes.begin(tenantId, mesh(others), others, true);
    expect(await meshes.begin(tenantId, mesh(cancelled), cancelled, true)).toBeUndefined();
    expect(await meshes.begin(tenantId, mesh(others), randomUUID(), true)).toBeUndefined();
    expect(await meshes.begin(tenantId, mesh(unknown), unknown, false)).toBeUndefined();
  });
});
