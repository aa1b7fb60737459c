import { Link, useRouter } from '@tanstack/react-router';
import { Button } from '../components/button.js';
import { Page } from '../components/page.js';
import { ProblemNotice } from '../components/problem-notice.js';

/** A page that could not be loaded or broke. */
export function RouteFailure({ error }: { error: unknown }) {
  const router = useRouter();
  // After an upgrade the files that an old page knows are gone.
  const outdated = error instanceof TypeError && /import|module|fetch/i.test(error.message);
  return (
    <Page title="This page does not work">
      {outdated ? (
        <p role="alert">The console was upgraded, or the connection was lost. Reload the page.</p>
      ) : (
        <ProblemNotice error={error} />
      )}
      <Button onClick={() => (outdated ? window.location.reload() : void router.invalidate())}>
        {outdated ? 'Reload' : 'Try again'}
      </Button>
    </Page>
  );
}

export function NotFoundPage() {
  return (
    <Page title="There is no such page">
      <p>
        The address may be old or mistyped. <Link to="/jobs">All jobs</Link>
      </p>
    </Page>
  );
}
