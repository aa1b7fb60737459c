import { ChangeLog } from './change-log.js';

describe('the log of changes', () => {
  it('tells what came after a cursor, each job once', () => {
    const log = new ChangeLog();
    log.add(['a', 'b']);
    const { cursor } = log;
    log.add(['b', 'c', 'b']);
    expect(log.since(cursor)).toEqual(['b', 'c']);
    expect(log.since(log.cursor)).toEqual([]);
  });

  it('says when it cannot tell: too long ago, of another process, nonsense', () => {
    const log = new ChangeLog(2);
    const { cursor } = log;
    log.add(['a', 'b', 'c']);
    expect(log.since(cursor)).toBeUndefined();
    expect(log.since(new ChangeLog().cursor)).toBeUndefined();
    expect(log.since('')).toBeUndefined();
  });
});
