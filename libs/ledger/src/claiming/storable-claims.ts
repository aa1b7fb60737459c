import type { Claim, ClaimRequest } from '@roundhouse/contracts';
import { storable } from '../storage/index.js';

/** The year 9999, after which texts of times get a sign. */
const latestTime = Date.UTC(9999, 11, 31);

/** Times that no delivery was sent at are none, names are text: the database would refuse the claims of everybody in the batch. */
export function storableClaims(request: ClaimRequest): ClaimRequest {
  const isTrue = ({ dispatchedAt: at }: Claim) => at === undefined || (at.getTime() > 0 && at.getTime() < latestTime);
  const workerId = storable(request.workerId);
  if (request.claims.every(isTrue)) return { ...request, workerId };
  return {
    workerId,
    claims: request.claims.map((claim) => (isTrue(claim) ? claim : { ...claim, dispatchedAt: undefined })),
  };
}
