import type { Channel } from 'amqplib';
import { ControlMessage } from '@roundhouse/contracts';
import type { Log } from '@roundhouse/jobs';
import { logLine } from '@roundhouse/telemetry';
import { abandonChannel, type BrokerConnection, type ManagedChannel } from '../connection/index.js';
import { exchange } from '../topology/index.js';

/** Receives broadcasts through an exclusive queue. One that is missed while disconnected is made up for by the next heartbeat. */
export async function listenToControl(
  connection: BrokerConnection,
  onCommand: (command: NonNullable<ControlMessage['command']>) => void,
  log: Log,
): Promise<ManagedChannel<Channel>> {
  return connection.openChannel(async (channel) => {
    const { queue } = await channel.assertQueue('', { exclusive: true, autoDelete: true });
    await channel.bindQueue(queue, exchange.control, '');
    await channel.consume(
      queue,
      (message) => {
        if (!message) return void abandonChannel(channel, log);
        try {
          const { command } = ControlMessage.decode(message.content);
          if (command) onCommand(command);
        } catch (error) {
          logLine(log, 'control.ignored', { error: String(error) });
        }
      },
      { noAck: true },
    );
  });
}
