import type { Claim, ClaimRequest } from '@roundhouse/contracts';

/** The year 9999, after which texts of times get a sign. */
const latestTime = Date.UTC(9999, 11, 31);

/** Times that no delivery was sent at are none: the database would refuse the claims of everybody in the batch. */
export function withTrueTimes(request: ClaimRequest): ClaimRequest {
  const isTrue = ({ dispatchedAt: at }: Claim) => at === undefined || (at.getTime() > 0 && at.getTime() < latestTime);
  if (request.claims.every(isTrue)) return request;
  return {
    ...request,
    claims: request.claims.map((claim) => (isTrue(claim) ? claim : { ...claim, dispatchedAt: undefined })),
  };
}
