import { Link, useRouter } from '@tanstack/react-router';
import { Button, Page, ProblemNotice } from '../components/index.js';

/** Scripts and styles of a page; after an upgrade those that an old page knows are gone. Each browser says it in its own words. */
function isOfLoading(error: unknown): boolean {
  return (
    error instanceof Error && /preload css|dynamically imported|importing a module|failed to fetch/i.test(error.message)
  );
}

/** A page that could not be loaded or broke. */
export function RouteFailure({ error }: { error: unknown }) {
  const router = useRouter();
  const notLoaded = isOfLoading(error);
  return (
    <Page title="This page does not work">
      {notLoaded ? (
        <p role="alert">
          Its files did not come: the connection was lost, or the console was upgraded meanwhile. Reload it when you are
          online.
        </p>
      ) : (
        <ProblemNotice error={error} />
      )}
      <p>
        <Button onClick={() => (notLoaded ? window.location.reload() : void router.invalidate())}>
          {notLoaded ? 'Reload' : 'Try again'}
        </Button>
      </p>
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
