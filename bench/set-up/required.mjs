/** @throws Error that says who sets it */
export function required(name) {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: ./roundhouse bench starts the servers and sets it`);
  return value;
}
