import { createContext, useCallback, useContext, useEffect, useMemo, useState, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { api, ApiError, setCsrfToken, whenUnauthenticated, type Session } from '../api/index.js';
import { liveStream } from '../live/index.js';

interface SessionState {
  /** Undefined while it is being asked for; null: nobody is logged in. */
  session: Session | null | undefined;
  /** Why it could not be asked for. */
  failure: ApiError | undefined;
  logIn(apiKey: string): Promise<void>;
  logOut(): Promise<void>;
  retry(): void;
}

const SessionContext = createContext<SessionState | undefined>(undefined);

/** Scopes that others bring along; the gateway decides, this only hides what it would refuse. */
const implied: Record<string, readonly string[]> = {
  'jobs:read': ['jobs:view', 'payloads:read', 'logs:read'],
  'payloads:read': ['logs:read'],
};

export function SessionProvider({ children }: { children: ReactNode }) {
  const [session, setSession] = useState<Session | null>();
  const [failure, setFailure] = useState<ApiError>();
  const queries = useQueryClient();

  const take = useCallback(
    (next: Session | null) => {
      setCsrfToken(next?.csrf_token);
      setSession(next);
      if (next) liveStream.start();
      else {
        liveStream.stop();
        queries.clear();
      }
    },
    [queries],
  );

  const ask = useCallback(() => {
    setFailure(undefined);
    api.get<Session>('/v1/session').then(take, (error: ApiError) => {
      if (error.status === 401) take(null);
      else setFailure(error);
    });
  }, [take]);

  useEffect(() => {
    whenUnauthenticated(() => take(null));
    ask();
    // A stream cannot say that it was refused; a request can.
    return liveStream.onState((state) => {
      if (state === 'reconnecting') api.get('/v1/session').catch(() => undefined);
    });
  }, [ask, take]);

  const state = useMemo<SessionState>(
    () => ({
      session,
      failure,
      retry: ask,
      logIn: async (apiKey) => take(await api.post<Session>('/v1/session', { api_key: apiKey })),
      logOut: async () => {
        await api.delete('/v1/session');
        take(null);
      },
    }),
    [session, failure, ask, take],
  );
  return <SessionContext value={state}>{children}</SessionContext>;
}

export function useSessionState(): SessionState {
  const state = useContext(SessionContext);
  if (!state) throw new Error('useSession needs a SessionProvider above');
  return state;
}

/** The session of a page: pages are only shown to those who are logged in. */
export function useSession(): Session & { allows(scope: string): boolean } {
  const { session } = useSessionState();
  if (!session) throw new Error('Nobody is logged in');
  return useMemo(() => ({ ...session, allows: (scope) => allows(session.scopes, scope) }), [session]);
}

function allows(scopes: readonly string[], wanted: string): boolean {
  return scopes.some((scope) => scope === wanted || scope === 'admin' || implied[scope]?.includes(wanted));
}
