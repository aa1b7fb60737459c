import { Link, Outlet, useNavigate } from '@tanstack/react-router';
import { Suspense, useEffect, useRef, useState } from 'react';
import { Button, PageLoading, ProblemNotice } from '../components/index.js';
import { ConnectionBadge, useLiveQueries } from '../live/index.js';
import { LoginPage } from './login-page.js';
import { PaletteButton } from '../palette/index.js';
import { PreferencesMenu } from './preferences-menu.js';
import { useSections } from '../navigation/index.js';
import { useSession, useSessionState } from '../session/index.js';
import styles from './shell.module.css';
import { Shortcuts } from './shortcuts.js';

/** What surrounds every page: the navigation, who is logged in, whether the page is live. */
export function Shell() {
  const { session, failure, retry } = useSessionState();
  if (failure)
    return (
      <main className={styles.outside}>
        <ProblemNotice error={failure} />
        <Button onClick={retry}>Try again</Button>
      </main>
    );
  if (session === undefined) return <PageLoading />;
  return session === null ? <LoginPage /> : <Inside />;
}

function Inside() {
  const [menuOpen, setMenuOpen] = useState(false);
  const main = useRef<HTMLElement>(null);
  const [paletteOpen, setPaletteOpen] = useState(false);
  const navigate = useNavigate();
  useLiveQueries();
  return (
    <div className={styles.shell}>
      <a
        className={styles.skip}
        href="#content"
        onClick={(event) => {
          event.preventDefault();
          main.current?.focus();
        }}
      >
        Skip to the content
      </a>
      <header className={styles.header}>
        <button
          type="button"
          className={styles.menuButton}
          aria-expanded={menuOpen}
          aria-controls="navigation"
          onClick={() => setMenuOpen(!menuOpen)}
        >
          Menu
        </button>
        <Link to="/" className={styles.brand}>
          Roundhouse
        </Link>
        <ConnectionBadge />
        <span className={styles.space} />
        <PaletteButton open={paletteOpen} onOpenChange={setPaletteOpen} />
        <Account />
      </header>
      <Navigation open={menuOpen} onChosen={() => setMenuOpen(false)} />
      <main id="content" ref={main} tabIndex={-1} className={styles.main}>
        <Suspense fallback={<PageLoading />}>
          <Outlet />
        </Suspense>
      </main>
      <Shortcuts go={(to) => void navigate({ to })} openPalette={() => setPaletteOpen(true)} />
    </div>
  );
}

function Navigation({ open, onChosen }: { open: boolean; onChosen: () => void }) {
  return (
    <nav id="navigation" aria-label="Console" className={styles.navigation} data-open={open || undefined}>
      {useSections()
        .filter(({ navigation }) => navigation.length > 0)
        .map(({ title, navigation }) => (
          <section key={title} aria-label={title}>
            <h2 className={styles.group}>{title}</h2>
            <ul>
              {navigation.map(({ to, label }) => (
                <li key={to}>
                  <Link to={to} onClick={onChosen} activeProps={{ 'aria-current': 'page' }}>
                    {label}
                  </Link>
                </li>
              ))}
            </ul>
          </section>
        ))}
    </nav>
  );
}

function Account() {
  const { tenant, name } = useSession();
  const { logOut } = useSessionState();
  const navigate = useNavigate();
  const [error, setError] = useState<unknown>();
  const leave = async () => {
    await logOut();
    // Whoever logs in next does not begin with what this one looked at.
    await navigate({ to: '/' });
  };
  useEffect(() => {
    if (error) window.setTimeout(() => setError(undefined), 8_000);
  }, [error]);
  return (
    <div className={styles.account}>
      <span className={styles.who} title={`API key ${name}`}>
        {tenant}
      </span>
      <PreferencesMenu />
      <Button variant="plain" onClick={() => void leave().catch(setError)}>
        Log out
      </Button>
      {error !== undefined && <ProblemNotice error={error} />}
    </div>
  );
}
