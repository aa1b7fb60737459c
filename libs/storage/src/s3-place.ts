/** Where in an S3-compatible store files lie. */
export interface S3Place {
  bucket: string;
  /** Before every key; empty, or ends with "/". */
  prefix: string;
  /** Of a store that is not AWS's. */
  endpoint: string | undefined;
  region: string;
}

/**
 * `s3://bucket/prefix?endpoint=http://host:9000&region=us-east-1`; prefix, endpoint and region may be left out.
 * @throws Error that says what is wrong
 */
export function s3Place(text: string): S3Place {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url?.protocol !== 's3:' || !url.hostname)
    throw new Error(
      `${text} is no place in an S3 store: s3://bucket/prefix?endpoint=http://host:9000&region=us-east-1`,
    );
  const endpoint = url.searchParams.get('endpoint') ?? undefined;
  if (endpoint !== undefined && !/^https?:\/\//.test(endpoint))
    throw new Error(`${endpoint} is no endpoint: http:// or https://`);
  const path = url.pathname.replace(/^\/+|\/+$/g, '');
  return {
    bucket: url.hostname,
    prefix: path && `${path}/`,
    endpoint,
    region: url.searchParams.get('region') ?? 'us-east-1',
  };
}
