// Who is logged in, read once when the page opens; the parts of the console ask here.
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import { api, call, chooseRemedies, csrfToken, refreshSession, type Schema } from "./client";
import { ApiProblem } from "./problems";

export type Session = Schema<"ConsoleSession">;

interface Held {
  /** Nobody: null. Not known yet: undefined. */
  session: Session | null | undefined;
  /** Whether a session has just ended by itself, for the login page to say so. */
  ended: boolean;
  /** Take over what a login, or the refreshed session, answered. */
  enter: (session: Session) => void;
  /** Take over a change of the session that the pages shown go on with. */
  renew: (session: Session) => void;
  /** End the session. */
  leave: () => Promise<void>;
}

const Holding = createContext<Held | null>(null);

/** Return who is logged in, if anyone, and how to log in and out. */
export function useSessionState(): Held {
  const held = useContext(Holding);
  if (held === null) throw new Error("outside of SessionProvider");
  return held;
}

/** Return the session; only pages behind the login may ask. */
export function useSession(): Session {
  const { session } = useSessionState();
  if (!session) throw new Error("this page is for people who are logged in");
  return session;
}

/** The id of the client whose data the pages show: that of the person logged in. */
export function useClientId(): string {
  return useSession().client.client_id;
}

/** Whether the person's role may do what a scope stands for. */
export function may(session: Session, scope: string): boolean {
  return session.scopes.includes(scope);
}

/** Reads the session when the page opens and keeps it; `askForProof` proves anew who it is (a fresh login). */
export function SessionProvider({
  askForProof,
  children,
}: {
  askForProof: () => Promise<boolean>;
  children: ReactNode;
}) {
  const queries = useQueryClient();
  const [session, setSession] = useState<Session | null | undefined>(undefined);
  const [ended, setEnded] = useState(false);

  const who = useRef<string | null>(null);

  const enter = useCallback(
    (fresh: Session) => {
      // A fresh proof of the same person leaves what is shown as it is: a dialog may wait for the call that wanted it.
      if (who.current !== null && who.current !== fresh.user.user_id) queries.clear();
      setEnded(false);
      setSession(fresh);
    },
    [queries],
  );
  const forget = useCallback(
    (byItself: boolean) => {
      queries.clear();
      setEnded(byItself);
      setSession(null);
    },
    [queries],
  );
  const leave = useCallback(async () => {
    await call(api.DELETE("/api/v1/console/session"));
    forget(false);
  }, [forget]);

  useEffect(() => {
    chooseRemedies({ reauthenticate: askForProof, signedOut: () => forget(true) });
  }, [askForProof, forget]);
  useEffect(() => {
    void readSession().then(setSession, () => setSession(null));
  }, []);
  useEffect(() => {
    if (session !== undefined) who.current = session?.user.user_id ?? null;
  }, [session]);

  const held = useMemo(() => ({ session, ended, enter, renew: setSession, leave }), [session, ended, enter, leave]);
  return <Holding value={held}>{children}</Holding>;
}

async function readSession(): Promise<Session | null> {
  if (csrfToken() === "") return null; // it stands beside the session's cookies, which no script can see
  try {
    return await call(api.GET("/api/v1/console/session"));
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.status !== 401 || !(await refreshSession())) return null;
    return call(api.GET("/api/v1/console/session"));
  }
}
