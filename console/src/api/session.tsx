// Who is logged in, read once when the page opens; the parts of the console ask here.
import { useQueryClient } from "@tanstack/react-query";
import { createContext, type ReactNode, useCallback, useContext, useEffect, useMemo, useRef, useState } from "react";
import {
  api,
  call,
  chooseRemedies,
  csrfToken,
  endSession,
  holdSession,
  refreshSession,
  type Schema,
  wantsFactor,
} from "./client";
import { type ApiProblem, asProblem } from "./problems";
import { dropPostponed, postpone } from "./risks";

export type Session = Schema<"ConsoleSession">;

interface Held {
  /** Nobody: null. Not known yet: undefined. */
  session: Session | null | undefined;
  /** Why it is not known who is logged in, though the service was asked. */
  problem: ApiProblem | null;
  /** Ask the service again. */
  retry: () => void;
  /**
   * Why a session has just ended by itself, for the login page to say so; while `session` is still there, its page is
   * kept open for a secret on it.
   */
  ended: Ending | null;
  /** Whom the page showed before another tab logged in as somebody else. */
  before: Session | null;
  /** Take over what a login, or the refreshed session, answered. */
  enter: (session: Session) => void;
  /** Take over a change of the session in force, which the pages shown go on with; one that has ended stays ended. */
  renew: (change: (present: Session) => Session) => void;
  /** End the session; one that has ended elsewhere is no error. */
  leave: () => Promise<void>;
}

/** It is over; or a second factor has come to be asked for. */
export type Ending = "over" | "factor";

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
  const [problem, setProblem] = useState<ApiProblem | null>(null);
  const [ended, setEnded] = useState<Ending | null>(null);
  const [before, setBefore] = useState<Session | null>(null);

  const who = useRef<Session | null>(null);
  const leaving = useRef(false);

  const enter = useCallback(
    (fresh: Session) => {
      // A fresh proof of the same person leaves what is shown as it is: a dialog may wait for the call that wanted it.
      if (who.current !== null && who.current.user.user_id !== fresh.user.user_id) queries.clear();
      dropPostponed();
      holdSession(true);
      setEnded(null);
      setSession(fresh);
    },
    [queries],
  );
  const forget = useCallback(
    (why: Ending | null) => {
      dropPostponed();
      holdSession(false);
      queries.clear();
      setEnded(why);
      setBefore(null);
      setSession(null);
    },
    [queries],
  );
  /** Do what takes the page away; while a secret stands on it that is shown this once, only say that it will. */
  const takeAway = useCallback((why: Ending, go: () => void) => {
    if (!leaving.current && postpone(go)) setEnded(why);
    else go();
  }, []);
  const renew = useCallback((change: (present: Session) => Session) => {
    setSession((present) => present && change(present));
  }, []);
  const replace = useCallback(
    (found: Session) => {
      const shown = who.current;
      setBefore((first) => first ?? shown);
      enter(found);
    },
    [enter],
  );
  const leave = useCallback(async () => {
    leaving.current = true;
    try {
      if (await endSession()) forget(null);
    } finally {
      leaving.current = false;
    }
  }, [forget]);

  const readAgain = useCallback(async () => {
    try {
      const shown = who.current;
      const found = await readSession();
      if (found && (shown === null || isOf(shown, found))) enter(found);
      else if (found) takeAway("over", () => replace(found));
      else takeAway("over", () => forget(shown && !leaving.current ? "over" : null));
      return found;
    } catch (error) {
      if (!wantsFactor(asProblem(error))) throw error;
      takeAway("factor", () => forget("factor"));
      return null;
    }
  }, [enter, forget, replace, takeAway]);
  const sessionChanged = useCallback(async () => {
    const shown = who.current;
    const found = await readAgain();
    return found !== null && isOf(shown, found);
  }, [readAgain]);

  useEffect(() => {
    const signedOut = (forFactor = false) => {
      const why = forFactor ? "factor" : "over";
      takeAway(why, () => forget(why));
    };
    chooseRemedies({ reauthenticate: askForProof, signedOut, sessionChanged });
  }, [askForProof, forget, takeAway, sessionChanged]);
  const retry = useCallback(() => {
    setProblem(null);
    readAgain().catch((error: unknown) => setProblem(asProblem(error)));
  }, [readAgain]);
  useEffect(retry, [retry]);
  useEffect(() => {
    if (session !== undefined) who.current = session;
  }, [session]);

  const held = useMemo(
    () => ({ session, problem, retry, ended, before, enter, renew, leave }),
    [session, problem, retry, ended, before, enter, renew, leave],
  );
  return <Holding value={held}>{children}</Holding>;
}

function isOf(shown: Session | null, { user }: Session): boolean {
  return shown?.user.user_id === user.user_id;
}

async function readSession(): Promise<Session | null> {
  if (csrfToken() === "") return null; // it stands beside the session's cookies, which no script can see
  try {
    return await call(api.GET("/api/v1/console/session"));
  } catch (error) {
    if (wantsFactor(asProblem(error))) throw error; // which a refresh does not give
    const { status } = asProblem(error);
    if (status === 0 || status === 429 || status >= 500) throw error; // which says nothing of the session
    if (status !== 401 || !(await renewed())) return null;
    return call(api.GET("/api/v1/console/session"));
  }
}

/** Whether the session has new tokens; one that the service refuses for now is shown by nobody's page. */
async function renewed(): Promise<boolean> {
  try {
    return await refreshSession();
  } catch (error) {
    if (asProblem(error).status === 403) return false;
    throw error;
  }
}
