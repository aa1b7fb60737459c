import { useState, type FormEvent } from 'react';
import { Button, ProblemNotice, TextField } from '../components/index.js';
import styles from './login-page.module.css';
import { useSessionState } from '../session/index.js';

export function LoginPage() {
  const { logIn } = useSessionState();
  const [key, setKey] = useState('');
  const [error, setError] = useState<unknown>();
  const [busy, setBusy] = useState(false);

  const submit = (event: FormEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    logIn(key)
      .catch(setError)
      .finally(() => setBusy(false));
  };
  return (
    <main className={styles.page}>
      <form className={styles.form} onSubmit={submit}>
        <h1>Roundhouse</h1>
        <TextField
          label="API key"
          type="password"
          name="api-key"
          autoComplete="current-password"
          placeholder="rh_…"
          value={key}
          onChange={setKey}
          required
          autoFocus
        />
        <ProblemNotice error={error} />
        <Button type="submit" variant="primary" disabled={busy || key.trim() === ''}>
          {busy ? 'Logging in …' : 'Log in'}
        </Button>
        <p className={styles.hint}>
          <code>./roundhouse up</code> says where the key of this installation is;{' '}
          <code>node apps/gateway/dist/api-key.js create</code> makes further ones. The key itself is not kept in the
          browser.
        </p>
      </form>
    </main>
  );
}
