/** Variable with the password of a service at the broker, for who makes its user. */
export const brokerPassword = (app) => `ROUNDHOUSE_BROKER_${app.toUpperCase()}_PASSWORD`;

const userOf = (app) => `roundhouse_${app}`;

/** The password of each service at the broker, made once. @returns {Record<string, string>} */
export function brokerPasswords(apps, store) {
  return Object.fromEntries(apps.map((app) => [app, store.secret(`rabbitmq_${app}_password`)]));
}

/** Where each service finds the broker, as its own user. @returns {Record<string, string>} */
export function brokerUrls(administratorUrl, passwords) {
  return Object.fromEntries(
    Object.entries(passwords).map(([app, password]) => {
      const url = new URL(administratorUrl);
      Object.assign(url, { username: userOf(app), password });
      return [app, url.href];
    }),
  );
}
