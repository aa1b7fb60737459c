import { createHash } from 'node:crypto';

export const digestStyle = `
:root{color-scheme:light dark;--paper:#f6f7f9;--card:#fff;--ink:#1b2430;--muted:#5a6675;--line:#dfe4ea;--quiet:#b4bfcb;--accent:#2459c4;--gain:#12805c;--loss:#c0392b}
@media(prefers-color-scheme:dark){:root{--paper:#11161d;--card:#1a212b;--ink:#e8edf3;--muted:#a3afbd;--line:#303a47;--quiet:#4d5a69;--accent:#7fa8ff;--gain:#4cc596;--loss:#ff8a7a}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:760px;margin:0 auto;padding:32px 16px 48px}
h1{font-size:1.7rem;line-height:1.2;margin:0 0 4px}
h2{font-size:1.15rem;margin:0 0 12px}
h3{font-size:1rem;margin:0 0 4px}
p{margin:0 0 8px}
.sub{color:var(--muted);margin-bottom:24px}
section{background:var(--card);border:1px solid var(--line);border-radius:12px;padding:20px;margin-bottom:16px}
dl.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(140px,1fr));gap:16px;margin:0}
dl.figures dt{color:var(--muted);font-size:.85rem}
dl.figures dd{margin:0;font-size:1.2rem;font-weight:600;font-variant-numeric:tabular-nums}
dl.figures.first dd{font-size:1.55rem}
.gain{color:var(--gain)}.loss{color:var(--loss)}
.chart{display:block;width:100%;height:auto;max-width:640px}
.chart.narrow{display:none}
.finding{border-left:4px solid var(--accent);padding:2px 0 2px 14px;margin:16px 0}
.finding.quiet{border-color:var(--quiet)}
.note{color:var(--muted);font-size:.875rem}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.9rem;font-variant-numeric:tabular-nums}
th,td{padding:6px 10px;text-align:left;border-top:1px solid var(--line);white-space:nowrap}
thead th{border-top:0;color:var(--muted);font-weight:500}
td.wrap{white-space:normal;min-width:140px}
.number{text-align:right}
details summary{cursor:pointer;color:var(--accent);margin-top:8px}
ul{margin:0;padding-left:20px}li{margin-bottom:6px}
@media(max-width:560px){.chart.wide{display:none}.chart.narrow{display:block}main{padding:20px 12px 32px}section{padding:16px}th,td{padding:6px 5px}table{font-size:.8rem}td.wrap{min-width:84px}}
@media print{body{background:#fff}section{break-inside:avoid}}
`;

const hash = createHash('sha256').update(digestStyle).digest('base64');

/** Policy to serve the page with: nothing but its own style, named by its hash. */
export const digestContentSecurityPolicy = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;
