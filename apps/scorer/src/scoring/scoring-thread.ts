import { parentPort } from 'node:worker_threads';
import { scoreFills, type ScoringJob, type ScoringOptions } from './score-fills.js';
import { slices, type ScoringInbound, type ScoringOutbound } from './scoring-messages.js';

/** Entry of the scoring thread. It serves one scoring after the other and keeps nothing in between. */
const port = parentPort!;
const send = (message: ScoringOutbound) => port.postMessage(message);
let pending: Omit<ScoringJob, 'options'> = { fills: [], bars: [] };

function score(options: ScoringOptions): void {
  const job = { ...pending, options };
  pending = { fills: [], bars: [] };
  const { roundTrips, tags, ...rest } = scoreFills(job);
  for (const slice of slices(roundTrips)) send({ type: 'roundTrips', roundTrips: slice });
  for (const slice of slices(tags)) send({ type: 'tags', tags: slice });
  send({ type: 'done', rest });
}

port.on('message', (message: ScoringInbound) => {
  switch (message.type) {
    case 'fills':
      for (const fill of message.fills) pending.fills.push(fill);
      break;
    case 'bars':
      pending.bars.push(message.bars);
      break;
    case 'score':
      try {
        score(message.options);
      } catch (error) {
        send({ type: 'failed', error: error instanceof Error ? error : new Error(String(error)) });
      }
  }
});
