// Which page stands inside of what, and who gets to see it; the code of a page is fetched when it is first opened.
import { useEffect, useState } from "react";
import { createBrowserRouter, Navigate, Outlet, useLocation } from "react-router";
import { useSession, useSessionState } from "@/api/session";
import { loginPath } from "@/api/slugs";
import { Loading } from "@/design/Feedback";
import { LeaveKeeper } from "@/design/LeaveGuard";
import { Page } from "@/design/Page";
import { ProblemNotice } from "@/design/ProblemNotice";
import { holdRouter } from "@/design/underway";
import { texts } from "@/texts";
import { AnotherPerson } from "./AnotherPerson";
import { Broken, NotAllowed, NotFound } from "./Fallbacks";
import { Layout } from "./Layout";
import { firstOf, mayOpen } from "./navigation";
import { Plain, PlainFrame } from "./Plain";
import { BEFORE_LOGIN, FOR_EVERYBODY, FOR_OPERATORS } from "./pages";

/** Return the router of the console. */
export function newRouter() {
  const router = createBrowserRouter(
    [
      {
        Component: AllPages,
        errorElement: <Broken />,
        hydrateFallbackElement: <Waiting />,
        children: [
          { path: "/", Component: Start },
          { Component: Plain, children: BEFORE_LOGIN },
          {
            Component: MembersOnly,
            children: [
              {
                Component: Layout,
                children: [
                  {
                    errorElement: <Broken />,
                    children: [
                      { Component: AllowedOnly, children: FOR_EVERYBODY },
                      { Component: OperatorsOnly, children: FOR_OPERATORS },
                      { path: "*", Component: NotFound },
                    ],
                  },
                ],
              },
            ],
          },
        ],
      },
    ],
    { basename: "/console" },
  );
  holdRouter(router);
  return router;
}

function AllPages() {
  return (
    <LeaveKeeper>
      <Outlet />
    </LeaveKeeper>
  );
}

function Start() {
  const { session } = useSessionState();
  if (session === undefined) return <Waiting />;
  return <Navigate to={session === null ? "/login" : firstOf(session).to} replace />;
}

/** Sends whoever is not logged in to the login of the client they were at, and from there back to the page wanted. */
function MembersOnly() {
  const { session, ended, before } = useSessionState();
  const { pathname, search } = useLocation();
  const [client, setClient] = useState("");
  useEffect(() => {
    if (session) setClient(session.client.slug);
  }, [session]);
  if (session === undefined) return <Waiting />;
  if (session && before) return <AnotherPerson before={before} now={session} />;
  if (session) return <Outlet />;
  const loggedOut = client !== "" && ended === null; // whoever comes next need not land where this one was
  return <Navigate to={loginPath({ client, next: loggedOut ? "" : pathname + search })} replace />;
}

/** A page opened by its address may be one that the person's menu does not name. */
function AllowedOnly() {
  return mayOpen(useSession(), useLocation().pathname) ? <Outlet /> : <NotAllowed />;
}

function OperatorsOnly() {
  return useSessionState().session?.is_operator ? <Outlet /> : <NotFound />;
}

/** Until it is known who is logged in; where the service does not tell, why, with a second try. */
function Waiting() {
  const { problem, retry } = useSessionState();
  if (problem) {
    return (
      <PlainFrame>
        <Page title={texts.common.unopened}>
          <ProblemNotice problem={problem} onRetry={retry} />
        </Page>
      </PlainFrame>
    );
  }
  return (
    <div className="mx-auto max-w-xl px-4 py-14">
      <Loading lines={4} />
    </div>
  );
}
