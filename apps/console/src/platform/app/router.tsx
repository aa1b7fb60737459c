import {
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
  type AnyRoute,
} from '@tanstack/react-router';
import { Shell } from './shell.js';
import type { Section } from '../navigation/index.js';
import { NotFoundPage, RouteFailure } from './route-failure.js';
import { PageLoading } from '../components/index.js';

/** Every section's pages under the shell. */
export function createConsoleRouter(sections: readonly Section[]) {
  const root = createRootRoute({ component: Shell, notFoundComponent: NotFoundPage });
  const home = createRoute({
    getParentRoute: () => root,
    path: '/',
    beforeLoad: () => {
      throw redirect({ to: sections[0]?.navigation[0]?.to ?? '/jobs', replace: true });
    },
  });
  const pages = sections.flatMap((section) =>
    section.pages.map(({ path, load }) =>
      createRoute({
        getParentRoute: () => root,
        path,
        component: lazyRouteComponent(load),
        pendingComponent: PageLoading,
        errorComponent: RouteFailure,
      }),
    ),
  );
  return createRouter({
    routeTree: root.addChildren([home, ...pages] as AnyRoute[]),
    // Text stays text in the URL: "1e5" is a search for 1e5.
    parseSearch: (search) => Object.fromEntries(new URLSearchParams(search)),
    stringifySearch: (search) => {
      const entries = Object.entries(search).filter(([, value]) => value !== undefined && value !== '');
      const text = new URLSearchParams(entries.map(([name, value]) => [name, String(value)])).toString();
      return text === '' ? '' : `?${text}`;
    },
    defaultPreload: 'intent',
    scrollRestoration: true,
  });
}
