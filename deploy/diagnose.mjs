// In a container: node deploy/diagnose.mjs cpu-profile 10 | heap-snapshot. The result goes to standard output.
const [what = 'cpu-profile', seconds = '10'] = process.argv.slice(2);
const { ROUNDHOUSE_HEALTH_PORT: port, ROUNDHOUSE_DIAGNOSTICS_TOKEN: token } = process.env;
const response = await fetch(`http://127.0.0.1:${port}/debug/${what}?seconds=${seconds}`, {
  method: 'POST',
  headers: { authorization: `Bearer ${token}` },
});
if (response.ok) {
  for await (const chunk of response.body) process.stdout.write(chunk);
} else {
  console.error(await response.text());
  process.exitCode = 1;
}
