// Keeps the status page as the job is: by Server-Sent Events, else by asking. A page that nobody looks at holds no connection:
// a browser has only about six for each site.
const pollMs = 2_000;
const hiddenPollMs = 15_000;
const failedPollMs = 30_000;
const ended = ['succeeded', 'failed', 'cancelled'];

const base = location.pathname.replace(/\/$/, '');
const element = (id) => document.getElementById(id);

let state = JSON.parse(element('state').textContent);
/** The server's clock minus ours. */
let skew = Date.parse(state.now) - Date.now();
let source;
let timer;
let lost = false;
let gone = false;

const now = () => Date.now() + skew;
const setText = (id, text) => {
  const target = element(id);
  // The same text again would be read aloud again.
  if (target.textContent !== text) target.textContent = text;
};

const dateTime = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'medium' });
const relative = new Intl.RelativeTimeFormat('en', { numeric: 'always' });

function ago(iso) {
  const seconds = Math.round((Date.parse(iso) - now()) / 1000);
  const size = Math.abs(seconds);
  if (size < 2) return 'just now';
  if (size < 60) return relative.format(seconds, 'second');
  if (size < 3600) return relative.format(Math.round(seconds / 60), 'minute');
  if (size < 86_400) return relative.format(Math.round(seconds / 3600), 'hour');
  return relative.format(Math.round(seconds / 86_400), 'day');
}

const unitOf = (seconds) => (seconds < 90 ? [1, 'second'] : seconds < 5400 ? [60, 'minute'] : [3600, 'hour']);

/** "3–5 minutes" of two numbers of seconds. */
function range(from, to) {
  const [divisor, unit] = unitOf(to);
  const low = Math.max(1, Math.floor(from / divisor));
  const high = Math.max(low, Math.ceil(to / divisor));
  return `${low === high ? low : `${low}–${high}`} ${unit}${high === 1 ? '' : 's'}`;
}

/** How long it has run, once it is done. */
function took() {
  const seconds = (Date.parse(state.finished_at) - Date.parse(state.started_at)) / 1000;
  const [divisor, unit] = unitOf(seconds);
  const count = Math.max(1, Math.round(seconds / divisor));
  return `Took ${count} ${unit}${count === 1 ? '' : 's'}`;
}

function estimate() {
  if (state.state === 'succeeded' && state.started_at) return took();
  if (state.starts_at) return `Starts ${dateTime.format(new Date(state.starts_at))}`;
  if (!state.eta) return ended.includes(state.state) || state.state === 'waiting' ? '' : 'No estimate yet';
  const from = (Date.parse(state.eta.earliest) - now()) / 1000;
  const to = (Date.parse(state.eta.latest) - now()) / 1000;
  if (to <= 2) return 'Ready any moment now';
  return from <= 1 ? `Ready within ${range(to, to)}` : `Ready in about ${range(from, to)}`;
}

function size(bytes) {
  if (bytes < 1000) return `${bytes} bytes`;
  const [divisor, unit] = bytes < 1e6 ? [1e3, 'kB'] : bytes < 1e9 ? [1e6, 'MB'] : [1e9, 'GB'];
  return `${(bytes / divisor).toFixed(1)} ${unit}`;
}

function downloadItem({ name, label, bytes, gone: missing }) {
  const item = document.createElement('li');
  if (missing) item.textContent = `${label}: not kept any more`;
  else {
    const link = document.createElement('a');
    link.href = `${base}/files/${encodeURIComponent(name)}`;
    link.textContent = label;
    item.append(link, bytes === null ? '' : ` (${size(bytes)})`);
  }
  return item;
}

let shownDownloads;
function renderDownloads() {
  const key = JSON.stringify(state.downloads);
  if (key === shownDownloads) return;
  shownDownloads = key;
  const list = element('downloads');
  list.replaceChildren(...state.downloads.map(downloadItem));
  list.hidden = state.downloads.length === 0;
}

