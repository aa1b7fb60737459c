import { graphlib, layout } from '@dagrejs/dagre';
import { Background, Controls, ReactFlow, type Edge, type Node } from '@xyflow/react';
import '@xyflow/react/dist/style.css';
import { useNavigate } from '@tanstack/react-router';
import { useMemo } from 'react';
import { StateBadge, useNow } from '../../components/index.js';
import styles from './workflow-graph.module.css';
import type { WorkflowNode } from './workflow.js';

const width = 190;
const height = 76;

/** The jobs from left to right, each behind what it waits for. The list beside it says the same in words. */
export default function WorkflowGraph({ jobs }: { jobs: readonly WorkflowNode[] }) {
  const navigate = useNavigate();
  const shape = jobs.map(({ id, depends_on: on }) => `${id}<${on.map(({ job_id: other }) => other).join()}`).join();
  // Only jobs that come or go move the boxes; a change of state does not.
  const places = useMemo(() => placesOf(jobs), [shape]);
  const nodes = jobs.map((job): Node => ({
    id: job.id,
    position: places.get(job.id) ?? { x: 0, y: 0 },
    data: { label: <Box job={job} /> },
    className: styles.node,
    width,
    height,
    sourcePosition: 'right' as Node['sourcePosition'],
    targetPosition: 'left' as Node['targetPosition'],
    ariaLabel: `${job.ref}, ${job.state}`,
  }));
  const edges = jobs.flatMap((job) =>
    job.depends_on.map(({ job_id: source, met, condition }): Edge => ({
      id: `${source}-${job.id}`,
      source,
      target: job.id,
      className: met ? styles.met : styles.unmet,
      label: condition === 'finished' ? 'however it ends' : undefined,
    })),
  );
  return (
    <div className={styles.frame} role="group" aria-label="Graph of the workflow">
      <ReactFlow
        nodes={nodes}
        edges={edges}
        fitView
        minZoom={0.1}
        nodesDraggable={false}
        nodesConnectable={false}
        onNodeClick={(_, { id }) => void navigate({ to: `/jobs/${id}` })}
      >
        <Background />
        <Controls showInteractive={false} />
      </ReactFlow>
    </div>
  );
}

function placesOf(jobs: readonly WorkflowNode[]): Map<string, { x: number; y: number }> {
  const graph = new graphlib.Graph();
  graph.setGraph({ rankdir: 'LR', nodesep: 24, ranksep: 64 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id } of jobs) graph.setNode(id, { width, height });
  for (const { id, depends_on: on } of jobs) for (const { job_id: other } of on) graph.setEdge(other, id);
  layout(graph);
  return new Map(
    jobs.map(({ id }) => {
      const { x, y } = graph.node(id) as { x: number; y: number };
      return [id, { x: x - width / 2, y: y - height / 2 }];
    }),
  );
}

function Box({ job }: { job: WorkflowNode }) {
  return (
    <span className={styles.box}>
      <strong className={styles.ref}>{job.ref}</strong>
      <StateBadge state={job.state} />
      {job.state === 'running' && <Running job={job} />}
    </span>
  );
}

function Running({ job: { progress, started_at: since } }: { job: WorkflowNode }) {
  const seconds = Math.max(0, Math.round((useNow() - Date.parse(since ?? '')) / 1_000));
  return <small>{progress === null ? `${seconds} s` : `${Math.round(progress)} %`}</small>;
}
