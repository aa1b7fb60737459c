import { JobFailure } from '@roundhouse/jobs';
import { parentPort } from 'node:worker_threads';
import { drawThumbnail } from '../thumbnail/draw-thumbnail.js';
import { adoptMesh } from './adopt-mesh.js';
import type { OnProgress } from './made-mesh.js';
import { makeMesh } from './make-mesh.js';
import type { ThreadInbound, ThreadOutbound } from './thread-messages.js';

/** Entry of an engine thread: one task after the other. */
const port = parentPort!;
const send = (message: ThreadOutbound) => port.postMessage(message);
const onProgress: OnProgress = (share, message) => send({ type: 'progress', share, message });

function run(inbound: ThreadInbound): Promise<unknown> {
  switch (inbound.name) {
    case 'make':
      return makeMesh(inbound.task, onProgress);
    case 'adopt':
      return adoptMesh(inbound.task, onProgress);
    case 'draw':
      return drawThumbnail(inbound.task);
  }
}

port.on('message', (inbound: ThreadInbound) => {
  run(inbound).then(
    (answer) => send({ type: 'done', answer }),
    (error: unknown) => {
      if (error instanceof JobFailure) {
        const { code, message, field, retryable: retry } = error;
        send({ type: 'failed', code, message, field, retry });
      } else send({ type: 'crashed', error: error instanceof Error ? error : new Error(String(error)) });
    },
  );
});
