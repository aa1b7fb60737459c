/** Why a running attempt is told to stop. */
export type InterruptionReason = 'cancelled' | 'superseded' | 'shutdown' | 'timeout' | 'time_slice';

/** The abort reason of `ctx.signal`. A handler may let it through; it is never the handler's failure. */
export class Interruption extends Error {
  override readonly name = 'Interruption';

  constructor(readonly reason: InterruptionReason) {
    super(`The attempt was interrupted: ${reason}`);
  }
}
