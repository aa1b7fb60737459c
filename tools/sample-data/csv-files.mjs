import { symbols } from './invented-bars.mjs';

const names = new Map(symbols.map(({ symbol, name }) => [symbol, name]));

export function barsCsv(rows) {
  const lines = rows.map(({ date, open, high, low, close, volume }) =>
    [date, ...[open, high, low, close].map((value) => value.toFixed(2)), volume].join(','),
  );
  return `date,open,high,low,close,volume\n${lines.join('\n')}\n`;
}

/** The shape of a Schwab export: dates without times, the newest line first, money as -$1,234.50. */
export function schwabCsv(fills) {
  const lines = [...fills].reverse().map(({ date, side, symbol, quantity, price, fee }) => {
    const [year, month, day] = date.split('-');
    const amount = side === 'buy' ? -(quantity * price + fee) : quantity * price - fee;
    const fields = [
      `${month}/${day}/${year}`,
      side === 'buy' ? 'Buy' : 'Sell',
      symbol,
      names.get(symbol),
      String(quantity),
      money(price),
      money(fee),
      money(amount),
    ];
    return fields.map((field) => `"${field}"`).join(',');
  });
  return `"Date","Action","Symbol","Description","Quantity","Price","Fees & Comm","Amount"\n${lines.join('\n')}\n`;
}

/** The same fills with times and ids, columns named as somebody's own journal might name them. */
export function genericCsv(fills) {
  const lines = fills.map(({ date, minute, second, side, symbol, quantity, price, fee }, i) => {
    const time = [Math.floor(minute / 60), minute % 60, second].map((part) => String(part).padStart(2, '0')).join(':');
    return [
      `EX-${String(i + 1).padStart(5, '0')}`,
      `${date}T${time}`,
      symbol,
      side,
      quantity,
      price.toFixed(2),
      fee.toFixed(2),
      'USD',
    ].join(',');
  });
  return `Execution,Time,Ticker,Direction,Shares,Price,Commission,Currency\n${lines.join('\n')}\n`;
}

/** Which column of the generic file holds what, in the words of the import request. */
export const mapping = {
  symbol: 'Ticker',
  side: 'Direction',
  quantity: 'Shares',
  price: 'Price',
  fee: 'Commission',
  feeCurrency: 'Currency',
  timestamp: 'Time',
  externalId: 'Execution',
  timeZone: 'America/New_York',
};

function money(value) {
  const text = Math.abs(value).toLocaleString('en-US', { minimumFractionDigits: 2, maximumFractionDigits: 2 });
  return `${value < 0 ? '-' : ''}$${text}`;
}
