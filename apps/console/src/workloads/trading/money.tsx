import styles from './trading-page.module.css';

/** Decimal text with two to four decimals; a gain and a loss differ by sign and colour. */
export function Money({ amount }: { amount: string | null | undefined }) {
  if (amount === null || amount === undefined) return <>–</>;
  if (Number(amount) === 0) return <>0.00</>;
  const isLoss = amount.startsWith('-');
  const [whole = '', decimals = ''] = amount.replace('-', '').split('.');
  const grouped = whole.replaceAll(/\B(?=(\d{3})+$)/g, ',');
  const text = `${isLoss ? '−' : '+'}${grouped}.${decimals.slice(0, 4).padEnd(2, '0')}`;
  return <span className={isLoss ? styles.loss : styles.gain}>{text}</span>;
}
