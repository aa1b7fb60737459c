import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import './platform/app/theme.css';
import { ApiError } from './platform/api/client.js';
import { applyTheme } from './platform/preferences/preferences.js';
import { createConsoleRouter } from './platform/app/router.js';
import { SessionProvider } from './platform/session/session.js';
import { Announcer } from './platform/components/announcer.js';

applyTheme();

const queries = new QueryClient({
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
const router = createConsoleRouter();

createRoot(document.getElementById('root') as HTMLElement).render(
  <StrictMode>
    <QueryClientProvider client={queries}>
      <Announcer>
        <SessionProvider>
          <RouterProvider router={router} />
        </SessionProvider>
      </Announcer>
    </QueryClientProvider>
  </StrictMode>,
);
