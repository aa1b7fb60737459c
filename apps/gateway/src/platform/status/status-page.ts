import type { StatusAssets } from './status-assets.js';
import type { SharedState } from './shared-state.js';

type Assets = Pick<StatusAssets, 'scriptPath' | 'stylePath'>;

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text: string): string => text.replace(/[&<>"']/g, (c) => entities[c] as string);

/** Data inside a script element: only `<` could end it early. */
const embedded = (value: unknown): string => JSON.stringify(value).replaceAll('<', '\\u003c');

function document(title: string, assets: Assets, head: string, body: string): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex, nofollow, noarchive">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${escape(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="${assets.stylePath}">
${head}</head>
<body>
${body}
</body>
</html>
`;
}

/** What is wrong with a link, for people. */
export function problemPage(message: string, assets: Assets): string {
  return document(
    'This link does not work',
    assets,
    '',
    `<main><h1>This link does not work</h1><p class="message">${escape(message)}</p></main>`,
  );
}

/**
 * The page as it is now. The script keeps it so; without scripts the browser loads it again every five seconds.
 * What the script shows in the viewer's own way (times, the estimate) is left to it.
 */
export function statusPage(token: string, state: SharedState, assets: Assets): string {
  const { title, stage, message, percent, error, downloads } = state;
  const shown = percent === null ? '' : `${percent} %`;
  const hidden = (when: boolean) => (when ? ' hidden' : '');
  const head = `<script type="module" src="${assets.scriptPath}"></script>
<noscript><meta http-equiv="refresh" content="5"></noscript>
`;
  const body = `<main data-state="${state.state}">
<h1>${escape(title)}</h1>
<p class="stage"><span id="stage" role="status">${escape(stage)}</span> <span id="percent">${shown}</span></p>
<progress id="bar" max="100" value="${percent ?? 0}" aria-labelledby="stage"${hidden(percent === null)}>${shown}</progress>
<p id="message" class="message">${escape(message)}</p>
<p id="estimate" class="estimate"></p>
<div id="error" class="error" role="alert"${hidden(error === null)}>${escape(error ?? '')}</div>
<ul id="downloads" class="downloads"${hidden(downloads.length === 0)}>${downloads.map((d) => downloadItem(token, d)).join('')}</ul>
<p><button id="cancel" type="button" hidden>Cancel</button></p>
<p id="answer" class="answer" role="status"></p>
<dl>
<dt>Last update</dt><dd><time id="updated" datetime="${state.updated_at}">${utc(state.updated_at)}</time></dd>
<dt>Received</dt><dd><time id="created" datetime="${state.created_at}">${utc(state.created_at)}</time></dd>
<dt>This link ends</dt><dd><time id="expires" datetime="${state.expires_at}">${utc(state.expires_at)}</time></dd>
<dt>Reference</dt><dd><code>${escape(state.reference)}</code></dd>
</dl>
<p id="connection" class="connection" role="status"></p>
</main>
<script type="application/json" id="state">${embedded(state)}</script>`;
  return document(`${stage} – ${title}`, assets, head, body);
}

function downloadItem(token: string, { name, label, bytes, gone }: SharedState['downloads'][number]): string {
  if (gone) return `<li>${escape(label)}: not kept any more</li>`;
  const size = bytes === null ? '' : ` (${bytes} bytes)`;
  return `<li><a href="/status/${token}/files/${encodeURIComponent(name)}">${escape(label)}</a>${size}</li>`;
}

const utc = (iso: string): string => `${iso.slice(0, 16).replace('T', ' ')} UTC`;
