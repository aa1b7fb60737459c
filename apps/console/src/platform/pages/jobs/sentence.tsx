import { Link } from '@tanstack/react-router';
import { Fragment } from 'react';
import { Time } from '../../components/index.js';

const parts = /([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}|\d{4}-\d{2}-\d{2}T[\d:.]+Z)/g;

/** A sentence of the ledger: those of `jobs` that it names are links, times are in the chosen zone. */
export function Sentence({ text, jobs }: { text: string; jobs: readonly string[] }) {
  return text.split(parts).map((part, index) => {
    // Splitting by a group puts what it matched at every second place.
    if (index % 2 === 0) return <Fragment key={index}>{part}</Fragment>;
    if (part.includes('T')) return <Time key={index} at={part} />;
    // The id of something else, in the name of a limit.
    if (!jobs.includes(part)) return <Fragment key={index}>{part}</Fragment>;
    return (
      <Link key={index} to={`/jobs/${part}` as string}>
        {part.slice(-12)}
      </Link>
    );
  });
}