/** What moves with the clock alone. */
function renderTimes() {
  setText('estimate', estimate());
  for (const [id, iso] of [
    ['updated', state.updated_at],
    ['created', state.created_at],
    ['expires', state.expires_at],
  ]) {
    const time = element(id);
    time.dateTime = iso;
    time.title = dateTime.format(new Date(iso));
    setText(id, ago(iso));
  }
}

function render() {
  const { title, stage, message, percent, error, cancellable } = state;
  document.querySelector('main').dataset.state = state.state;
  document.title = `${percent === null || ended.includes(state.state) ? stage : `${percent} %`} – ${title}`;
  setText('stage', stage);
  setText('percent', percent === null ? '' : `${percent} %`);
  setText('message', message);
  const bar = element('bar');
  bar.hidden = percent === null;
  bar.value = percent ?? 0;
  setText('error', error ?? '');
  element('error').hidden = error === null;
  element('cancel').hidden = !cancellable;
  renderDownloads();
  renderTimes();
}

function take(next) {
  state = next;
  skew = Date.parse(next.now) - Date.now();
  setLost(false);
  render();
}

function setLost(value) {
  lost = value;
  setText('connection', gone || !lost ? '' : 'No connection; trying again. What you see may be out of date.');
}

/** The link is over: what the page showed is not its holder's to see any more, so the server's page takes its place. */
function linkEnded() {
  gone = true;
  disconnect();
  location.reload();
}

async function poll() {
  try {
    const response = await fetch(`${base}/state`, { cache: 'no-store', signal: AbortSignal.timeout(10_000) });
    if (response.status === 404 || response.status === 410) return linkEnded();
    if (!response.ok) throw new Error(String(response.status));
    take(await response.json());
  } catch {
    setLost(true);
  }
}

function disconnect() {
  source?.close();
  source = undefined;
  clearTimeout(timer);
}

/** Asks again after a while, and tries the stream again where there should be one. */
function later(ms) {
  clearTimeout(timer);
  timer = setTimeout(async () => {
    await poll();
    connect();
  }, ms);
}

function connect() {
  disconnect();
  if (gone) return;
  // A failed job may be taken up again; the other ends stay.
  if (ended.includes(state.state) && !lost) return state.state === 'failed' ? later(failedPollMs) : undefined;
  if (document.hidden) return later(hiddenPollMs);
  source = new EventSource(`${base}/events`);
  source.addEventListener('status', (event) => take(JSON.parse(event.data)));
  source.addEventListener('gone', linkEnded);
  source.addEventListener('end', connect);
  source.onopen = () => clearTimeout(timer);
  source.onerror = () => {
    setLost(true);
    // The browser tries again by itself unless the answer was an error; until then the page asks.
    if (source?.readyState === EventSource.CLOSED) source = undefined;
    clearTimeout(timer);
    timer = setTimeout(async () => {
      await poll();
      if (!source || !lost) connect();
    }, pollMs);
  };
}

async function cancel() {
  const button = element('cancel');
  button.disabled = true;
  setText('answer', 'Cancelling …');
  try {
    const response = await fetch(`${base}/cancel`, { method: 'POST', signal: AbortSignal.timeout(10_000) });
    const answer = await response.json();
    if (!response.ok) setText('answer', answer.detail ?? 'It could not be cancelled.');
    else setText('answer', answer.stopping ? 'It has been told to stop.' : 'It is cancelled.');
  } catch {
    setText('answer', 'It could not be cancelled: there is no connection. Try again.');
  }
  button.disabled = false;
  await poll();
}

element('cancel').addEventListener('click', cancel);
document.addEventListener('visibilitychange', async () => {
  disconnect();
  if (!document.hidden) await poll();
  connect();
});
// Back from the browser's cache the page shows what was true then.
addEventListener('pageshow', (event) => {
  if (event.persisted) void poll().then(connect);
});
setInterval(renderTimes, 1_000);

render();
connect();
