import { Empty } from '../../components/index.js';
import { BatchList } from './batch-list.js';

export default function WorkflowsPage() {
  return (
    <BatchList
      title="Workflows"
      path="workflows"
      empty={
        <Empty title="No workflows">
          <p>
            <code>POST /v1/workflows</code> makes one: jobs that depend on each other. So does <code>then</code> of{' '}
            <code>POST /v1/jobs</code>.
          </p>
        </Empty>
      }
    />
  );
}
