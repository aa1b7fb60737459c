/**
 * `fetch` with a deadline for the whole answer. Not AbortSignal.timeout: its timer does not keep the process alive, and on Node 20 neither does a
 * fetch of a port behind which nothing listens yet; the process would end with code 13, without a word.
 * @param {string | URL} url
 * @param {RequestInit & {timeoutMs: number}} options
 * @returns {Promise<{ok: boolean, status: number, text: string}>} with the body already read
 */
export async function timedFetch(url, { timeoutMs, ...options }) {
  const controller = new AbortController();
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`no answer within ${timeoutMs / 1000} s`);
      controller.abort(error);
      reject(error); // whether or not the fetch notices
    }, timeoutMs);
  });
  try {
    return await Promise.race([answer(url, { ...options, signal: controller.signal }), late]);
  } finally {
    clearTimeout(timer);
  }
}

async function answer(url, options) {
  const response = await fetch(url, options);
  return { ok: response.ok, status: response.status, text: await response.text() };
}

/** True when the answer is 2xx; anything else, also none, is false. */
export async function answersWell(url, timeoutMs) {
  try {
    return (await timedFetch(url, { timeoutMs })).ok;
  } catch {
    return false;
  }
}
