/** The value of a variable that tells where a test service runs. */
export function testEnvironment(variable: string): string {
  const value = process.env[variable];
  if (value !== undefined && value !== '') return value;
  throw new Error(
    `${variable} is not set: run ./roundhouse test, or ./roundhouse services up and export the variables it prints`,
  );
}
