import { EventSourceParserStream } from 'eventsource-parser/stream';
import { setTimeout as delay } from 'node:timers/promises';
import { RoundhouseError } from './roundhouse-error.js';

export interface ServerEvent {
  id: string;
  event: string;
  data: unknown;
}

const reconnectDelaysMs = [200, 500, 1_000, 3_000];

export interface ReadOptions {
  /** Name of the event after which the stream is over. */
  until?: string;
  signal?: AbortSignal;
}

/** Reads Server-Sent Events and reconnects with the last id when the connection breaks. A refusal (4xx) is thrown. */
export async function* readEvents(
  open: (lastEventId: string | undefined) => Promise<Response>,
  { until, signal }: ReadOptions,
): AsyncGenerator<ServerEvent> {
  let lastEventId: string | undefined;
  for (let failures = 0; ; failures += 1) {
    signal?.throwIfAborted();
    try {
      for await (const event of eventsOf(await open(lastEventId))) {
        failures = 0;
        lastEventId = event.id || lastEventId;
        yield event;
        if (event.event === until) return;
      }
    } catch (error) {
      if (signal?.aborted) throw signal.reason;
      if (error instanceof RoundhouseError && error.status < 500) throw error;
    }
    await delay(reconnectDelaysMs[Math.min(failures, reconnectDelaysMs.length - 1)], undefined, { signal });
  }
}

async function* eventsOf(response: Response): AsyncGenerator<ServerEvent> {
  if (!response.body) return;
  const events = response.body
    .pipeThrough(new TextDecoderStream() as never)
    .pipeThrough(new EventSourceParserStream() as never);
  for await (const { id, event, data } of events as unknown as AsyncIterable<{
    id?: string;
    event?: string;
    data: string;
  }>) {
    yield { id: id ?? '', event: event ?? 'message', data: JSON.parse(data) as unknown };
  }
}
