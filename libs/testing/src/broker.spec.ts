import { connect } from 'amqplib';
import { createTestBroker } from './broker.js';

describe('createTestBroker', () => {
  it('makes a virtual host of its own that can be used, and removes it', async () => {
    const [broker, other] = await Promise.all([createTestBroker(), createTestBroker()]);
    const connection = await connect(broker.url);
    const channel = await connection.createConfirmChannel();
    await channel.assertQueue('jobs', { durable: true, arguments: { 'x-queue-type': 'quorum' } });
    channel.sendToQueue('jobs', Buffer.from('hello'));
    await channel.waitForConfirms();
    const message = await channel.get('jobs', { noAck: true });
    expect(message && message.content.toString()).toBe('hello');
    await connection.close();

    const queues = await broker.manage<{ name: string }[]>('GET', '/queues/{vhost}');
    expect(queues.map(({ name }) => name)).toEqual(['jobs']);
    expect(await other.manage('GET', '/queues/{vhost}')).toEqual([]);

    await Promise.all([broker.drop(), other.drop()]);
    await expect(broker.manage('GET', '/queues/{vhost}')).rejects.toThrow('RabbitMQ answered 404 to GET /queues/');
  });
});
