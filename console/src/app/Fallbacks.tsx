// Pages for addresses that lead nowhere and for faults of the console itself.
import { isRouteErrorResponse, useRouteError } from "react-router";
import { useSession } from "@/api/session";
import { Button, TextLink } from "@/design/Button";
import { Page } from "@/design/Page";
import { texts } from "@/texts";
import { firstOf } from "./navigation";

/** What an address that leads nowhere shows. */
export function NotFound() {
  return (
    <Page title={texts.common.notFoundTitle} lead={texts.common.notFound}>
      <p>
        <TextLink to="/">{texts.common.home}</TextLink>
      </p>
    </Page>
  );
}

/** What is shown instead of a page that the person's role does not allow: whom to ask, and where it can go. */
export function NotAllowed() {
  const session = useSession();
  const start = firstOf(session);
  const words = texts.common.notAllowed;
  return (
    <Page title={words.title} lead={words.lead(session.user.role, session.client.client_name)}>
      <p>
        <TextLink to={start.to}>{words.goTo(start.text)}</TextLink>
      </p>
    </Page>
  );
}

/** What is shown instead of a page that broke, or whose code could not be fetched. */
export function Broken() {
  const error = useRouteError();
  if (isRouteErrorResponse(error) && error.status === 404) return <NotFound />;
  return (
    <div className="mx-auto max-w-xl px-4 py-14">
      <Page title={texts.common.brokenTitle} lead={texts.common.broken}>
        <div>
          <Button look="primary" onClick={() => location.reload()}>
            {texts.common.reload}
          </Button>
        </div>
      </Page>
    </div>
  );
}
