// The container's health check: exit code 0 when the process says that it is ready. The gateway answers on its REST port, the others
// on their health port.
const { ROUNDHOUSE_HEALTHCHECK_PORT, ROUNDHOUSE_HEALTH_PORT } = process.env;
const port = ROUNDHOUSE_HEALTHCHECK_PORT || ROUNDHOUSE_HEALTH_PORT;
try {
  const response = await fetch(`http://127.0.0.1:${port}/readyz`, { signal: AbortSignal.timeout(4_000) });
  if (!response.ok) console.error(await response.text());
  process.exitCode = response.ok ? 0 : 1;
} catch (error) {
  console.error(String(error.cause ?? error));
  process.exitCode = 1;
}
