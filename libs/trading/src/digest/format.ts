/** Text for HTML, inside elements and quoted attributes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

/** Decimal text as money, e.g. "−$1,234.50"; an asset that is not an ISO currency stands behind its number. */
export function formatMoney(amount: string, currency: string, digits = 2): string {
  const iso = /^[A-Z]{3}$/.test(currency);
  const options: Intl.NumberFormatOptions = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  const format = new Intl.NumberFormat('en-US', iso ? { ...options, style: 'currency', currency } : options);
  // The formatter takes decimal text without passing through a float.
  const text = format.format(amount as Intl.StringNumericLiteral).replace('-', '−');
  return iso ? text : `${text} ${currency}`;
}

/** 0.6667 → "66.7 %", with a space that does not break. */
export function formatPercent(share: number, digits = 1): string {
  return `${(share * 100).toFixed(digits)}\u00a0%`;
}

/** A confidence, never rounded up to certainty: 0.99996 → "> 99.9 %". */
export function formatConfidence(confidence: number): string {
  return confidence > 0.999 ? '> 99.9\u00a0%' : formatPercent(confidence);
}

/** Hours as the largest sensible unit: "35 min", "6.2 h", "4.1 days". */
export function formatHours(hours: number): string {
  if (hours < 1) return `${Math.round(hours * 60)} min`;
  return hours < 48 ? `${hours.toFixed(1)} h` : `${(hours / 24).toFixed(1)} days`;
}

/** An instant on the user's clock, "Tue 23 Jun, 15:30". */
export function formatInstant(iso: string, zone: string): string {
  const options: Intl.DateTimeFormatOptions = {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hour12: false,
    timeZone: zone,
  };
  const part = Object.fromEntries(
    new Intl.DateTimeFormat('en-GB', options).formatToParts(new Date(iso)).map(({ type, value }) => [type, value]),
  );
  return `${part.weekday} ${part.day} ${part.month}, ${part.hour}:${part.minute}`;
}

/** A date YYYY-MM-DD as "22 June 2026". */
export function formatDate(date: string): string {
  return new Intl.DateTimeFormat('en-GB', { day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(
    new Date(`${date}T00:00:00Z`),
  );
}
