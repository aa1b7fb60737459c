import { catalogue, validatePayload } from '@roundhouse/contracts';
import { nextFireTime } from '@roundhouse/ledger';
import { codeSchedules, encodedSchedules } from './code-schedules.js';

it('every schedule of the list can be stored and fired', () => {
  for (const { kind, cron, timeZone, payload } of encodedSchedules()) {
    expect(nextFireTime(cron, timeZone, new Date()).getTime()).toBeGreaterThan(Date.now());
    expect(validatePayload(catalogue.kind(kind)!.requestType, payload)).toEqual([]);
  }
  const names = codeSchedules.map(({ tenantId, name }) => `${tenantId} ${name}`);
  expect(new Set(names).size).toBe(names.length);
});
