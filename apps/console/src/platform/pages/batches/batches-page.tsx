import { Empty } from '../../components/index.js';
import { BatchList } from './batch-list.js';

export default function BatchesPage() {
  return (
    <BatchList
      title="Batches"
      path="batches"
      empty={
        <Empty title="No batches">
          <p>
            <code>POST /v1/batches</code> makes one: jobs that are counted together, with callbacks when they are over.
          </p>
        </Empty>
      }
    />
  );
}
