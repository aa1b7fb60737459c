import { useQuery } from '@tanstack/react-query';
import { useEffect, useState, type FormEvent, type ReactNode } from 'react';
import { api, type Answer } from '../../platform/api/index.js';
import {
  Button,
  Empty,
  Loading,
  Page,
  ProblemNotice,
  SelectField,
  TextField,
} from '../../platform/components/index.js';
import { useUrlState } from '../../platform/navigation/index.js';
import { useSession } from '../../platform/session/index.js';
import styles from './trading-page.module.css';

type Users = Answer<'/v1/trading/users', 'get'>;

// The navigation leads to a page without naming a user: it stays the same one, of the same tenant.
const remembered = new Map<string, string>();

/** A page about one user's trading; which one is in the URL, else whoever imported last. */
export function TradingPage({ title, children }: { title: string; children: (userId: string) => ReactNode }) {
  const { allows, tenant } = useSession();
  const [{ user }, change] = useUrlState();
  const users = useQuery({
    queryKey: ['trading', 'users'],
    queryFn: ({ signal }) => api.get<Users>('/v1/trading/users', { signal }),
    enabled: allows('jobs:read'),
  });
  if (!allows('jobs:read'))
    return (
      <Page title={title}>
        <Empty title="Trades are not for this API key">
          <p>They need the scope jobs:read.</p>
        </Empty>
      </Page>
    );
  const known = users.data?.users.map(({ user_id: id }) => id) ?? [];
  const chosen = user ?? remembered.get(tenant) ?? known[0];
  useEffect(() => {
    if (user) remembered.set(tenant, user);
  }, [user, tenant]);
  const options = [...new Set([...(chosen ? [chosen] : []), ...known])].map((id) => ({ value: id, label: id }));
  return (
    <Page
      title={title}
      actions={
        options.length > 0 && (
          <SelectField
            label="User"
            labelHidden
            value={chosen ?? ''}
            options={options}
            onChange={(id) => change({ user: id })}
          />
        )
      }
    >
      <ProblemNotice error={users.error} />
      {users.isPending && <Loading label="Loading" />}
      {users.data && (chosen ? children(chosen) : <FirstUser onChosen={(id) => change({ user: id })} />)}
    </Page>
  );
}

function FirstUser({ onChosen }: { onChosen: (id: string) => void }) {
  const [id, setId] = useState('');
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (id.trim() !== '') onChosen(id.trim());
  };
  return (
    <Empty title="Nobody has imported trades yet">
      <p>
        Name the first user, then import a file or connect an account. Any name that your system knows them by will do.
      </p>
      <form onSubmit={submit} className={styles.inline}>
        <TextField label="User" value={id} onChange={setId} required />
        <Button type="submit">Go on</Button>
      </form>
    </Empty>
  );
}
