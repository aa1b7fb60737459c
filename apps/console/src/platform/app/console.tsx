import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './theme.css';
import { ApiError } from '../api/index.js';
import { Announcer } from '../components/index.js';
import { inOrder, Sections, type Section } from '../navigation/index.js';
import * as pages from '../pages/index.js';
import { applyTheme } from '../preferences/index.js';
import { SessionProvider } from '../session/index.js';
import { createConsoleRouter } from './router.js';

const createQueries = () =>
  new QueryClient({
    defaultOptions: {
      queries: {
        // Live events patch what is shown; this is for what they do not reach.
        staleTime: 15_000,
        refetchOnWindowFocus: false,
        // Only what may go better next time.
        retry: (count, error) => count < 2 && !(error instanceof ApiError && error.status >= 400 && error.status < 500),
      },
    },
  });

/** Shows the console: the platform's sections and those of the workloads. */
export function startConsole(workloads: readonly Section[]): void {
  applyTheme();
  const sections = inOrder([...Object.values(pages), ...workloads]);
  const router = createConsoleRouter(sections);
  createRoot(document.getElementById('root') as HTMLElement).render(
    <StrictMode>
      <QueryClientProvider client={createQueries()}>
        <Announcer>
          <SessionProvider>
            <Sections value={sections}>
              <RouterProvider router={router} />
            </Sections>
          </SessionProvider>
        </Announcer>
      </QueryClientProvider>
    </StrictMode>,
  );
}
