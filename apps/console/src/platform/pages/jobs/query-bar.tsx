import { useNavigate } from '@tanstack/react-router';
import { useEffect, useId, useMemo, useState, type FormEvent } from 'react';
import { useSettings } from '../../api/index.js';
import { Button } from '../../components/index.js';
import { isId } from '../../formats/index.js';
import { parseJobQuery, qualifiers, stateNames } from './job-query.js';
import styles from './query-bar.module.css';
import { SavedViews } from './saved-views.js';

const shortcuts = [
  { label: 'All', query: '' },
  { label: 'Active', query: 'state:active' },
  { label: 'Running', query: 'state:running' },
  { label: 'Failed', query: 'state:failed' },
  { label: 'Blocked', query: 'state:blocked' },
  { label: 'Stuck', query: 'stuck:true' },
];

/** One line that says which jobs. Any job's id leads to its page. */
export function QueryBar({ value, onChange }: { value: string; onChange: (value: string) => void }) {
  const id = useId();
  const navigate = useNavigate();
  const [text, setText] = useState(value);
  useEffect(() => setText(value), [value]);
  const { faults } = useMemo(() => parseJobQuery(value), [value]);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isId(text)) void navigate({ to: `/jobs/${text.trim().toLowerCase()}` });
    else onChange(text.trim());
  };
  return (
    <div className={styles.bar}>
      <form role="search" onSubmit={submit} className={styles.form}>
        <label htmlFor={id} className="visually-hidden">
          Search jobs
        </label>
        <input
          id={id}
          data-search
          type="search"
          list={`${id}-completions`}
          className={styles.input}
          placeholder="state:failed kind:… queue:… error:… input.field:… after:2h, or an id"
          spellCheck={false}
          autoComplete="off"
          aria-invalid={faults.length > 0 || undefined}
          aria-describedby={faults.length > 0 ? `${id}-faults` : undefined}
          value={text}
          onChange={(event) => setText(event.target.value)}
        />
        <Completions id={`${id}-completions`} text={text} />
        <Button type="submit">Search</Button>
      </form>
      {faults.length > 0 && (
        <div id={`${id}-faults`} className={styles.faults} role="alert">
          {faults.map((fault) => (
            <p key={fault.text}>
              <code>{fault.text}</code> {fault.message}
            </p>
          ))}
        </div>
      )}
      <div className={styles.shortcuts} role="group" aria-label="Which jobs">
        {shortcuts.map(({ label, query }) => (
          <Button
            key={label}
            className={styles.shortcut}
            aria-pressed={value === query}
            onClick={() => onChange(query)}
          >
            {label}
          </Button>
        ))}
        <SavedViews
          query={value}
          fixed={faults.length > 0 || shortcuts.some(({ query }) => query === value)}
          onChosen={onChange}
        />
      </div>
    </div>
  );
}

/** Ways to go on from the last word. */
function Completions({ id, text }: { id: string; text: string }) {
  const settings = useSettings();
  const options = useMemo(() => {
    const space = text.lastIndexOf(' ');
    const [start, word] = [text.slice(0, space + 1), text.slice(space + 1)];
    const kinds = settings?.kinds.map(({ kind }) => `kind:${kind}`) ?? [];
    const queues = settings?.queues.map((queue) => `queue:${queue}`) ?? [];
    const all = [
      ...qualifiers.map((name) => `${name}:`),
      ...stateNames.map((name) => `state:${name}`),
      ...kinds,
      ...queues,
    ];
    return all.filter((option) => option.startsWith(word) && option !== word).map((option) => start + option);
  }, [settings, text]);
  return (
    <datalist id={id}>
      {options.map((option) => (
        <option key={option} value={option} />
      ))}
    </datalist>
  );
}
